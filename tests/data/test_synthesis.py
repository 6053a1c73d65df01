"""Synthetic clips as a whole."""

from pathlib import Path

import numpy as np
import pytest
from clip_form import assert_form
from PIL import Image

from mobilevos.data.layouts import find
from mobilevos.data.stills import StillSet
from mobilevos.data.synthesis import synthesise
from mobilevos.data.types import Clip


def stills_in(root: Path) -> StillSet:
    return StillSet(find(root).stills)


@pytest.fixture(scope="module")
def clips(data_root: Path) -> list[Clip]:
    stills = stills_in(data_root / "stills")
    return [synthesise(np.random.default_rng(seed), stills, 4, 96, max_objects=3) for seed in range(40)]


def test_clips_have_the_promised_form(clips: list[Clip]) -> None:
    assert_form(clips, 4, 96, 0, 255)


def test_clips_are_diverse(clips: list[Clip]) -> None:
    assert {len(clip.objects) for clip in clips} == {1, 2, 3}
    moved = [(clip.labels[0] != clip.labels[-1]).mean() for clip in clips]
    assert np.median(moved) > 0.01
    areas = [(clip.labels[0] == 1).mean() for clip in clips]
    assert max(areas) > 10 * min(areas)


def test_one_frame_is_enough(data_root: Path) -> None:
    stills = stills_in(data_root / "stills/own")
    for seed in range(10):
        assert synthesise(np.random.default_rng(seed), stills, 1, 64).labels.shape == (1, 64, 64)


def test_same_seed_same_clip(data_root: Path) -> None:
    stills = stills_in(data_root / "stills/own")
    first, second, other = (synthesise(np.random.default_rng(s), stills, 3, 64) for s in (5, 5, 6))
    np.testing.assert_array_equal(first.frames, second.frames)
    np.testing.assert_array_equal(first.labels, second.labels)
    assert not np.array_equal(first.frames, other.frames)


def test_labels_follow_the_pixels(tmp_path: Path) -> None:
    """Objects that are bright on dark ground must be bright exactly where they are labelled."""
    (tmp_path / "images").mkdir()
    (tmp_path / "masks").mkdir()
    mask = np.zeros((96, 120), np.uint8)
    mask[30:70, 40:80] = 1
    Image.fromarray(40 + 160 * mask).convert("RGB").save(tmp_path / "images/a.png")
    Image.fromarray(mask).save(tmp_path / "masks/a.png")
    stills = stills_in(tmp_path)
    for seed in range(20):
        clip = synthesise(np.random.default_rng(seed), stills, 5, 96, max_objects=9)
        for frame, labels in zip(clip.frames, clip.labels, strict=True):
            grey = frame.mean(axis=2)
            ground = grey[labels == 0]
            inside = grey[(labels > 0) & (labels < 255)]
            if min(ground.size, inside.size) > 200:
                assert np.median(inside) > np.median(ground) + 40
