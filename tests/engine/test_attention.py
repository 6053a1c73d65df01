"""What is decided for a frame."""

from dataclasses import replace

import pytest

from mobilevos.engine.attention import Attention
from mobilevos.engine.modes import MODES
from mobilevos.engine.region import Region, around

BOX = (300.0, 150.0, 380.0, 230.0)
FAR = (20.0, 20.0, 60.0, 60.0)
MODE = replace(MODES["best"], shrink=0.9, narrow=0.8, refresh=3, search=4)


@pytest.fixture
def attention() -> Attention:
    return Attention(MODE, (480, 854))


def test_the_region_holds_all_with_some_margin(attention: Attention) -> None:
    region = attention.region([BOX, None, FAR])
    assert region.holds(BOX)
    assert region.holds(FAR)
    assert not attention.region([BOX]).holds(FAR)
    assert attention.region([BOX]) == around(BOX, (480, 854), MODE.size, MODE.margin)
    assert attention.region([]) == attention.region([None]) == attention.everywhere
    assert Attention(MODE, (480, 854), follow=False).region([BOX]) == attention.everywhere


def test_the_region_shrinks_slowly_and_grows_at_once(attention: Attention) -> None:
    wide, near = attention.region([BOX, FAR]), attention.region([BOX])
    planned = attention.plan([BOX], [0], wide, 0).region
    assert planned.box_size == pytest.approx([0.9 * side for side in wide.box_size], abs=2)
    assert attention.plan([BOX, FAR], [0, 0], near, 0).region == wide


@pytest.mark.parametrize("missing", range(1, 20))
def test_a_missing_object_is_searched_and_then_given_up(attention: Attention, missing: int) -> None:
    """For a while the region narrows sooner then, but not all at once."""
    wide = attention.region([BOX, FAR])
    plan = attention.plan([BOX], [0, missing], wide, 0)
    assert plan.search == (missing % 4 == 3)
    assert not plan.remember
    shrink = 0.8 if 4 <= missing < 16 else 0.9
    assert plan.region.box_size == pytest.approx([shrink * side for side in wide.box_size], abs=2)


def test_who_is_searched_longest_sets_the_pace(attention: Attention) -> None:
    near = attention.region([BOX])
    assert attention.plan([BOX], [0, 3, 2], near, 0).search
    assert not attention.plan([BOX], [0, 3, 5], near, 0).search


def test_nothing_is_searched_where_all_is_in_view(attention: Attention) -> None:
    assert not attention.plan([BOX], [0, 0], attention.region([BOX]), 0).search
    plan = attention.plan([], [3, 7], attention.everywhere, 0)
    assert (plan.region, plan.search) == (attention.everywhere, False)
    across = (0.0, 0.0, 854.0, 480.0)
    assert not attention.plan([across], [0, 3], attention.everywhere, 0).search


def test_every_few_frames_the_newest_is_remembered(attention: Attention) -> None:
    near = attention.region([BOX])
    assert [attention.plan([BOX], [0], near, past).remember for past in range(4)] == [False, False, True, True]


def test_after_a_change_the_region_stays_if_it_holds_all_and_fits(attention: Attention) -> None:
    before = attention.region([BOX])
    moved = (BOX[0] + 4, BOX[1], BOX[2] + 4, BOX[3])
    assert attention.changed([moved, None], before) == before
    assert attention.changed([BOX, FAR], before) == attention.region([BOX, FAR])
    # As large and almost in the same place, but one end lies outside.
    beside = Region(before.left + 5, before.top, before.right + 5, before.bottom, before.height, before.width)
    end = (before.left + 1.0, 180.0, before.left + 9.0, 190.0)
    assert attention.changed([BOX, end], beside).holds(end)
