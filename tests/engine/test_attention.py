"""What is decided for a frame."""

from dataclasses import replace

import pytest

from mobilevos.engine.attention import Attention, View
from mobilevos.engine.modes import MODES
from mobilevos.engine.region import Region, around

BOX = (300.0, 150.0, 380.0, 230.0)
BESIDE = (420.0, 150.0, 500.0, 230.0)
FAR = (20.0, 20.0, 60.0, 60.0)
MODE = replace(MODES["best"], shrink=0.9, narrow=0.8, refresh=3, search=4)


def one(region: Region, objects: int = 1) -> list[View]:
    """All in one view."""
    return [View(region, tuple(range(objects)))]


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
    (planned,) = attention.plan([BOX], [0], one(wide), 0).views
    assert planned.region.box_size == pytest.approx([0.9 * side for side in wide.box_size], abs=2)
    assert attention.plan([BOX, BESIDE], [0, 0], one(near, 2), 0).views == one(attention.region([BOX, BESIDE]), 2)


def test_far_objects_have_a_view_each(attention: Attention) -> None:
    """Which narrows after they were in one as it does after a search, and otherwise slowly."""
    views = attention.views([FAR, BOX])
    assert views == [View(attention.region([FAR]), (0,)), View(attention.region([BOX]), (1,))]
    wide = attention.region([FAR, BOX])
    for before, shrink in ((one(wide, 2), 0.8), ([View(wide, (0,)), View(wide, (1,))], 0.9)):
        for view in attention.plan([FAR, BOX], [0, 0], before, 0).views:
            assert view.region.box_size == pytest.approx([shrink * side for side in wide.box_size], abs=2)
    assert Attention(MODE, (480, 854), follow=False).views([FAR, BOX]) == one(attention.everywhere, 2)


def test_who_is_out_of_sight_is_looked_for_in_the_first_view(attention: Attention) -> None:
    assert [view.rows for view in attention.views([None, FAR, None, BOX])] == [(0, 1, 2), (3,)]
    assert attention.views([None, None]) == one(attention.everywhere, 2)


def test_a_view_keeps_its_own_size_when_the_other_goes(attention: Attention) -> None:
    before = attention.views([FAR, BOX])
    assert attention.plan([None, BOX], [1, 0], before, 0).views == one(attention.region([BOX]), 2)
    assert attention.plan([FAR, None], [0, 1], before, 0).views == one(attention.region([FAR]), 2)


@pytest.mark.parametrize("missing", range(1, 20))
def test_a_missing_object_is_searched_and_then_given_up(attention: Attention, missing: int) -> None:
    """For a while the region narrows sooner then, but not all at once."""
    wide = attention.region([BOX, FAR])
    plan = attention.plan([BOX, None], [0, missing], one(wide, 2), 0)
    assert plan.search == (missing % 4 == 3)
    assert not plan.remember
    shrink = 0.8 if 4 <= missing < 16 else 0.9
    assert plan.views[0].region.box_size == pytest.approx([shrink * side for side in wide.box_size], abs=2)


def test_who_is_searched_longest_sets_the_pace(attention: Attention) -> None:
    near = one(attention.region([BOX]), 3)
    assert attention.plan([BOX, None, None], [0, 3, 2], near, 0).search
    assert not attention.plan([BOX, None, None], [0, 3, 5], near, 0).search


def test_nothing_is_searched_where_all_is_in_view(attention: Attention) -> None:
    assert not attention.plan([BOX, BOX], [0, 0], one(attention.region([BOX]), 2), 0).search
    plan = attention.plan([None, None], [3, 7], one(attention.everywhere, 2), 0)
    assert (plan.views, plan.search) == (one(attention.everywhere, 2), False)
    across = (0.0, 0.0, 854.0, 480.0)
    assert not attention.plan([across, None], [0, 3], one(attention.everywhere, 2), 0).search


def test_nothing_is_searched_where_one_of_two_views_still_shows_all() -> None:
    attention = Attention(replace(MODE, shrink=1.0, narrow=1.0), (480, 854))
    before = [View(attention.everywhere, (0, 2)), View(attention.region([FAR]), (1,))]
    plan = attention.plan([BOX, FAR, None], [0, 0, 3], before, 0)
    assert [view.region == attention.everywhere for view in plan.views] == [True, False]
    assert not plan.search


def test_every_few_frames_the_newest_is_remembered(attention: Attention) -> None:
    near = one(attention.region([BOX]))
    assert [attention.plan([BOX], [0], near, past).remember for past in range(4)] == [False, False, True, True]


def test_after_a_change_the_region_stays_if_it_holds_all_and_fits(attention: Attention) -> None:
    before = attention.region([BOX])
    moved = (BOX[0] + 4, BOX[1], BOX[2] + 4, BOX[3])
    assert attention.changed([moved, None], one(before, 2)) == one(before, 2)
    assert attention.changed([BOX, BESIDE], one(before)) == one(attention.region([BOX, BESIDE]), 2)
    # As large and almost in the same place, but one end lies outside.
    beside = Region(before.left + 5, before.top, before.right + 5, before.bottom, before.height, before.width)
    end = (before.left + 1.0, 180.0, before.left + 9.0, 190.0)
    (view,) = attention.changed([BOX, end], one(beside, 2))
    assert view.region.holds(end)


def test_after_a_change_in_one_of_two_views_the_other_stays(attention: Attention) -> None:
    before = attention.views([FAR, BOX])
    larger = (BOX[0] - 40, BOX[1] - 40, BOX[2] + 40, BOX[3] + 40)
    assert attention.changed([FAR, larger], before) == [before[0], View(attention.region([larger]), (1,))]
    nudged = (BOX[0] + 3, BOX[1], BOX[2] + 3, BOX[3])
    assert attention.changed([FAR, nudged], before) == before
