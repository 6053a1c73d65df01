"""The camera model."""

import numpy as np

from mobilevos.data.appearance import add_noise, film, matching_tones, streak, tone_tables


def test_film_changes_colours_but_not_the_scene() -> None:
    shape = (3, 48, 64, 3)
    scene = np.broadcast_to(np.linspace(20, 230, 64)[:, None].astype(np.uint8), shape)
    for seed in range(30):
        shot = film(np.random.default_rng(seed), scene.copy())
        assert shot.shape == shape
        assert shot.dtype == np.uint8
        assert not np.array_equal(shot, scene)
        assert np.corrcoef(shot.ravel(), scene.ravel())[0, 1] > 0.9


def test_tones_rise_with_the_input() -> None:
    for seed in range(20):
        tables = tone_tables(np.random.default_rng(seed), 4)
        assert tables.shape == (4, 1, 256, 3)
        assert (np.diff(tables.astype(int), axis=2) >= 0).all()


def test_matching_tones_move_an_object_to_the_scene() -> None:
    rng = np.random.default_rng(0)
    scene = rng.normal((60, 120, 180), 20, (64, 64, 3)).clip(0, 255).astype(np.uint8)
    dark = rng.normal(90, 20, (64, 64, 3)).clip(0, 255).astype(np.uint8)
    mask = np.full((64, 64), 255, np.uint8)
    table = matching_tones(dark, mask, scene, strength=1)[0]
    matched = np.stack([table[dark[..., c], c] for c in range(3)], axis=-1)
    np.testing.assert_allclose(matched.mean((0, 1)), [60, 120, 180], atol=6)
    kept = matching_tones(dark, mask, scene, strength=0)[0]
    np.testing.assert_array_equal(kept, np.arange(256)[:, None].repeat(3, 1))


def test_streak_blurs_along_the_motion_only() -> None:
    dot = np.zeros((21, 21, 4), np.uint8)
    dot[10, 10] = 255
    blurred = streak(dot, np.array([8.0, 0.0]))[..., 0]
    assert np.flatnonzero(blurred.any(axis=0)).size >= 7
    assert blurred[10].sum() > 0.65 * blurred.sum()
    assert np.flatnonzero(blurred.any(axis=1)).tolist() == [9, 10, 11]  # the line is anti-aliased
    assert abs(int(blurred.sum()) - 255) < 10
    assert streak(dot, np.array([1.0, 0.5])) is dot


def test_noise_has_the_asked_strength() -> None:
    frame = np.full((128, 128, 3), 128, np.uint8)
    add_noise(np.random.default_rng(0), frame, 5)
    assert 4.5 < frame.std() < 5.5
    assert 127 < frame.mean() < 129
