"""The network at work on a frame: what it is asked, and what comes of it."""

from typing import Any

import numpy as np
import pytest

from colour_runtime import COLOURS, ColourRuntime, painted
from mobilevos.engine.attention import View
from mobilevos.engine.modes import mode_of
from mobilevos.engine.perception import Perception, with_rivals
from mobilevos.engine.region import Region
from mobilevos.engine.sighting import Look, Sighting
from mobilevos.engine.tracker import Tracker

SIZE = (240, 428)
LEFT, RIGHT = Region(0, 0, 214, 240, 240, 208), Region(214, 0, 428, 240, 240, 208)
HERE, THERE = (30, 20, 48, 48), (160, 360, 40, 40)


class Recorder(ColourRuntime):
    """Keeps what it is asked; describes pixels by their colours, unless it cannot."""

    def __init__(self, describes: bool = True) -> None:
        super().__init__()
        self.describes = describes
        self.priors: list[np.ndarray] = []
        self.classifiers: list[np.ndarray | None] = []

    def descriptor(self, features: Any) -> np.ndarray | None:  # type: ignore[override]
        return (features["frame"] / 255)[4::8, 4::8].transpose(2, 0, 1).astype(np.float32) if self.describes else None

    def read(self, features: Any, key: Any, value: Any, prior: np.ndarray, classifier: Any) -> np.ndarray:
        self.priors.append(prior)
        self.classifiers.append(classifier)
        return super().read(features, key, value, prior, None)


def started(runtime: Recorder, boxes: dict[int, tuple[int, int, int, int]]) -> Tracker:
    tracker = Tracker(runtime, mode_of(160))
    tracker.start(*painted(SIZE, boxes))
    return tracker


def before(*masks: np.ndarray, second: int = 1) -> Sighting[Look]:
    """What was seen in the left and the right half of a frame, and in which of them the second object was followed."""
    halves = [np.stack([mask[:, :52] for mask in masks]), np.stack([mask[:, 52:] for mask in masks])]
    looks = [Look(region, {}, half, [*range(len(masks))]) for region, half in zip((LEFT, RIGHT), halves, strict=True)]
    return Sighting(looks, [0, second])


def box(left: int) -> np.ndarray:
    """(60, 104) cells of which eight by eight are an object's."""
    mask = np.zeros((60, 104), np.float32)
    mask[20:28, left : left + 8] = 0.9
    return mask


def test_with_rivals_are_all_in_sight() -> None:
    masks = np.zeros((4, 2, 2), np.float32)
    masks[[1, 3], 0, 0] = 0.9
    assert with_rivals([0, 1], masks) == [0, 1, 3]


@pytest.mark.parametrize("describes", [True, False])
def test_a_view_is_read_for_its_objects_and_rivals_alone(describes: bool) -> None:
    runtime = Recorder(describes)
    tracker = started(runtime, {3: HERE, 200: THERE})
    frame, _ = painted(SIZE, {3: HERE, 200: THERE})
    perception: Perception = tracker._perception
    runtime.priors.clear()
    runtime.classifiers.clear()
    look = perception.look(frame, View(LEFT, (0,)), before(box(5), box(90)), [0, 1])
    assert look.rows == [0]
    assert [len(prior) for prior in runtime.priors] == [1]
    assert look.masks.shape == (2, 60, 52)
    assert (look.masks[0] > 0.5).any()
    assert not look.masks[1].any()
    look = perception.look(frame, View(LEFT, (0,)), before(box(5), box(30), second=0), [0, 1])
    assert look.rows == [0, 1]
    assert len(runtime.priors[-1]) == 2
    shapes = [None if own is None else own.shape for own in runtime.classifiers]
    assert shapes == ([(1, 4), (2, 4)] if describes else [None, None])


def test_a_look_that_is_ready_is_taken_if_it_fits() -> None:
    """It has to show the same region, and to know all of the view's objects."""
    tracker = started(Recorder(), {3: HERE, 200: THERE})
    frame, _ = painted(SIZE, {3: HERE, 200: THERE})
    perception, past = tracker._perception, before(box(5), box(90))
    wide = Region(0, 0, 428, 240, 240, 416)
    both, one = (
        perception.look(frame, View(wide, rows), before(box(5), 0 * box(90)), [0, 1]) for rows in ((0, 1), (0,))
    )
    assert (both.rows, one.rows) == ([0, 1], [0])

    def seen(view: View, *ready: Look) -> Look:
        return perception.see(frame, [view], past, [0, 1], ready).looks[0]

    assert seen(View(wide, (0, 1)), one, both) is both
    assert seen(View(wide, (1, 0)), both) is both
    assert perception.see(frame, [View(wide, (0, 1))], past, [0, 1]).looks[0] is not both
    assert seen(View(wide, (0, 1)), one) is not one
    other = View(Region(0, 0, 428, 238, 240, 416), (0, 1))
    assert seen(other, both).region == other.region


def test_only_what_is_in_parts_is_looked_at_for_ghosts() -> None:
    runtime = Recorder()
    tracker = started(runtime, {3: HERE, 200: THERE})
    frame, _ = painted(SIZE, {3: HERE, 200: THERE})
    look = tracker._perception.look(frame, View(LEFT, (0, 1)), tracker._current, [0, 1])
    runtime.priors.clear()
    assert tracker._perception.without_ghosts(look) is look.masks
    assert not runtime.priors
    ghost, unknown = np.s_[50:58, 40:50], np.s_[20:30, 30:40]
    look.masks[0][ghost] = 0.9
    look.masks[1] = 0
    look.masks[1][unknown] = 0.9  # in one part; nothing of it is recognised
    cleared = tracker._perception.without_ghosts(look)
    assert not runtime.priors[0].any()
    assert not cleared[0][ghost].any()
    assert (cleared[0] > 0.5).any()
    np.testing.assert_array_equal(cleared[1], look.masks[1])


def test_a_speck_is_not_back_and_is_not_looked_at_again() -> None:
    runtime = Recorder()
    tracker = started(runtime, {3: HERE, 200: THERE})
    frame, _ = painted(SIZE, {3: HERE, 200: THERE})
    look = tracker._perception.look(frame, View(RIGHT, (0, 1)), tracker._current, [0, 1])
    nobody = np.zeros((0, *RIGHT.grid), np.float32)
    assert tracker._perception.back(look, [1], nobody) == [1]
    look.masks[1] = 0
    look.masks[1, 40, 40] = 0.9
    runtime.priors.clear()
    assert tracker._perception.back(look, [1], nobody) == []
    assert not runtime.priors


@pytest.mark.parametrize("describes", [True, False])
def test_a_new_object_is_found_in_what_memory_keeps(describes: bool) -> None:
    """In the look that shows most of it, where no other is, and with no idea of where it was."""
    runtime = Recorder(describes)
    tracker = started(runtime, {3: HERE, 200: THERE})
    (first,) = tracker._memory.permanent
    assert (len(first.looks), first.homes) == (2, [0, 1])
    evidence = [look.evidence for look in first.looks]
    frame, labels = painted(SIZE, {3: HERE, 200: THERE, 7: (160, 300, 40, 40)})
    for i, colour in ((7, COLOURS[200]),):  # looks like the second, which stands where it will stand in the first frame
        frame[labels == i] = colour
    tracker.step(frame)
    runtime.priors.clear()
    runtime.classifiers.clear()
    tracker.add(np.where(labels == 7, labels, 0))
    assert [None if own is None else own.shape for own in runtime.classifiers] == [(1, 4) if describes else None] * 2
    assert [prior.shape[0] for prior in runtime.priors] == [1, 1]
    assert not any(prior.any() for prior in runtime.priors)
    assert first.homes[:2] == [0, 1]
    assert len(first.homes) == 3
    for look, old in zip(first.looks, evidence, strict=True):
        assert len(look.masks) == len(look.value) == 3
        assert look.rows[-1] == 2
        assert look.masks.sum(0).max() <= 1.001
        assert (look.evidence is None) == (old is None) == (not describes)
        if look.evidence is not None:
            assert len(look.evidence) == 3
    assert first.looks[1].masks[2].max() < 0.5, "the second is there"


def test_a_new_objects_home_is_where_most_of_it_is() -> None:
    """In pixels of the frame, however finely a look shows them."""
    tracker = started(Recorder(), {3: HERE, 200: THERE})
    (first,) = tracker._memory.permanent
    first.looks[0].features = {"frame": np.full((*np.multiply(first.looks[0].region.grid, 4), 3), 90, np.float32)}
    second = np.full((*np.multiply(first.looks[1].region.grid, 4), 3), 90, np.float32)
    second[:24, :24] = COLOURS[7]
    first.looks[1].features = {"frame": second}
    frame, labels = painted(SIZE, {3: HERE, 200: THERE, 7: (100, 60, 30, 30)})
    tracker.step(frame)
    tracker.add(np.where(labels == 7, labels, 0))
    assert first.homes == [0, 1, 1]


@pytest.mark.parametrize(("likely", "home"), [(0.5, 1), (0.625, 0)])
def test_of_a_new_object_counts_what_is_above_a_half(likely: float, home: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first look shows much of it, and the second is sure of a little."""
    runtime = Recorder()
    tracker = started(runtime, {3: HERE, 200: THERE})
    (first,) = tracker._memory.permanent
    frame, labels = painted(SIZE, {3: HERE, 200: THERE, 7: (100, 60, 30, 30)})
    tracker.step(frame)
    for look in first.looks:
        look.masks[:] = 0

    def read(features: Any, key: Any, value: Any, prior: np.ndarray, classifier: Any) -> np.ndarray:
        found = np.zeros_like(prior)
        if features is first.looks[0].features:
            found[:] = likely
        else:
            found[:, :2, :2] = 0.9
        return found

    monkeypatch.setattr(runtime, "read", read)
    tracker.add(np.where(labels == 7, labels, 0))
    assert first.homes[2] == home
