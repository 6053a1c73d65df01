"""Procedural surfaces."""

import numpy as np

from mobilevos.data.textures import noise, palette, texture


def test_noise_is_centred_and_of_the_asked_scale() -> None:
    coarse, fine = (
        np.stack([noise(np.random.default_rng(seed), 128, cell, 0.5) for seed in range(30)]) for cell in (64, 6)
    )
    for field in (coarse, fine):
        assert field.dtype == np.float32
        assert abs(field.mean()) < 0.15
        assert 0.7 < field.std() < 1.3
    assert np.abs(np.diff(fine, axis=1)).mean() > 2 * np.abs(np.diff(coarse, axis=1)).mean()


def test_palettes_and_textures_are_diverse() -> None:
    surfaces, steps = [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        colours = palette(rng)
        assert colours.shape == (256, 1, 3)
        assert colours.dtype == np.uint8
        steps.append(len(np.unique(colours[:, 0], axis=0)))
        surface = texture(rng, 96, colours)
        assert surface.shape == (96, 96, 3)
        assert surface.dtype == np.uint8
        surfaces.append(surface)
    assert sum(count <= 6 for count in steps) > 10  # in steps
    assert sum(count > 30 for count in steps) > 10  # smooth
    means, contrasts = (np.array(v) for v in zip(*((s.mean(), s.std()) for s in surfaces), strict=True))
    assert means.std() > 30
    assert np.median(contrasts) > 15
