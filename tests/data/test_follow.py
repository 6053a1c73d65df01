"""Clips cropped around their objects."""

from pathlib import Path

import numpy as np
import pytest

from mobilevos.data.follow import SPACE, follow
from mobilevos.data.mix import ClipMix
from mobilevos.data.types import IGNORE, Clip
from mobilevos.errors import InputError

SIZE = 128
FULL = round(SPACE * SIZE)


def square(left: int, top: int, side: int) -> np.ndarray:
    """(FULL, FULL) uint8 label map of a square, which may lie outside."""
    labels = np.zeros((FULL, FULL), np.uint8)
    labels[top : top + side, left : left + side] = 1
    return labels


def clip_of(*labels: np.ndarray) -> Clip:
    """A clip whose pictures are the masks: white objects on black."""
    stack = np.stack(labels)
    return Clip(np.repeat(np.where(stack == 1, np.uint8(255), np.uint8(0))[..., None], 3, -1), stack, (1,))


def centre(labels: np.ndarray) -> np.ndarray:
    return np.argwhere(labels == 1).mean(0)


def test_a_small_object_is_enlarged_and_stays_in_the_middle() -> None:
    clip = clip_of(*(square(10 + 35 * t, 20 + 30 * t, 30) for t in range(5)))
    for seed in range(10):
        seen = follow(np.random.default_rng(seed), clip, SIZE)
        assert seen.frames.shape == (5, SIZE, SIZE, 3)
        assert seen.labels.shape == (5, SIZE, SIZE)
        for labels in seen.labels[1:4]:  # the first and the last one are near the border
            assert np.abs(centre(labels) - SIZE / 2).max() < SIZE / 4
            # A crop is SIZE / SPACE pixels at least: the object has SPACE times its size at most.
            assert (labels == 1).sum() == pytest.approx((SPACE * 30) ** 2, rel=0.7)
            assert (labels == 1).any(0).sum() > 30


def test_pictures_and_masks_stay_together() -> None:
    clip = clip_of(*(square(20 + 9 * t, 60, 50) for t in range(4)))
    seen = follow(np.random.default_rng(3), clip, SIZE)
    white = seen.frames[..., 0] > 127
    assert (white != (seen.labels == 1)).mean() < 0.02


def test_a_large_object_is_seen_whole() -> None:
    clip = clip_of(*(square(16, 10, 160),) * 3)
    for seed in range(10):
        seen = follow(np.random.default_rng(seed), clip, SIZE)
        assert (seen.labels == 1).mean() == pytest.approx((160 / FULL) ** 2, rel=0.35)


def test_the_view_waits_where_the_object_was_last_seen() -> None:
    clip = clip_of(square(20, 20, 40), square(20, 20, 40), square(FULL, FULL, 40))
    marked = clip.frames.copy()
    marked[2, 20:60, 20:60] = 255
    seen = follow(np.random.default_rng(1), Clip(marked, clip.labels, (1,)), SIZE)
    assert not (seen.labels[2] == 1).any()
    assert (seen.frames[2] > 127).mean() == pytest.approx((seen.frames[1] > 127).mean(), rel=0.01)


def test_unknown_pixels_are_no_object() -> None:
    labels = square(40, 40, 30)
    labels[:, 150:] = IGNORE
    seen = follow(np.random.default_rng(0), clip_of(labels, labels), SIZE)
    assert (seen.labels[0] == 1).mean() > 0.05  # had the view to hold the unknown, it would be the whole frame: 0.024


def test_the_mix_follows_a_share_of_its_clips(data_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    followed = ClipMix.from_folder(data_root, size=64, followed_fraction=1.0)
    clip = followed.draw(5)
    assert clip.frames.shape == (3, 64, 64, 3)
    np.testing.assert_array_equal(clip.labels, followed.draw(5).labels)
    sizes: list[int] = []
    monkeypatch.setattr("mobilevos.data.mix.render", lambda _rng, _frames, size, _objects: sizes.append(size))
    monkeypatch.setattr("mobilevos.data.mix.follow", lambda _rng, _clip, size: sizes.append(-size))
    mix = ClipMix.from_folder(None, rendered_fraction=1.0, size=64, followed_fraction=0.3)
    for index in range(1000):
        mix.draw(index)
    assert sizes.count(round(64 * SPACE)) == sizes.count(-64)
    assert sizes.count(64) == 1000 - sizes.count(-64)
    assert 250 < sizes.count(-64) < 350
    with pytest.raises(InputError, match=r"followed fraction is 1\.5"):
        ClipMix.from_folder(data_root, followed_fraction=1.5)
