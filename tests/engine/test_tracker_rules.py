"""What the tracker decides by itself, looked at where it keeps it."""

import numpy as np
import pytest

from colour_runtime import ColourRuntime, assert_follows, painted, scene
from mobilevos.engine.attention import Attention
from mobilevos.engine.modes import MODES, mode_of
from mobilevos.engine.tracker import ObjectState, Tracker, _state
from mobilevos.errors import InputError

MODE = mode_of(128)


@pytest.fixture
def started() -> Tracker:
    """Two objects are followed."""
    tracker = Tracker(ColourRuntime(), MODE)
    tracker.start(*scene(0, 3, 200))
    return tracker


def test_after_thirty_frames_out_of_sight_an_object_is_lost() -> None:
    nothing = np.zeros((4, 4), np.float32)
    for missing, state in ((1, "occluded"), (30, "occluded"), (31, "lost")):
        assert _state(nothing, 7, missing) == ObjectState(state, 0.0, 7)  # type: ignore[arg-type]


def test_the_score_is_the_mean_of_what_is_above_a_half() -> None:
    mask = np.array([[0.1, 0.5], [0.625, 0.875]], np.float32)
    assert _state(mask, 9, 0) == ObjectState("visible", 0.75, 9)


def test_every_so_many_frames_are_kept_if_that_is_wanted() -> None:
    for every in (0, -3):
        with pytest.raises(InputError, match=f"Every {every}-th frame cannot be kept"):
            Tracker(ColourRuntime(), MODE, memory_every=every)
    runtime = ColourRuntime()
    tracker = Tracker(runtime, MODE, memory_every=1)
    tracker.start(*scene(0, 3))
    for time in range(1, 6):
        tracker.step(scene(time, 3)[0])
    pixels = [total[0, 0] for total in runtime.recalled]
    np.testing.assert_allclose(np.array(pixels) / pixels[0], [1, 2, 3, 4, 5], rtol=0.1)


def test_objects_are_looked_for_where_they_are_given() -> None:
    size = (240, 320)
    for top, left in ((0, 0), (10, 20), (200, 280)):
        tracker = Tracker(ColourRuntime(), MODE)
        tracker.start(*painted(size, {3: (top, left, 40, 40)}))
        bounds = (left, top, left + 40, top + 40)
        assert tracker._current.views == Attention(MODE, size).views([bounds])


def test_soft_masks_of_some_objects(started: Tracker) -> None:
    frame, truth = scene(1, 3, 200)
    started.step(frame)
    one = started.soft([3])
    assert (one.shape, one.dtype) == (truth.shape, np.float32)
    assert_follows((3 * (one > 0.5)).astype(np.uint8), np.where(truth == 3, truth, 0))
    either = (one > 0.5) | (started.soft([200]) > 0.5)
    assert np.count_nonzero((started.soft() > 0.5) != either) < 10
    assert not started.soft([]).any()
    with pytest.raises(InputError, match="no object 9"):
        started.soft([3, 9])
    with pytest.raises(InputError, match="no first frame yet"):
        Tracker(ColourRuntime(), MODE).soft()


@pytest.mark.parametrize("steps", range(5))
def test_an_object_is_removed_once_whether_the_newest_frame_is_in_memory_or_not(started: Tracker, steps: int) -> None:
    for time in range(1, 1 + steps):
        started.step(scene(time, 3, 200)[0])
    started.remove(3)
    assert len(started._current.homes) == 1
    assert all(len(frame.homes) == 1 for frame in started._memory.frames)
    frame, truth = scene(steps + 1, 3, 200)
    assert_follows(started.step(frame), np.where(truth == 200, truth, 0))


def test_all_may_be_removed(started: Tracker) -> None:
    started.remove(3)
    started.remove(200)
    assert started.objects == {}
    labels = started.step(scene(1, 3)[0])
    assert (labels.shape, labels.dtype, labels.any()) == (scene()[1].shape, np.uint8, False)
    assert not started.soft().any()
    _, truth = scene(1, 3)
    np.testing.assert_array_equal(started.add(truth), truth)
    assert list(started.objects) == [3]


def test_a_frame_is_kept_once_however_often_it_is_corrected(started: Tracker) -> None:
    _, truth = scene(0, 3, 200)
    for _ in range(3):
        started.add(truth)
    assert len(started._memory.permanent) == 1
    started.step(scene(1, 3, 200)[0])
    for _ in range(3):
        started.add(scene(1, 3, 200)[1])
    assert len(started._memory.permanent) == 2
    started.step(scene(2, 3, 200)[0])
    started.add(scene(2, 3, 200)[1])
    assert len(started._memory.permanent) == 3


def test_what_a_new_object_leaves_of_others_is_what_is_free() -> None:
    """In its own cells nothing, at its border a share, and elsewhere all that they had."""
    tracker = Tracker(ColourRuntime(), MODE, follow=False)
    frame, labels = painted((128, 128), {3: (16, 16, 96, 96)})
    tracker.start(frame, labels)
    (look,) = tracker._current.looks
    assert look.region.box_size == (128, 128)
    look.masks[0] = 0.8
    tracker.add(np.where(np.arange(128)[:, None] < 62, np.uint8(7), np.uint8(0)) * np.ones((1, 128), np.uint8))
    old, new = tracker._current.looks[0].masks[:, :, 16]
    np.testing.assert_allclose(old, np.minimum(0.8, 1 - new), atol=1e-5)
    assert ((new > 0.2) & (new < 1)).any()
    assert old[-1] == np.float32(0.8)


def test_each_mode_sees_the_frame_as_it_says() -> None:
    """From both sides, if it is one of those; and near the objects, unless told otherwise."""
    frame, mask = painted((240, 320), {3: (100, 140, 40, 40)})
    for name, row in MODES.items():
        runtime = ColourRuntime()
        tracker = Tracker(runtime, row)
        tracker.start(frame, mask)
        tracker.step(frame)
        assert len(runtime.viewed) == 2 * (1 + row.mirrored), name
        assert tracker._current.views[0].region.area < 240 * 320
        assert tracker.most_objects is None


def test_memory_is_renewed_though_one_of_two_far_objects_is_gone() -> None:
    size, near = (240, 428), {3: (30, 20, 46, 36)}
    tracker, mode = Tracker(ColourRuntime(), mode_of(160)), mode_of(160)
    tracker.start(*painted(size, near | {200: (165, 370, 30, 40)}))
    first = tracker._memory.previous
    for time in range(1, 1 + mode.refresh):
        frame, truth = painted(size, near if time == mode.refresh else near | {200: (165, 370, 30, 40)})
        assert_follows(tracker.step(frame), truth)
    assert len(tracker._current.looks) == 2
    assert tracker._memory.previous is not first


def test_after_a_correction_an_object_may_be_anywhere(started: Tracker) -> None:
    for time in range(1, 6):
        started.step(scene(time, 3, 200)[0])
    known = started._whereabouts._tracks[:]
    started.add(scene(5, 3)[1])
    assert started._whereabouts._tracks == [None, known[1]]
    assert None not in known
