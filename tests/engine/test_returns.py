"""What passes for an object that returns."""

import numpy as np
import pytest

from colour_runtime import COLOURS, ColourRuntime, scene, states
from mobilevos.engine.modes import mode_of
from mobilevos.engine.returns import LEAST_AREA, LEAST_SCORE, has_leapt, is_recognised, may_be_back, without
from mobilevos.tracker import Tracker


def cells(count: int, value: float = 0.9) -> np.ndarray:
    mask = np.full((8, 10), 0.1, np.float32)
    mask.flat[:count] = value
    return mask


def test_a_returning_object_is_large_and_sure_enough() -> None:
    share, others = LEAST_AREA / 10, np.zeros((0, 8, 10), np.float32)
    assert may_be_back(cells(10), share, others)
    assert not may_be_back(cells(9), share, others)
    assert not may_be_back(cells(0), 1.0, others)
    assert may_be_back(cells(40, LEAST_SCORE + 0.01), share, others)
    assert not may_be_back(cells(40, LEAST_SCORE - 0.01), share, others)


def test_only_what_is_above_a_half_counts() -> None:
    nobody = np.zeros((0, 8, 10), np.float32)
    half = np.maximum(cells(10), np.float32(0.5))
    assert may_be_back(half, LEAST_AREA / 10, nobody)
    assert not may_be_back(np.maximum(cells(9), np.float32(0.5)), LEAST_AREA / 10, nobody)
    assert may_be_back(cells(1, LEAST_SCORE), 1.0, nobody)
    assert may_be_back(cells(40), 1.0, cells(80, 0.5)[None])
    assert not may_be_back(cells(40), 1.0, cells(80, 0.6)[None])
    assert not may_be_back(np.maximum(cells(40), np.float32(0.5)), 1.0, cells(40)[None])


def test_a_part_of_another_object_is_no_returning_one() -> None:
    assert may_be_back(cells(40), 1.0, np.stack([cells(20), cells(9)]))
    assert not may_be_back(cells(40), 1.0, np.stack([cells(9), cells(21)]))


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


def placed(left: int, width: int, value: float = 0.9) -> np.ndarray:
    """A mask of some columns of five rows."""
    mask = np.full((9, 60), 0.1, np.float32)
    mask[2:7, left : left + width] = value
    return mask


def test_what_lies_elsewhere_than_before_has_leapt() -> None:
    before = placed(10, 10)
    assert not has_leapt(placed(10, 10), before)
    assert not has_leapt(placed(21, 10), before), "a column of ten is two cells away"
    assert has_leapt(placed(22, 10), before)
    assert has_leapt(placed(21, 11), before), "a column of eleven is too little"
    assert not has_leapt(placed(8, 1), before)
    assert has_leapt(placed(7, 1), before)
    assert has_leapt(placed(10, 10), np.zeros_like(before))


def test_a_tenth_of_a_mask_that_stays_is_enough() -> None:
    before, mask = np.zeros((1, 60), np.float32), np.zeros((1, 60), np.float32)
    before[0, 0] = mask[0, 0] = mask[0, 40:49] = 0.9
    assert not has_leapt(mask, before)
    mask[0, 0] = 0.5
    assert has_leapt(mask, before)


def test_what_is_not_seen_has_not_leapt() -> None:
    assert not has_leapt(placed(40, 10, 0.5), placed(10, 10))
    assert has_leapt(placed(40, 10, 0.6), placed(10, 10))
    assert not has_leapt(placed(40, 10), placed(40, 10, 0.6))
    assert has_leapt(placed(40, 10), placed(40, 10, 0.5))


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
