"""One look or two at a frame."""

import numpy as np
import pytest

from mobilevos.engine.attention import View
from mobilevos.engine.region import Mask, Region
from mobilevos.engine.sighting import Look, MemoryFrame, Sighting, in_sight

SIZE = (64, 128)
LEFT, RIGHT = Region(0, 0, 64, 64, 64, 64), Region(64, 0, 128, 64, 64, 64)
MIDDLE = Region(32, 0, 96, 64, 64, 64)


def look(region: Region, *boxes: tuple[int, int, int, int] | None, value: float = 0.9) -> Look:
    """An object in each box (top, left, bottom, right) of cells."""
    masks = np.zeros((len(boxes), 16, 16), np.float32)
    for mask, box in zip(masks, boxes, strict=True):
        if box:
            mask[box[0] : box[2], box[1] : box[3]] = value
    return Look(region, {}, masks, [*range(len(boxes))])


def test_in_sight_is_what_is_above_a_half() -> None:
    assert not in_sight(np.full((2, 2), 0.5, np.float32))
    assert in_sight(np.array([[0.1, 0.51]], np.float32))
    assert not in_sight(np.zeros((0, 2, 2), np.float32))


def test_places_are_in_pixels_of_the_source() -> None:
    """In a region of 64 x 32 pixels, cells are 4 pixels wide and 2 high."""
    seen = Look(Region(40, 20, 104, 52, 64, 64), {}, np.zeros((1, 16, 16), np.float32), [0])
    cells = np.zeros((16, 16), bool)
    cells[1:4, 5:7] = True
    assert seen.centre(cells) == complex(40 + 4 * 6, 20 + 2 * 2.5)
    assert seen.area(cells) == 3 * 2 * 8


@pytest.mark.parametrize(
    ("place", "is_held"),
    [
        (40 + 20j, True),
        (39.9 + 20j, False),
        (40 + 19.9j, False),
        (43.9 + 21.9j, True),
        (44 + 20j, False),
        (40 + 22j, False),
        (103.9 + 51.9j, True),
        (99.9 + 51.9j, False),
        (103.9 + 49.9j, False),
        (104 + 51j, False),
        (103 + 52j, False),
        (1000 + 20j, False),
        (104 + 35j, False),
    ],
)
def test_cells_hold_the_places_in_them(place: complex, is_held: bool) -> None:
    """The first and the last cell of a region do, and nothing beyond it is in any."""
    seen = Look(Region(40, 20, 104, 52, 64, 64), {}, np.zeros((1, 16, 16), np.float32), [0])
    cells = np.zeros((16, 16), bool)
    cells[0, 0] = cells[-1, -1] = cells[8, 0] = True
    assert seen.holds(cells, place) == is_held


def test_who_is_brought_home_is_in_one_look_alone() -> None:
    first, second = look(LEFT, (0, 0, 4, 4), (8, 8, 12, 12)), look(RIGHT, (0, 0, 4, 4), None)
    first.rows, second.rows = [1], [0]
    seen = Sighting([first, second], [1, 0])
    seen.bring_home(0, first)
    assert seen.homes == [0, 0]
    assert first.rows == [0, 1]
    assert in_sight(first.masks[0])
    assert in_sight(first.masks[1])
    assert not second.masks.any()
    many = Sighting([Look(LEFT, {}, np.zeros((9, 16, 16), np.float32), [8])], [0] * 9)
    many.bring_home(0, many.looks[0])
    assert many.looks[0].rows == [0, 8]


def test_each_object_is_where_its_own_look_has_it() -> None:
    two = Sighting.of(
        [View(LEFT, (0, 2)), View(RIGHT, (1,))],
        [look(LEFT, (2, 2, 6, 6), (0, 0, 16, 16), None), look(RIGHT, None, (4, 4, 8, 8), (0, 0, 16, 16))],
    )
    assert two.homes == [0, 1, 0]
    assert two.views == [View(LEFT, (0, 2)), View(RIGHT, (1,))]
    assert two.bounds(0) == (8.0, 8.0, 24.0, 24.0)
    assert two.bounds(1) == (80.0, 16.0, 96.0, 32.0)
    assert two.bounds(2) is None
    assert two.home(1) is two.looks[1]
    assert (two.mask(1) > 0.5).sum() == 16
    masks = two.masks_in(MIDDLE)
    assert masks.shape == (3, 16, 16)
    np.testing.assert_array_equal(np.flatnonzero((masks[1] > 0.5).any(0)), np.arange(12, 16))
    assert not masks[[0, 2]].any()


def test_one_look_hands_out_its_masks_as_they_are() -> None:
    alone = Sighting([look(LEFT, (2, 2, 6, 6))], [0])
    assert alone.masks_in(LEFT) is alone.looks[0].masks
    assert alone.showing([0]) == alone.looks


def test_looks_show_whom_they_have_in_sight() -> None:
    """Whoever is followed in them; all of them, if nobody is."""
    two = Sighting([look(LEFT, (2, 2, 6, 6), None, None), look(RIGHT, (1, 1, 3, 3), (1, 1, 3, 3), None)], [0, 1, 0])
    assert two.showing([0]) == two.looks
    assert two.showing([1]) == [two.looks[1]]
    assert two.showing([2]) == two.looks
    assert two.showing(iter([0, 1])) == two.looks


def test_a_look_in_which_nobody_is_followed_any_more_shows_nothing() -> None:
    two = Sighting([look(LEFT, (2, 2, 6, 6)), look(RIGHT, (1, 1, 3, 3))], [0])
    np.testing.assert_array_equal(np.flatnonzero((two.masks_in(LEFT)[0] > 0.5).any(0)), np.arange(2, 6))
    assert not two.masks_in(RIGHT).any()
    np.testing.assert_array_equal(two.soften([0], SIZE)[:, 64:], 0)


def test_the_label_map_has_each_object_once() -> None:
    """A rival's pixels are not painted, nor does the second look paint over the first."""
    two = Sighting(
        [look(LEFT, (2, 2, 6, 6), (8, 8, 16, 16)), look(MIDDLE, (2, 8, 16, 16), (4, 0, 10, 4))],
        [0, 1],
    )
    labels = two.paint([3, 200], SIZE)
    assert labels.shape == SIZE
    np.testing.assert_array_equal(labels[:, :32] == 3, LEFT.paint(two.looks[0].masks, [3, 200])[:, :32] == 3)
    assert {*np.unique(labels[:, 60:])} == {0}
    own = two.looks[1].region.paint(two.looks[1].masks, [0, 200])
    np.testing.assert_array_equal(labels[16:40, 32:48] == 200, own[16:40, :16] == 200)
    one = Sighting([look(LEFT, (2, 2, 10, 10))], [0]).paint([3], SIZE)
    over = Sighting([look(LEFT, (2, 2, 10, 10), None), look(LEFT, None, (2, 2, 16, 16))], [0, 1]).paint([3, 200], SIZE)
    np.testing.assert_array_equal(over == 3, one == 3)
    assert (over == 200).sum() > 1000


def test_soft_masks_are_the_greater_ones_where_looks_overlap() -> None:
    def soft(mask: Mask, region: Region) -> Mask:
        whole = np.zeros(SIZE, np.float32)
        whole[region.top : region.bottom, region.left : region.right] = region.soften(mask[None])
        return whole

    two = Sighting([look(LEFT, (2, 2, 6, 14), None), look(MIDDLE, None, (2, 2, 6, 14), value=0.8)], [0, 1])
    one, other = soft(two.mask(0), LEFT), soft(two.mask(1), MIDDLE)
    np.testing.assert_array_equal(two.soften([0, 1], SIZE), np.maximum(one, other))
    np.testing.assert_array_equal(two.soften([1], SIZE), other)
    assert (one[:, 32:64] > other[:, 32:64]).any()
    assert (one[:, 32:64] < other[:, 32:64]).any()


def test_a_dropped_object_leaves_the_others_in_their_looks() -> None:
    two = Sighting([look(LEFT, (2, 2, 6, 6), None, None), look(RIGHT, None, (1, 1, 3, 3), None)], [0, 1, 0])
    two.looks[1].rows = [1, 2]
    two.drop_object(0)
    assert two.homes == [1, 0]
    assert two.looks[0].rows == [0, 1]
    assert two.looks[1].rows == [0, 1]
    assert two.bounds(0) == (68.0, 4.0, 76.0, 12.0)
    assert two.bounds(1) is None


@pytest.mark.parametrize("evidence", [np.arange(3 * 2 * 3, dtype=np.float32).reshape(3, 2, 3), None])
def test_a_dropped_object_is_forgotten_in_memory(evidence: np.ndarray | None) -> None:
    seen = look(LEFT, (2, 2, 6, 6), None, (1, 1, 3, 3))
    key, value = np.zeros((2, 4), np.float32), np.arange(3 * 2 * 4, dtype=np.float32).reshape(3, 2, 4)
    frame = MemoryFrame(seen.region, {}, seen.masks, [0, 1, 2], key, value, evidence)
    frame.drop_object(1)
    assert frame.rows == [0, 1]
    np.testing.assert_array_equal(frame.masks, seen.masks[[0, 2]])
    np.testing.assert_array_equal(frame.value, value[[0, 2]])
    if evidence is None:
        assert frame.evidence is None
    else:
        np.testing.assert_array_equal(frame.evidence, evidence[[0, 2]])


def test_the_area_of_a_cell() -> None:
    assert look(LEFT, None).cell_area == 16
    assert Look(Region(0, 0, 80, 60, 32, 64), {}, np.zeros((1, 8, 16), np.float32), [0]).cell_area == 37.5


def test_a_mask_covers_the_cells_above_one_half() -> None:
    seen = look(LEFT, None)
    mask = np.zeros(LEFT.grid, np.float32)
    mask[0, :3] = 0.4, 0.5, 0.6
    mask[1, :2] = 1
    assert seen.area(mask) == 3 * 16
    assert seen.area(mask > 0) == 5 * 16
