"""Who is looked at together."""

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobilevos.engine.bounds import Bounds
from mobilevos.engine.grouping import APART, TOGETHER, groups
from mobilevos.engine.region import Region

SIDE = 100.0


def box(x: float, y: float = 0.0, side: float = SIDE) -> Bounds:
    return (x, y, x + side, y + side)


def region(bounds: Iterable[Bounds | None]) -> Region:
    """Just around some boxes, seen at 1000 x 1000 pixels: large enough for `MAX_ZOOM` to be out of reach."""
    boxes = [each for each in bounds if each is not None] or [box(0, side=1e6)]
    left, top = (min(each[axis] for each in boxes) for axis in (0, 1))
    right, bottom = (max(each[axis] for each in boxes) for axis in (2, 3))
    return Region(int(10 * left), int(10 * top), int(10 * right), int(10 * bottom), 1000, 1000)


def stretched(gain: float) -> float:
    """Where a box begins that lies beside one at 0, so that one region shows them so many times smaller."""
    return SIDE * gain**2 - SIDE


@pytest.mark.parametrize(("gain", "number"), [(APART - 0.01, 1), (APART + 0.01, 2)])
def test_far_objects_are_looked_at_apart(gain: float, number: int) -> None:
    far = stretched(gain)
    assert len(groups([box(0), box(far)], region)) == number
    assert len(groups([box(far), box(0)], region)) == number
    assert len(groups([box(0), (0.0, far, SIDE, far + SIDE)], region)) == number


@pytest.mark.parametrize(("gain", "number"), [(TOGETHER - 0.01, 1), (TOGETHER + 0.01, 2)])
def test_they_stay_apart_for_a_while_when_they_come_nearer(gain: float, number: int) -> None:
    places = [box(0), box(stretched(gain))]
    assert len(groups(places, region, [(0,), (1,)])) == number
    assert groups(places, region, [(0, 1)]) == [(0, 1)]
    assert groups(places, region) == [(0, 1)]
    three = [*places, places[1]]
    assert len(groups(three, region, [(0,), (1, 2)])) == number
    assert groups(three, region, [(0,), (1,)]) == [(0, 1, 2)]  # a new one is a reason to think anew


def test_both_must_gain() -> None:
    """A large object beside a small one is seen as well in one region."""
    assert groups([box(0, side=400), box(401, side=10)], region) == [(0, 1)]


def test_the_split_is_the_one_that_gains_most() -> None:
    assert groups([box(0), box(1000), box(110), box(1110)], region) == [(0, 2), (1, 3)]
    assert groups([box(0, 900), box(10, 0), box(20, 1000), box(30, 110)], region) == [(0, 2), (1, 3)]


def test_who_is_out_of_sight_belongs_to_the_first() -> None:
    assert groups([None, box(0), None, box(900)], region) == [(0, 1, 2), (3,)]
    assert groups([None, None], region) == [(0, 1)]
    assert groups([box(0)], region) == [(0,)]
    assert groups([None, box(0)], region, [(1,), (0,)]) == [(0, 1)]


def test_groups_are_in_the_order_of_their_first_rows() -> None:
    assert groups([box(0), box(900)], region, [(1,), (0,)]) == [(0,), (1,)]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.none() | st.builds(box, *[st.floats(0, 2000)] * 2, st.floats(1, 300)), min_size=1, max_size=7))
def test_every_object_is_in_one_group(places: list[Bounds | None]) -> None:
    found = groups(places, region)
    assert 1 <= len(found) <= 2
    assert sorted(row for group in found for row in group) == list(range(len(places)))
    assert all(list(group) == sorted(group) and group for group in found)
    assert groups(places, region, found) == found
