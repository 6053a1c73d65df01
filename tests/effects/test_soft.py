"""The tracker's soft masks."""

import numpy as np
import pytest

from colour_runtime import ColourRuntime, scene
from mobilevos.errors import InputError
from mobilevos.evaluation import jaccard
from mobilevos.tracker import Tracker


@pytest.mark.parametrize("follow", [True, False])
def test_soft_masks_agree_with_the_labels(follow: bool) -> None:
    tracker = Tracker(runtime=ColourRuntime(), size=128, follow=follow)
    tracker.start(*scene(0, 3, 200))
    labels = tracker.step(scene(1, 3, 200)[0])
    together = tracker.soft()
    assert together.shape == labels.shape
    assert together.dtype == np.float32
    assert 0 <= together.min() < 0.01
    assert 0.95 < together.max() <= 1
    assert jaccard(together > 0.5, labels > 0) > 0.97
    for i in (3, 200):
        assert jaccard(tracker.soft([i]) > 0.5, labels == i) > 0.98
    one = tracker.soft([3])
    assert ((one > 0.05) & (one < 0.95)).any(), "the border is soft"
    assert one[labels == 200].max() < 0.05


def test_without_objects_nothing_is_there() -> None:
    tracker = Tracker(runtime=ColourRuntime(), size=128)
    frame, mask = scene(0, 3)
    tracker.start(frame, mask)
    tracker.remove(3)
    assert not tracker.soft().any()
    assert tracker.soft().shape == mask.shape


def test_soft_needs_a_start_and_known_objects() -> None:
    tracker = Tracker(runtime=ColourRuntime(), size=128)
    with pytest.raises(InputError, match="call start"):
        tracker.soft()
    tracker.start(*scene(0, 3))
    with pytest.raises(InputError, match="no object 9; the objects are 3"):
        tracker.soft([3, 9])
