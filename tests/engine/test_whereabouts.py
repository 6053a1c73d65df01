"""An object is in one place: bodies of look-alikes are given back."""

import numpy as np
import pytest
from bodies import COLUMNS, NOTHING, OTHER, REGION, ROWS, SIDE, TOP, TWIN, Life, body, both_known, place

from mobilevos.engine.region import Region
from mobilevos.engine.sighting import Look, Sighting
from mobilevos.engine.whereabouts import Whereabouts


def test_after_they_crossed_each_has_its_own_body_again() -> None:
    life = Life()
    life.walk((10, 4), (60, -4))  # at 30 and 40
    assert not life.see(body(34), body(36))
    assert not life.see(body(38, 36), NOTHING)
    assert not life.see(body(42, 36), NOTHING)  # touching still
    one, two = body(46), body(28)
    assert life.see(one + two, NOTHING, known=both_known(one, two, TWIN))
    assert life.inside(0) == place(46)
    assert life.inside(1) == place(28)
    assert life.seen.mask(1).max() == pytest.approx(0.9)
    assert not life.see(body(50), body(24))


def test_it_goes_to_nobody_if_it_looks_like_nobody() -> None:
    life = Life()
    life.walk((10, 4), (60, -4))
    life.see(body(34, 36), NOTHING)
    one, two = body(38), body(20)
    assert life.see(one + two, NOTHING, known=[np.maximum(one, two), OTHER * two])
    assert life.inside(0) == place(38)
    assert life.inside(1) == []


def test_a_passer_by_that_nobody_named_is_left_out() -> None:
    life = Life()
    life.walk((10, 2))
    assert life.see(body(22, 60))
    assert life.inside(0) == place(22)
    assert not (life.seen.mask(0)[:, 58:68]).any()
    assert life.see(body(60, 24))
    assert life.inside(0) == place(24)


def test_who_is_in_sight_is_given_nothing() -> None:
    life = Life()
    life.walk((10, 2), (40, 0))
    one, two = body(22), body(60)
    assert life.see(one + two, body(40), known=[one, two])
    assert life.inside(0) == place(22)
    assert life.inside(1) == place(40)


@pytest.mark.parametrize(("width", "given"), [(2, False), (3, True), (12, True), (14, False)])
def test_who_is_much_smaller_or_larger_is_given_nothing(width: int, given: bool) -> None:
    life = Life()
    for t in range(6):
        life.see(body(10 + 2 * t), body(50, width=width))
    one, two = body(22), body(55)
    assert life.see(one + two, NOTHING, known=both_known(one, two, TWIN))
    assert (life.inside(1) == place(55)) == given


@pytest.mark.parametrize(("at", "owner"), [(44, 2), (56, 1)])
def test_of_two_that_are_gone_it_goes_to_the_nearer(at: int, owner: int) -> None:
    life = Life()
    life.walk((10, 2), (60, 0), (40, 0))
    one, two = body(22), body(at)
    known = [*both_known(one, two, TWIN), 0.6 * two]
    assert life.see(one + two, NOTHING, NOTHING, known=known)
    assert [life.inside(row) for row in (0, owner, 3 - owner)] == [place(22), place(at), []]


def test_the_nearer_is_so_in_pixels_whatever_its_size() -> None:
    life = Life()
    for t in range(6):
        life.see(body(10 + 2 * t), body(60), body(40, width=4))
    one, two = body(22), body(48)
    assert life.see(one + two, NOTHING, NOTHING, known=[*both_known(one, two, TWIN), 0.6 * two])
    assert [life.inside(row) for row in range(3)] == [place(22), [], place(48)]


@pytest.mark.parametrize(("at", "given"), [(44, True), (50, False)])
def test_it_goes_to_who_was_expected_there_whatever_it_looks_like(at: int, given: bool) -> None:
    life = Life()
    life.walk((10, 0), (40, 0))
    one, two = body(10), body(at)
    assert life.see(one + two, NOTHING, known=[one + two, NOTHING])
    assert (life.inside(1) == place(at)) == given


def test_it_goes_to_the_first_as_well() -> None:
    life = Life()
    life.walk((40, 0), (10, 0))
    one, two = body(10), body(44)
    assert life.see(NOTHING, one + two, known=[NOTHING, one + two])
    assert (life.inside(0), life.inside(1)) == (place(44), place(10))


def test_places_are_across_and_down() -> None:
    life = Life()
    for t in range(5):
        assert not life.see(body(10 + 2 * t, top=2 * t))
    assert life.see(body(20, 60, top=10))
    assert life.inside(0) == place(20)


def test_who_was_seen_once_is_expected_to_stay() -> None:
    life = Life()
    for mask in (body(10), *[NOTHING] * 30, body(10), body(10)):
        assert not life.see(mask)
    assert life.see(body(10, 60)), "three frames tell that it does"


def test_places_are_those_of_the_frame_wherever_is_looked() -> None:
    life = Life()
    life.walk((10, 0))
    nearer = Region(20, 26, 20 + 2 * COLUMNS, 26 + 2 * ROWS, 4 * ROWS, 4 * COLUMNS)
    mask = np.zeros((1, ROWS, COLUMNS), np.float32)
    mask[0, 1:13, 10:22] = mask[0, 1:13, 60:72] = 0.9  # the same six cells, seen twice as large
    seen = Sighting([Look(nearer, {}, mask, [0])], [0])
    assert life.ways.settle(seen, lambda look: look.masks)
    assert np.flatnonzero((mask[0] > 0.5).any(0)).tolist() == place(10, width=12)


def test_the_home_of_who_is_found_is_where_it_was_found() -> None:
    life = Life()
    life.walk((10, 4), (60, -4))
    one, two = body(38), body(24)
    look = Look(REGION, {}, np.stack([one + two, NOTHING]), [0])
    elsewhere = Look(REGION, {}, np.stack([NOTHING, 0.3 * body(70)]), [1])
    known = np.stack(both_known(one, two, TWIN))
    seen = Sighting([look, elsewhere], [0, 1])
    assert life.ways.settle(seen, lambda _: known)
    assert seen.homes == [0, 0]
    assert look.rows == [0, 1]
    assert not elsewhere.masks[1].any()
    assert (seen.mask(1) > 0.5).any()


@pytest.mark.parametrize(
    ("mask", "why"),
    [
        (body(18, 30, width=3), "hidden in its middle, it is no more than it was"),
        (body(22) + body(40, width=2), "what is small is no body"),
        (body(40, 60), "neither is where it should be"),
        (body(18, 19 + SIDE), "both are as near"),
        (body(22, width=14) + body(50), "larger than the object ever was"),
        (body(22, width=8) + body(50, width=3, height=5), "what is less than half of it is no body"),
    ],
)
def test_a_mask_in_parts_stays_if(mask: np.ndarray, why: str) -> None:
    life = Life()
    life.walk((10, 2))
    assert not life.see(mask), why
    np.testing.assert_array_equal(life.seen.mask(0), mask)


def test_it_stays_if_the_permanent_frames_know_only_the_other() -> None:
    for known, changed in ((0.45, False), (0.55, True)):
        life = Life()
        life.walk((10, 2))
        assert life.see(body(22, 60), known=[np.maximum(known * body(22), body(60))]) == changed


def test_an_object_that_always_was_in_two_parts_stays() -> None:
    life = Life()
    for t in range(12):
        assert not life.see(body(10 + t, 30 + t))


def test_three_frames_tell_how_an_object_moves() -> None:
    for frames in (2, 3):
        life = Life()
        life.walk((10, 2), frames=frames)
        assert life.see(body(10 + 2 * frames, 60)) == (frames == 3)


@pytest.mark.parametrize(("frames", "changed"), [(25, True), (26, False)])
def test_what_is_larger_than_ever_is_believed_after_a_while(frames: int, changed: bool) -> None:
    """Sooner, what was swallowed would become what is usual."""
    life = Life()
    life.walk((10, 0))
    for _ in range(frames):
        assert not life.see(body(10, width=2 * SIDE))
    assert life.see(body(10, 60)) == changed


def test_an_object_that_grows_bit_by_bit_is_believed() -> None:
    life = Life()
    for width in (6, 6, 6, 6, 6, 7, 7, 7, 7, 8, 8, 8, 8, 9, 9, 9, 9):
        assert not life.see(body(10, width=width))
    assert not life.see(body(10, 40))  # two of the first size
    assert life.see(body(10, 40, width=9))


@pytest.mark.parametrize(("frames", "changed"), [(5, False), (6, True)])
def test_an_object_that_leaps_is_followed_after_three_frames(frames: int, changed: bool) -> None:
    life = Life()
    life.walk((10, 0))
    for _ in range(frames):
        life.see(body(50))
    assert life.see(body(50, 70)) == changed


def test_the_expected_place_goes_on_while_the_object_is_unseen() -> None:
    life = Life()
    life.walk((10, 2))
    for _ in range(5):
        life.see(NOTHING)
    assert life.see(body(32, 60))
    assert life.inside(0) == place(32)


def test_who_is_unseen_is_thought_to_slow_down() -> None:
    life = Life()
    life.walk((10, 1))
    for _ in range(30):
        life.see(NOTHING)
    assert life.see(body(38, 5))  # at its pace, it would be at 46 now
    assert life.inside(0) == place(38)


@pytest.mark.parametrize(("frames", "changed"), [(27, False), (28, True)])
def test_an_object_that_was_small_by_mistake_is_known_after_a_while(frames: int, changed: bool) -> None:
    life = Life()
    life.see(body(10))
    for _ in range(frames):
        life.see(body(10, width=2 * SIDE))
    assert life.see(body(10, 60, width=2 * SIDE)) == changed


@pytest.mark.parametrize(("leap", "changed"), [(3, True), (5, False)])
def test_a_short_leap_is_believed_at_once(leap: int, changed: bool) -> None:
    life = Life()
    life.walk((10, 0))
    life.see(body(10 + leap))
    assert life.see(body(19, 60)) == changed


@pytest.mark.parametrize(("off", "changed"), [(5, True), (7, False)])
def test_the_own_body_is_near_to_where_it_should_be(off: int, changed: bool) -> None:
    life = Life()
    life.walk((10, 0))
    assert life.see(body(10 + off, 60)) == changed


@pytest.mark.parametrize(("width", "changed"), [(2, False), (3, True)])
def test_half_of_the_usual_area_is_a_body(width: int, changed: bool) -> None:
    life = Life()
    life.walk((10, 0))
    assert life.see(body(10) + body(60, width=width)) == changed


def test_an_object_as_large_as_two_of_it_is_one() -> None:
    life = Life()
    life.walk((10, 0))
    assert life.see(body(7, width=12) + body(60))


def test_what_is_as_likely_as_not_is_not_seen() -> None:
    life = Life()
    life.walk((10, 0))
    for _ in range(6):
        life.see(np.minimum(body(60), np.float32(0.5)))
    assert life.see(body(10, 60))
    assert life.inside(0) == place(10)


def test_what_is_as_likely_as_not_is_no_body() -> None:
    life = Life()
    life.walk((10, 0))
    assert not life.see(body(10) + body(60) * np.float32(0.5 / 0.9))


def test_the_mask_fades_out_around_the_other_body_alone() -> None:
    life = Life()
    life.walk((10, 0))
    assert life.see(np.maximum(body(10, 18), np.float32(0.3)))
    row = life.seen.mask(0)[TOP + 2]
    np.testing.assert_allclose(row[8:28], [0.3, 0.3, *[0.9] * 6, 0.3, *[0] * 9, 0.3, 0.3], atol=1e-6)


@pytest.mark.parametrize(("share", "given"), [(0.35, False), (0.45, True)])
def test_it_is_given_to_who_looks_nearly_as_much_like_it(share: float, given: bool) -> None:
    life = Life()
    life.walk((10, 0), (40, 0))
    one, two = body(10), body(60)  # far from where the other was
    assert life.see(one + two, NOTHING, known=[np.maximum(one, two), share * two])
    assert (life.inside(1) == place(60)) == given


@pytest.mark.parametrize(
    ("height", "sure", "given"), [(2, 0.9, True), (3, 0.9, False), (3, 0.7, False), (6, 0.5, True)]
)
def test_little_of_an_object_is_as_good_as_nothing(height: int, sure: float, given: bool) -> None:
    life = Life()
    life.walk((10, 0), (40, 0))
    one, two, rest = body(10), body(60), np.minimum(body(40, height=height), np.float32(sure))
    assert life.see(one + two, rest, known=both_known(one, two, TWIN))
    assert (life.inside(1) == place(60)) == given


def test_a_correction_begins_anew() -> None:
    life = Life()
    life.walk((10, 2))
    life.ways.forget(0)
    assert not life.see(body(22, 60))
    Whereabouts().forget(0)  # not seen yet


def test_objects_after_one_that_is_dropped_move_up() -> None:
    life = Life()
    life.walk((70, 0), (10, 4), (60, -4))
    life.see(body(70), body(34), body(36))
    life.ways.drop_object(0)
    assert not life.see(body(38, 36), NOTHING)
    one, two = body(46), body(28)
    assert life.see(one + two, NOTHING, known=both_known(one, two, TWIN))
    assert [life.inside(0), life.inside(1)] == [place(46), place(28)]
