"""The tracker's promises, with a runtime whose masks can be foretold."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colour_runtime import COLOURS, HEIGHT, WIDTH, ColourRuntime, assert_follows, scene, states
from mobilevos.engine.modes import MODES
from mobilevos.errors import InputError
from mobilevos.evaluation import jaccard
from mobilevos.tracker import OCCLUDED_FRAMES, Tracker

REFRESH_EVERY, SEARCH_EVERY = MODES["fast"].refresh, MODES["fast"].search


@pytest.fixture
def tracker() -> Tracker:
    return Tracker(runtime=ColourRuntime(), size=128)


# --- starting and stepping


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.int64, np.uint16])
def test_start_returns_the_mask_itself(tracker: Tracker, dtype: type) -> None:
    frame, truth = scene(0, 3, 200)
    truth[5:7, 150:152] = 7  # too small to survive any resizing
    labels = tracker.start(frame, truth.astype(dtype))
    assert labels.dtype == np.uint8
    np.testing.assert_array_equal(labels, truth)
    assert tracker.objects[3].area == (truth == 3).sum()
    assert tracker.objects[7].area == 4
    assert states(tracker) == {3: "visible", 200: "visible", 7: "visible"}
    assert 0.5 < tracker.objects[7].score <= 1


def test_a_boolean_mask_is_object_1(tracker: Tracker) -> None:
    frame, truth = scene(0, 3)
    np.testing.assert_array_equal(tracker.start(frame, truth > 0), truth > 0)
    assert list(tracker.objects) == [1]


@pytest.mark.parametrize("ids", [(3,), (3, 200), (200, 3, 7)])
@pytest.mark.parametrize("follow", [True, False])
def test_ids_are_kept(ids: tuple[int, ...], follow: bool) -> None:
    tracker = Tracker(runtime=ColourRuntime(), size=128, follow=follow)
    tracker.start(*scene(0, *ids))
    for t in range(1, 6):
        frame, truth = scene(t, *ids)
        assert_follows(tracker.step(frame), truth)
    assert set(tracker.objects) == set(ids)
    for i, state in tracker.objects.items():
        assert state.state == "visible"
        assert state.score == pytest.approx(0.97, abs=0.03)
        assert state.area == pytest.approx((truth == i).sum(), rel=0.15)


def test_follow_looks_closer() -> None:
    frame, truth = scene(0, 3)
    runtimes = ColourRuntime(), ColourRuntime()
    for runtime, follow in zip(runtimes, (True, False), strict=True):
        Tracker(runtime=runtime, size=96, follow=follow).start(frame, truth)
    near, far = (np.prod(runtime.viewed[0]) for runtime in runtimes)
    assert near / (HEIGHT * WIDTH * 0.4) > far / (HEIGHT * WIDTH)  # less than half the frame at about the same size


def test_the_callers_buffer_may_be_used_again(tracker: Tracker) -> None:
    buffer, truth = scene(0, 3, 200)
    mask = np.where(truth == 3, truth, 0)
    tracker.start(buffer, mask)
    mask[:] = 0
    for t in range(1, 4):
        buffer[:], truth = scene(t, 3, 200)
        labels = tracker.step(buffer)
        buffer[:] = 0
        assert_follows(labels, np.where(truth == 3, truth, 0))
    tracker.add(np.where(truth == 200, truth, 0))  # in the frame as it was, not in what the buffer holds now
    frame, truth = scene(4, 3, 200)
    assert_follows(tracker.step(frame), truth)


def test_results_belong_to_the_caller(tracker: Tracker) -> None:
    tracker.start(*scene(0, 3))[:] = 9
    tracker.step(scene(1, 3)[0])[:] = 9
    tracker.add(scene(1, 3)[1])[:] = 9
    frame, truth = scene(2, 3)
    assert_follows(tracker.step(frame), truth)


def test_two_trackers_share_a_runtime_but_no_state() -> None:
    runtime = ColourRuntime()
    one, two = Tracker(runtime=runtime, size=128), Tracker(runtime=runtime, size=128)
    one.start(*scene(0, 3))
    two.start(*scene(0, 200, 7))
    for t in range(1, 4):
        for tracker, ids in ((one, (3,)), (two, (200, 7))):
            frame, truth = scene(t, *ids)
            assert_follows(tracker.step(frame), truth)


def test_start_begins_anew(tracker: Tracker) -> None:
    def run() -> list[np.ndarray]:
        return [tracker.start(*scene(0, 200, 7)), *(tracker.step(scene(t, 200, 7)[0]) for t in range(1, 4))]

    expected = run()
    tracker.start(*scene(0, 3, 7))
    tracker.step(scene(1, 3, 7)[0])
    tracker.add(scene(1, 3, 7)[1])
    tracker.start(np.zeros((33, 47, 3), np.uint8), np.ones((33, 47), np.uint8))
    for actual, labels in zip(run(), expected, strict=True):
        np.testing.assert_array_equal(actual, labels)
    assert set(tracker.objects) == {200, 7}


@pytest.mark.parametrize("size", [(1, 1), (20, 30), (3, 500), (300, 5), (17, 33)])
def test_tiny_and_thin_frames(tracker: Tracker, size: tuple[int, int]) -> None:
    frame = np.full((*size, 3), 90, np.uint8)
    mask = np.zeros(size, np.uint8)
    mask[: (size[0] + 1) // 2, : (size[1] + 1) // 2] = 3
    frame[mask == 3] = COLOURS[3]
    np.testing.assert_array_equal(tracker.start(frame, mask), mask)
    labels = tracker.step(frame)
    assert labels.shape == size
    assert jaccard(labels == 3, mask == 3) > 0.7
    np.testing.assert_array_equal(tracker.add(mask), mask)
    assert jaccard(tracker.step(frame) == 3, mask == 3) > 0.7


# --- adding, correcting, removing


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


def painted(size: tuple[int, int], boxes: dict[int, tuple[int, int, int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Frame and label map with a box (top, left, height, width) for each id."""
    frame, labels = np.full((*size, 3), 90, np.uint8), np.zeros(size, np.uint8)
    for i, (top, left, height, width) in boxes.items():
        box = np.s_[top : top + height, left : left + width]
        frame[box], labels[box] = COLOURS[i], i
    return frame, labels


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


# --- objects out of sight


def test_unseen_objects_are_occluded_then_lost_and_may_return(tracker: Tracker) -> None:
    tracker.start(*scene(0, 3))
    for unseen in range(1, OCCLUDED_FRAMES + 4):
        assert not tracker.step(scene()[0]).any()
        state = tracker.objects[3]
        assert state.state == ("occluded" if unseen <= OCCLUDED_FRAMES else "lost")
        assert (state.score, state.area) == (0, 0)
    frame, truth = scene(5, 3)
    assert_follows(tracker.step(frame), truth)
    assert states(tracker) == {3: "visible"}


def test_memory_keeps_the_last_sighting() -> None:
    runtime = ColourRuntime()
    tracker = Tracker(runtime=runtime)
    tracker.start(*scene(0, 3))
    for t in range(1, REFRESH_EVERY + 1):
        tracker.step(scene(t, 3)[0])
    for _ in range(4):
        tracker.step(scene()[0])
    first_alone, *later = (total[0, 0] for total in runtime.recalled[REFRESH_EVERY - 1 :])
    assert later[0] > 1.5 * first_alone
    assert set(later) == {later[0]}


@pytest.mark.parametrize("mode", MODES)
def test_the_previous_frame_in_memory_is_renewed_every_third_frame(mode: str) -> None:
    runtime = ColourRuntime()
    tracker = Tracker(runtime=runtime, mode=mode)
    tracker.start(*scene(0, 3))
    for t in range(1, 8):
        frame, truth = scene(t, 3)
        assert_follows(tracker.step(frame), truth)
    pixels = [total[0, 0] for total in runtime.recalled]
    assert len(set(pixels[:REFRESH_EVERY])) == 1
    assert pixels[REFRESH_EVERY] > 1.5 * pixels[REFRESH_EVERY - 1]


def test_one_object_is_searched_while_another_is_followed(tracker: Tracker) -> None:
    tracker.start(*scene(0, 3, 200))
    for t in range(1, 12):
        frame, truth = scene(t, 3)
        assert_follows(tracker.step(frame), truth)
    assert states(tracker) == {3: "visible", 200: "occluded"}
    for t in range(12, 12 + SEARCH_EVERY):
        frame, truth = scene(t, 3, 200)
        labels = tracker.step(frame)
    assert_follows(labels, truth)
    assert states(tracker) == {3: "visible", 200: "visible"}


def test_the_search_for_an_object_does_not_change_how_another_is_seen() -> None:
    """Every few frames the whole frame is looked at as well, and the view of the other closes up after the first."""
    views, found = [], []
    for ids in ((3, 200), (3,)):
        runtime = ColourRuntime()
        tracker = Tracker(runtime=runtime, size=128)
        frame, truth = scene(0, 3, 200)
        tracker.start(frame, np.where(np.isin(truth, ids), truth, 0))
        found.append([tracker.step(scene(t, 3)[0]) for t in range(1, 30)])
        views.append(runtime.viewed)
    both, alone = views
    assert len(both) == len(alone) + 7
    settled = 4 * SEARCH_EVERY
    np.testing.assert_array_equal(found[0][settled:], found[1][settled:])


def test_changes_in_one_frame_do_not_age_unseen_objects(tracker: Tracker) -> None:
    tracker.start(*scene(0, 3, 200))
    frame, truth = scene(1, 3)
    tracker.step(frame)
    for _ in range(OCCLUDED_FRAMES + 1):
        tracker.add(truth)
    assert states(tracker) == {3: "visible", 200: "occluded"}


def test_specks_do_not_widen_the_view() -> None:
    """Two pixels of a lost object's colour are not the object; a patch that fills a cell of its mask is."""
    viewed = []
    for height, width in ((0, 0), (1, 2), (9, 9)):
        runtime = ColourRuntime()
        tracker = Tracker(runtime=runtime, size=128)
        tracker.start(*scene(0, 3, 200))
        found = []
        for t in range(1, 2 * SEARCH_EVERY):
            frame, _ = scene(t, 3)
            frame[100 : 100 + height, 145 : 145 + width] = COLOURS[200]
            found.append(bool((tracker.step(frame) == 200).any()))
            assert found[-1] == (states(tracker)[200] == "visible")
        assert any(found) == (height > 2)
        viewed.append(runtime.viewed)
    without, with_speck, with_patch = viewed
    assert with_speck == without
    assert with_patch != without


# --- mistakes


def fails(words: str, call: Callable[..., object], *args: object) -> None:
    with pytest.raises(InputError, match=words) as caught:
        call(*args)
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(".")
    assert message.count(". ") == 0


def test_not_started(tracker: Tracker) -> None:
    frame, truth = scene(0, 3)
    fails("no first frame yet; call start", tracker.step, frame)
    fails("no first frame yet; call start", tracker.add, truth)
    fails("no object 3; the objects are none", tracker.remove, 3)
    assert tracker.objects == {}


@pytest.mark.parametrize(
    "frame",
    [
        scene()[0].astype(np.float32),
        scene()[0][..., 0],
        np.zeros((HEIGHT, WIDTH, 4), np.uint8),
        scene()[0].tolist(),
        None,
    ],
)
def test_bad_frames(tracker: Tracker, frame: Any) -> None:
    fails("A frame must be a uint8 RGB array", tracker.start, frame, scene(0, 3)[1])
    tracker.start(*scene(0, 3))
    fails("A frame must be a uint8 RGB array", tracker.step, frame)


def test_bad_masks(tracker: Tracker) -> None:
    frame, truth = scene(0, 3)

    def all_fail(call: Callable[[Any], object]) -> None:
        fails("integer label map .* not float64", call, truth / 255)
        fails("integer label map .* not uint8", call, truth[..., None])
        fails("The mask is 160x119, but the frame is 160x120", call, truth[:-1])
        fails("no object: every pixel is 0", call, np.zeros_like(truth))
        fails("ids from 0 to 300; they must lie in 0..255", call, truth.astype(int) * 100)
        fails("ids from -3 to 0", call, -truth.astype(int))

    all_fail(lambda mask: tracker.start(frame, mask))
    tracker.start(frame, truth)
    all_fail(tracker.add)


def test_another_frame_size(tracker: Tracker) -> None:
    tracker.start(*scene(0, 3))
    fails("The frame is 80x120, but the video began at 160x120", tracker.step, scene(1, 3)[0][:, ::2])


def test_unknown_object_and_senseless_options(tracker: Tracker) -> None:
    tracker.start(*scene(0, 3, 200))
    fails("no object 4; the objects are 3, 200", tracker.remove, 4)
    fails("The internal size is 32; give one between 64 and 2048", lambda: Tracker(size=32))


def test_a_mistake_changes_nothing(tracker: Tracker) -> None:
    tracker.start(*scene(0, 3))
    fails("must be a uint8", tracker.step, None)
    fails("every pixel is 0", tracker.start, scene()[0], scene()[1])
    fails("every pixel is 0", tracker.add, scene()[1])
    fails("no object 9", tracker.remove, 9)
    frame, truth = scene(1, 3)
    assert_follows(tracker.step(frame), truth)
