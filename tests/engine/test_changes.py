"""Objects are added, corrected and removed in mid-video."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colour_runtime import COLOURS, HEIGHT, WIDTH, ColourRuntime, assert_follows, painted, scene, states
from mobilevos.evaluation import jaccard
from mobilevos.tracker import Tracker


def test_an_object_added_later(tracker: Tracker) -> None:
    tracker.start(*scene(0, 3))
    tracker.step(scene(1, 3)[0])
    frame, truth = scene(2, 3, 200)
    assert set(np.unique(tracker.step(frame))) == {0, 3}
    assert_follows(tracker.add(np.where(truth == 200, 200, 0)), truth)
    assert states(tracker) == {3: "visible", 200: "visible"}
    for t in range(3, 8):
        frame, truth = scene(t, 3, 200)
        assert_follows(tracker.step(frame), truth)


@pytest.mark.parametrize("offset", [-30, 0, 30])
def test_an_object_added_at_the_end_of_a_flat_group(offset: int) -> None:
    """The view hardly changes by it, but has to hold it."""
    frame, labels = painted((480, 640), {3: (200, 60, 20, 400), 200: (200 + offset, 488, 20, 16)})
    tracker = Tracker(runtime=ColourRuntime(), size=256)
    tracker.start(frame, np.where(labels == 3, labels, 0))
    for _ in range(2):
        assert_follows(tracker.add(np.where(labels == 200, labels, 0)), labels)
        for _ in range(3):
            assert states(tracker) == {3: "visible", 200: "visible"}
            assert_follows(tracker.step(frame), labels)
        tracker.remove(200)
        tracker.step(frame)


@settings(max_examples=100, deadline=None)
@given(*[st.integers(0, 90), st.integers(0, 130)] * 2, st.integers(2, 8), st.integers(0, 3), st.booleans())
def test_an_object_may_be_added_or_corrected_anywhere(
    y: int, x: int, new_y: int, new_x: int, flat: int, steps: int, is_new: bool
) -> None:
    i = 200 if is_new else 7
    boxes = {3: (y, x, 28, 28), 7: (60, 20, 120 // flat, 100), i: (new_y, new_x, 24, 24)}
    frame, labels = painted((HEIGHT, WIDTH), boxes)
    tracker = Tracker(runtime=ColourRuntime(), size=128)
    first = np.where(np.isin(labels, (3, 7)), labels, 0)
    tracker.start(frame, first if first.any() else labels)
    for _ in range(steps):
        tracker.step(frame)
    tracker.add(np.where(labels == i, labels, 0))
    assert states(tracker)[i] == "visible"
    tracker.step(frame)
    assert states(tracker)[i] == "visible"


def test_an_object_added_in_the_first_frame(tracker: Tracker) -> None:
    frame, truth = scene(0, 3, 200)
    tracker.start(frame, np.where(truth == 3, 3, 0))
    np.testing.assert_array_equal(tracker.add(np.where(truth == 200, 200, 0))[truth == 200], 200)
    for t in range(1, 4):
        frame, truth = scene(t, 3, 200)
        assert_follows(tracker.step(frame), truth)


def test_given_pixels_come_back_exactly(tracker: Tracker) -> None:
    tracker.start(*scene(0, 3, 200))
    _, truth = scene(1, 3, 200)
    tracker.step(scene(1, 3, 200)[0])
    given = np.zeros_like(truth)
    given[50:70, 20:40] = 3
    given[50:70:3, 20:40:3] = 0  # holes that no resizing keeps
    given[3, 4] = 7
    labels = tracker.add(given)
    np.testing.assert_array_equal(labels == 3, given == 3)
    np.testing.assert_array_equal(labels == 7, given == 7)
    assert jaccard(labels == 200, truth == 200) > 0.8
    assert {i: state.area for i, state in tracker.objects.items()} == {i: (labels == i).sum() for i in (3, 200, 7)}


@pytest.mark.parametrize("first", [True, False])
def test_a_correction_leaves_other_objects_as_they_are(tracker: Tracker, first: bool) -> None:
    """However often it is given."""
    frame, truth = scene(0, 3, 200)
    tracker.start(frame, truth)
    if not first:
        frame, truth = scene(1, 3, 200)
        tracker.step(frame)
    once = tracker.add(np.where(truth == 200, 200, 0))
    assert_follows(once, truth)
    for _ in range(20):
        again = tracker.add(np.where(truth == 200, 200, 0))
    np.testing.assert_array_equal(again, once)
    assert states(tracker) == {3: "visible", 200: "visible"}


def test_a_correction_leaves_the_object_beside_it_as_it_is(tracker: Tracker) -> None:
    """Though both have a share of the cells between them."""
    frame, truth = scene(0, 3)
    frame[truth == 3], truth[(truth == 3) & (np.arange(WIDTH) > 31)] = 90, 200
    for i in (3, 200):
        frame[truth == i] = COLOURS[i]
    tracker.start(frame, truth)
    for _ in range(20):
        labels = tracker.add(np.where(truth == 200, 200, 0))
    assert jaccard(labels == 3, truth == 3) > 0.9
    assert_follows(tracker.step(frame), truth)


def test_correcting_the_first_frame_replaces_it(tracker: Tracker) -> None:
    frame, truth = scene(0, 3, 200)
    tracker.start(frame, np.where(truth == 3, 3, 0))
    tracker.add(np.where(truth == 200, 3, 0))
    frame, truth = scene(1, 3, 200)
    assert_follows(tracker.step(frame), np.where(truth == 200, 3, 0))


def test_what_one_object_is_given_another_loses(tracker: Tracker) -> None:
    frame, truth = scene(0, 3)
    tracker.start(frame, truth)
    right = truth.copy()
    right[:, :30] = 0
    labels = tracker.add(np.where(right == 3, 200, 0))
    assert (labels[right == 3] == 200).all()
    assert (labels == 3).sum() < (truth == 3).sum()


def test_removed_objects_are_gone(tracker: Tracker) -> None:
    tracker.start(*scene(0, 3, 200, 7))
    tracker.step(scene(1, 3, 200, 7)[0])
    tracker.remove(200)
    assert list(tracker.objects) == [3, 7]
    for t in range(2, 5):
        frame, truth = scene(t, 3, 200, 7)
        assert_follows(tracker.step(frame), np.where(truth == 200, 0, truth))


def test_removing_while_nothing_is_in_sight(tracker: Tracker) -> None:
    tracker.start(*scene(0, 3, 200))
    tracker.step(scene()[0])
    tracker.remove(3)
    tracker.step(scene()[0])
    frame, truth = scene(3, 3, 200)
    assert_follows(tracker.step(frame), np.where(truth == 3, 0, truth))


def test_remove_all_then_add(tracker: Tracker) -> None:
    tracker.start(*scene(0, 3, 200))
    for i in (3, 200):
        tracker.remove(i)
    assert tracker.objects == {}
    for t in range(1, 3):
        assert not tracker.step(scene(t, 3, 200, 7)[0]).any()
    frame, truth = scene(2, 3, 200, 7)
    np.testing.assert_array_equal(tracker.add(np.where(truth == 7, 7, 0)), np.where(truth == 7, 7, 0))
    for t in range(3, 6):
        frame, truth = scene(t, 3, 200, 7)
        assert_follows(tracker.step(frame), np.where(truth == 7, 7, 0))
    tracker.add(np.where(truth == 3, 3, 0))
    frame, truth = scene(6, 3, 200, 7)
    assert_follows(tracker.step(frame), np.where(truth == 200, 0, truth))


def test_a_removed_id_may_come_back(tracker: Tracker) -> None:
    tracker.start(*scene(0, 3, 200))
    tracker.remove(3)
    tracker.add(scene(0, 3, 200)[1])
    frame, truth = scene(1, 3, 200)
    assert_follows(tracker.step(frame), truth)


def test_adding_to_a_full_memory(tracker: Tracker) -> None:
    """Frames that the user marked push out older ones, never the first."""
    tracker.start(*scene(0, 3))
    for t in range(1, 9):
        frame, truth = scene(t, 3, 200, 7)
        tracker.step(frame)
        tracker.add(np.where(truth == (200, 7)[t % 2], truth, 0))
    frame, truth = scene(9, 3, 200, 7)
    assert_follows(tracker.step(frame), truth)
