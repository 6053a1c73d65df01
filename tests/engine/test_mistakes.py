"""What the tracker refuses, in one sentence and without a change."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from colour_runtime import HEIGHT, WIDTH, assert_follows, scene
from mobilevos.errors import InputError
from mobilevos.tracker import Tracker


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
        fails("ids from 0 to 256", call, truth.astype(int) // 3 * 256)
        fails("ids from -3 to 0", call, -truth.astype(int))

    all_fail(lambda mask: tracker.start(frame, mask))
    tracker.start(frame, truth)
    all_fail(tracker.add)


def test_the_last_id_of_all_is_one(tracker: Tracker) -> None:
    frame, truth = scene(0, 3)
    assert tracker.start(frame, truth.astype(int) // 3 * 255).max() == 255


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
