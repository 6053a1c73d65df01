"""Rendered clips."""

import numpy as np
import pytest
from clip_form import assert_form

from mobilevos.data.rendered import render
from mobilevos.data.types import Clip


@pytest.fixture(scope="module")
def clips() -> list[Clip]:
    return [render(np.random.default_rng(seed), 4, 96, max_objects=3) for seed in range(60)]


def test_clips_have_the_promised_form(clips: list[Clip]) -> None:
    assert_form(clips, 4, 96, 0)  # all is known


def test_clips_are_diverse_and_move(clips: list[Clip]) -> None:
    assert {len(clip.objects) for clip in clips} == {1, 2, 3}
    areas = [(clip.labels[0] == 1).mean() for clip in clips]
    assert max(areas) > 10 * min(areas)
    assert np.median([(clip.labels[0] != clip.labels[-1]).mean() for clip in clips]) > 0.02
    assert np.median([np.abs(np.diff(clip.frames.astype(int), axis=0)).mean() for clip in clips]) > 5
    means = np.array([clip.frames.mean((0, 1, 2)) for clip in clips])
    assert means.std(axis=0).min() > 25
    assert np.median([clip.frames[0].std(axis=(0, 1)).mean() for clip in clips]) > 20


def test_objects_hide_one_another(clips: list[Clip]) -> None:
    """Some targets lose most of what they show in the first frame, or gain as much."""
    ratios = [(clip.labels[-1] == 1).sum() / (clip.labels[0] == 1).sum() for clip in clips]
    assert min(ratios) < 0.5
    assert max(ratios) > 1.5
    assert 0.7 < np.median(ratios) < 1.4


def test_labels_end_where_the_picture_changes(clips: list[Clip]) -> None:
    """Across the outline of an object colours differ more than just beside it."""
    across, beside = [], []
    for clip in clips:
        labels, grey = clip.labels[0].astype(int), clip.frames[0].mean(axis=2)
        step = np.abs(grey[:, 2:] - grey[:, :-2])
        edge = labels[:, 2:] != labels[:, :-2]
        near = np.zeros_like(edge)
        near[:, 5:-5] = edge[:, 10:] | edge[:, :-10]
        across.append(step[edge].mean())
        beside.append(step[near & ~edge].mean())
    assert np.median(np.divide(across, beside)) > 1.5


def test_same_seed_same_clip() -> None:
    first, second, other = (render(np.random.default_rng(s), 3, 64) for s in (5, 5, 6))
    np.testing.assert_array_equal(first.frames, second.frames)
    np.testing.assert_array_equal(first.labels, second.labels)
    assert not np.array_equal(first.frames, other.frames)


def test_one_frame_and_long_clips() -> None:
    assert render(np.random.default_rng(0), 1, 64).labels.shape == (1, 64, 64)
    assert render(np.random.default_rng(0), 25, 64, 5).labels.shape == (25, 64, 64)
