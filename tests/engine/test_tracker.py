"""What a tracker gives for a start and for each frame, with a runtime whose masks can be foretold."""

import numpy as np
import pytest

from colour_runtime import COLOURS, HEIGHT, WIDTH, ColourRuntime, assert_follows, scene, states
from mobilevos.evaluation import jaccard
from mobilevos.tracker import Tracker


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
