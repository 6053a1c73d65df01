"""What passes for an object that returns."""

import numpy as np
import pytest

from colour_runtime import COLOURS, ColourRuntime, scene, states
from mobilevos.engine.modes import mode_of
from mobilevos.engine.returns import LEAST_AREA, LEAST_SCORE, is_recognised, may_be_back, without
from mobilevos.tracker import Tracker


def cells(count: int, value: float = 0.9) -> np.ndarray:
    mask = np.full((8, 10), 0.1, np.float32)
    mask.flat[:count] = value
    return mask


def test_a_returning_object_is_large_and_sure_enough() -> None:
    whole, others = 10 / LEAST_AREA, np.zeros((0, 8, 10), np.float32)
    assert may_be_back(cells(10), whole, others)
    assert not may_be_back(cells(9), whole, others)
    assert not may_be_back(cells(0), 1.0, others)
    assert may_be_back(cells(40, LEAST_SCORE + 0.01), whole, others)
    assert not may_be_back(cells(40, LEAST_SCORE - 0.01), whole, others)


def test_only_what_is_above_a_half_counts() -> None:
    nobody = np.zeros((0, 8, 10), np.float32)
    half = np.maximum(cells(10), np.float32(0.5))
    assert may_be_back(half, 10 / LEAST_AREA, nobody)
    assert not may_be_back(np.maximum(cells(9), np.float32(0.5)), 10 / LEAST_AREA, nobody)
    assert may_be_back(cells(1, LEAST_SCORE), 1.0, nobody)
    assert may_be_back(cells(40), 1.0, cells(40, 0.5)[None])
    assert not may_be_back(cells(40), 1.0, cells(40, 0.6)[None])
    assert not may_be_back(cells(40, 0.75), 1.0, cells(40)[None])
    assert may_be_back(np.maximum(cells(40), np.float32(0.5)), 1.0, cells(80)[None])


def test_another_object_is_no_returning_one() -> None:
    """But one that was swallowed by another may come out again: it leaves the other half of its mask at least."""
    nowhere = cells(0)
    assert may_be_back(cells(40), 1.0, np.stack([cells(80), nowhere]))
    assert not may_be_back(cells(41), 1.0, np.stack([nowhere, cells(80)]))
    small = np.roll(cells(20), 60)
    small.flat[:20] = 0.9
    assert may_be_back(cells(40), 1.0, np.stack([small, nowhere])), "half of it"
    assert not may_be_back(cells(40), 1.0, np.stack([cells(80), cells(1)])), "a small one is an object, too"


def test_without_an_object_the_others_share_its_pixels() -> None:
    odds = np.random.default_rng(0).lognormal(0, 2, (4, 5, 6))
    masks = (odds / (1 + odds.sum(0))).astype(np.float32)
    left = odds[[0, 3]]
    found = without(masks, [1, 2])
    np.testing.assert_allclose(found[[0, 3]], left / (1 + left.sum(0)), atol=2e-3)
    assert not found[[1, 2]].any()
    np.testing.assert_array_equal(without(masks, []), masks)


def test_the_permanent_frames_agree() -> None:
    assert is_recognised(cells(10), cells(5))
    assert not is_recognised(cells(10), cells(4))
    assert is_recognised(cells(10), cells(80))
    assert is_recognised(np.maximum(cells(10), np.float32(0.5)), cells(5))
    assert not is_recognised(cells(10), cells(10, 0.5))
    assert not is_recognised(np.maximum(cells(10), np.float32(0.5)), cells(80) - cells(10))


@pytest.mark.parametrize("others", [True, False])
@pytest.mark.parametrize(("side", "is_back"), [(6, False), (24, True)])
def test_a_speck_is_no_returning_object(others: bool, side: int, is_back: bool) -> None:
    """Whether others are in sight or none is, and wherever it lies; 6 x 6 pixels are some cells of the mask."""
    for top, left in ((5, 130), (60, 60), (90, 20)):
        tracker = Tracker(runtime=ColourRuntime(), size=128)
        tracker.start(*scene(0, 3, 200))
        tracker.step(scene(0, 3)[0] if others else scene()[0])
        seen = []
        for _ in range(2 * mode_of(128).search):
            frame = scene(0, *[3] * others)[0]
            frame[top : top + side, left : left + side] = COLOURS[200]
            labels = tracker.step(frame)
            seen.append(states(tracker)[200] == "visible")
            assert seen[-1] == bool((labels == 200).any())
        assert any(seen) == is_back
        assert seen[-1] == is_back
        assert (states(tracker)[3] == "visible") == others
