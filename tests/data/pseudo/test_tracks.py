"""Objects that tracker and teacher hold together, on frames that the shipped network really tracks."""

import numpy as np
import pytest
from pseudo_scenes import BLUE, RED, ColourView, scene

import mobilevos
from mobilevos.data.pseudo.agreement import iou
from mobilevos.data.pseudo.tracks import hold, track_both_ways


@pytest.fixture(scope="module")
def tracker() -> mobilevos.Tracker:
    return mobilevos.Tracker(mode="best", threads=1)


def frames(count: int) -> list[np.ndarray]:
    return [scene((10 + 2 * t, 20, RED), (110 - 2 * t, 70, BLUE)) for t in range(count)]


def truth(frame: np.ndarray) -> np.ndarray:
    return ((frame == RED).all(-1) + 2 * (frame == BLUE).all(-1)).astype(np.uint8)


def test_objects_are_held_to_both_ends(tracker: mobilevos.Tracker) -> None:
    video = frames(13)
    first, labels = track_both_ways(video, 6, truth(video[6]), ColourView, tracker)
    assert first == 0
    assert len(labels) == 13
    for frame, seen in zip(video, labels, strict=True):
        assert all(iou(seen == i, truth(frame) == i) > 0.85 for i in (1, 2))
        assert set(np.unique(seen)) == {0, 1, 2}


def test_an_object_that_the_teacher_does_not_see_is_unknown(tracker: mobilevos.Tracker) -> None:
    video = frames(9)
    _, labels = track_both_ways(video, 4, truth(video[4]), lambda frame: ColourView(frame, blind_to=BLUE), tracker)
    assert len(labels) == 9
    for frame, seen in zip(video, labels, strict=True):
        assert set(np.unique(seen)) == {0, 1, 255}
        assert (seen[truth(frame) == 2] == 255).mean() > 0.9
        assert iou(seen == 1, truth(frame) == 1) > 0.85


def test_nothing_is_left_where_nothing_is_sure(tracker: mobilevos.Tracker) -> None:
    video = [np.where((f == BLUE).all(-1, keepdims=True), scene(), f) for f in frames(9)]
    _, labels = track_both_ways(video, 4, truth(video[4]), lambda frame: ColourView(frame, blind_to=RED), tracker)
    assert len(labels) < 2


def test_an_object_that_disappears_is_unknown_at_both_ends(tracker: mobilevos.Tracker) -> None:
    video = [scene((10 + 2 * t, 20, RED), *([(110, 70, BLUE)] if t < 8 else [])) for t in range(13)]
    first, labels = track_both_ways(video, 6, truth(video[6]), ColourView, tracker)
    assert first == 0
    assert len(labels) == 13
    assert not any((seen == 2).any() for seen in labels)
    assert all((seen == 1).any() for seen in labels)
    assert all((seen[70:102, 110:142] == 255).mean() > 0.9 for seen in labels[:7])


def test_labels_end_with_the_last_object(tracker: mobilevos.Tracker) -> None:
    video = [*frames(6), *([scene()] * 7)]
    held = hold(video, truth(video[0]), ColourView, tracker)
    assert held.vanished == {1, 2}
    assert len(held.labels) <= 6


def test_an_object_that_leaves_the_frame_is_known_to_be_gone(tracker: mobilevos.Tracker) -> None:
    video = [scene((10 + t, 20, RED), (88 + 4 * t, 70, BLUE)) for t in range(25)]
    first, labels = track_both_ways(video, 8, truth(video[8]), ColourView, tracker)
    assert first == 0
    assert len(labels) == 25
    assert not any((seen == 255).any() for seen in labels)
    assert all((seen == 2).any() for seen in labels[:16])
    assert all((seen == 2).mean() < 0.002 for seen in labels[19:])


class Forgetful:
    """Follows the truth, but on its way back it takes the ground for the blue object between frames 4 and 8."""

    def __init__(self, video: list[np.ndarray]) -> None:
        self._video, self._forward = video, True

    def start(self, frame: np.ndarray, mask: np.ndarray) -> np.ndarray:
        self._forward = frame is self._video[0]
        return mask

    def step(self, frame: np.ndarray) -> np.ndarray:
        number = next(t for t, other in enumerate(self._video) if other is frame)
        return np.where((truth(frame) == 2) & (not self._forward and 4 <= number < 8), 0, truth(frame)).astype(np.uint8)

    def add(self, mask: np.ndarray) -> np.ndarray:
        return mask


def test_an_object_is_sure_as_far_as_it_is_found_again_from_behind() -> None:
    video = frames(13)
    assert hold(video, truth(video[0]), ColourView, Forgetful(video)).until == {1: 12, 2: 4}


def test_an_object_that_is_held_for_a_moment_is_unknown_throughout() -> None:
    video = frames(13)
    _, labels = track_both_ways(video, 0, truth(video[0]), ColourView, Forgetful(video))
    assert len(labels) == 13
    assert all(set(np.unique(seen)) <= {0, 1, 255} for seen in labels)
