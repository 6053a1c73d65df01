"""What lies elsewhere than the object was."""

import numpy as np
import pytest

from colour_runtime import COLOURS, ColourRuntime, assert_follows, scene
from mobilevos.engine.leaps import MOST_FAR, REACH, has_leapt, without_far_parts
from mobilevos.tracker import Tracker


def placed(left: int, width: int, value: float = 0.9) -> np.ndarray:
    """A mask of some columns of five rows."""
    mask = np.full((9, 60), 0.1, np.float32)
    mask[2:7, left : left + width] = value
    return mask


def test_what_lies_elsewhere_than_before_has_leapt() -> None:
    before = placed(10, 10)
    assert not has_leapt(placed(10, 10), before)
    assert not has_leapt(placed(21, 10), before), "a column of ten is two cells away"
    assert not has_leapt(placed(21, 10, 0.6), before)
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


def squares(*places: tuple[int, int, int], size: tuple[int, int] = (40, 120), value: float = 0.9) -> np.ndarray:
    """A mask of squares: of (top, left, side) each."""
    mask = np.full(size, 0.1, np.float32)
    for top, left, side in places:
        mask[top : top + side, left : left + side] = value
    return mask


OBJECT = 10, 50, 6  # reaches from row 10 to 15 and from column 50 to 55
FAR = int(REACH * 6)


@pytest.mark.parametrize(("top", "left"), [(10, 56 + FAR), (10, 50 - FAR - 4), (16 + FAR, 50), (16 + FAR, 56 + FAR)])
def test_a_part_far_from_where_the_object_was_is_none_of_it(top: int, left: int) -> None:
    before = squares(OBJECT)
    found = without_far_parts(squares(OBJECT, (top, left, 4)), before, 36)
    assert (found[10:16, 50:56] == np.float32(0.9)).all()
    assert (found[top : top + 4, left : left + 4] == 0).all()
    assert (found[top : top + 4, max(left - 2, 0) : left + 6] == 0).all(), "with its rim"
    assert found[top, left - 3] == np.float32(0.1)
    nearer_top, nearer_left = top - (top > 20), left + (1 if left < 50 else -1 if left > 60 else 0)
    near = squares(OBJECT, (nearer_top, nearer_left, 4))
    assert without_far_parts(near, before, 36) is near


def test_above_it_as_well() -> None:
    before = squares((30, 50, 6))
    found = without_far_parts(squares((30, 50, 6), (30 - FAR - 4, 50, 4)), before, 36)
    assert (found[30 - FAR - 4 : 30 - FAR, 50:54] == 0).all()
    near = squares((30, 50, 6), (30 - FAR - 3, 50, 4))
    assert without_far_parts(near, before, 36) is near


def test_the_first_row_and_column_are_near_as_well() -> None:
    before = squares((2, 2, 6))
    mask = squares((2, 2, 6))
    mask[0, 12] = mask[12, 0] = 0.9
    assert without_far_parts(mask, before, 36) is mask


def test_what_hangs_together_with_something_near_stays() -> None:
    mask = squares(OBJECT, *((10, left, 6) for left in range(56, 110, 6)))
    assert without_far_parts(mask, squares(OBJECT), 36) is mask
    alone = squares((10, 60, 4), (10, 100, 2))
    assert (without_far_parts(alone, squares(OBJECT), 36)[10:12, 100:102] == 0).all(), "it need not be where it was"


def test_of_a_hidden_object_the_whole_size_counts() -> None:
    """What comes out at the other side of a pole is far from the little that was seen at this one."""
    before, mask = squares((10, 50, 2)), squares((10, 50, 3), (10, 70, 2))
    assert (without_far_parts(mask, before, 4)[10:12, 70:72] == 0).all()
    assert (without_far_parts(mask, before, 81)[10:12, 70:72] == 0).all()
    assert without_far_parts(mask, before, 82) is mask, "19 cells from the last one"
    large = squares((10, 50, 9), (10, 70, 2))
    assert without_far_parts(large, squares((10, 50, 9)), 4) is large, "it may have grown since"


def test_who_has_moved_far_leaves_no_more_than_a_ghost_behind() -> None:
    """A far part that is large beside what is near may be the object, which moved."""
    before = squares(OBJECT)
    large = squares((10, 50, 4), (10, 100, 3))
    assert MOST_FAR * 16 < 9
    assert without_far_parts(large, before, 36) is large
    mask = squares((10, 50, 4), (10, 90, 2), (10, 100, 2))
    assert MOST_FAR * 16 == 8
    found = without_far_parts(mask, before, 36)
    assert ((found > 0.5) == (squares((10, 50, 4)) > 0.5)).all(), "half of it, in two parts"


def test_nothing_is_far_from_what_was_nowhere() -> None:
    mask = squares((0, 0, 6), (10, 100, 2))
    assert without_far_parts(mask, squares(), 36) is mask
    assert without_far_parts(mask, squares((0, 0, 6), value=0.5), 36) is mask
    assert without_far_parts(mask, squares((0, 0, 6), value=0.6), 36) is not mask
    assert without_far_parts(np.minimum(mask, np.float32(0.6)), squares((0, 0, 6)), 36).max() == np.float32(0.6)
    assert (without_far_parts(np.minimum(mask, np.float32(0.6)), squares((0, 0, 6)), 36)[10:12, 100:102] == 0).all()
    faint = squares(OBJECT)
    faint[10:12, 100:102] = 0.5
    assert without_far_parts(faint, squares(OBJECT), 36) is faint
    assert without_far_parts(squares(), squares(OBJECT), 36).max() == np.float32(0.1)


def test_a_look_alike_far_away_is_not_followed_as_well() -> None:
    tracker = Tracker(runtime=ColourRuntime(), mode="fast")
    frame, truth = scene(0, 200)
    tracker.start(frame, truth)
    for t in range(1, 8):
        frame, truth = scene(t, 200)
        height = frame.shape[0]
        frame[height - 8 :, :8] = COLOURS[200]
        assert_follows(tracker.step(frame), truth)
