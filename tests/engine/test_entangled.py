"""Look-alikes that hide each other have their own bodies again when they are apart."""

import numpy as np
import pytest
from bodies import COLUMNS, NOTHING, REGION, ROWS, SIDE, TOP, TWIN, Life, body, both_known, place

from mobilevos.engine.entangled import Entangled, part
from mobilevos.engine.region import Region
from mobilevos.engine.sighting import Look, Sighting
from mobilevos.engine.track import Track

PACE = 4


def met(alike: float = TWIN) -> Life:
    """Two that have come from both sides: at 30 and 40, they go on behind each other for some frames."""
    life = Life()
    life.walk((10, PACE), (60, -PACE))
    one, two = body(34), body(36)
    assert not life.see(one, two * (np.arange(COLUMNS) >= 40), known=both_known(one, two, alike))
    for t in range(1, 3):
        one = body(34 + PACE * t)
        assert not life.see(one, NOTHING, known=both_known(one, one, alike))
    return life


def far(t: int) -> tuple[np.ndarray, np.ndarray]:
    """Their bodies, some frames after they were seen last."""
    return body(42 + PACE * t), body(28 - PACE * t)


def test_who_was_exchanged_is_exchanged_again() -> None:
    life = met()
    one, two = far(1)
    assert life.see(two, one, known=both_known(one, two, TWIN))
    assert (life.inside(0), life.inside(1)) == (place(46), place(24))
    one, two = far(2)
    assert not life.see(one, two, known=both_known(one, two, TWIN))


def test_what_is_mixed_is_sorted() -> None:
    life = met()
    one, two = far(1)
    first, second = one.copy(), two.copy()
    first[TOP], second[TOP] = two[TOP], one[TOP]
    assert life.see(first, second, known=both_known(one, two, TWIN))
    np.testing.assert_array_equal(life.seen.mask(0), one)
    np.testing.assert_array_equal(life.seen.mask(1), two)


def test_who_looks_otherwise_stays_who_the_network_says() -> None:
    life = met(alike=0.05)
    one, two = far(1)
    assert not life.see(two, one, known=both_known(two, one, 0.05))


def test_looks_outweigh_places_where_they_are_plain() -> None:
    life = met()
    one, two = far(1)
    assert not life.see(two, one, known=[0.9 * two + 0.3 * one, 0.9 * one + 0.3 * two])


def test_bodies_that_touch_stay_as_they_are() -> None:
    life = met()
    one, two = body(38), body(32)
    assert not life.see(two, one, known=both_known(one, two, TWIN))


def test_who_moves_with_the_camera_while_hidden_is_found_again() -> None:
    """Two that go through each other; at the moment at which they are one, all moves by five cells twice."""
    life = Life()
    life.walk((24, 1), (36, -1))
    for left, top in ((34, 10), (38, 13), (40, 13), (41, 13)):
        one = body(left, top=top)
        assert not life.see(one, NOTHING, known=both_known(one, one, TWIN))
    one, two = body(42, top=13), body(34, top=13)
    assert life.see(two, one, known=both_known(one, two, TWIN))
    assert (life.inside(0), life.inside(1)) == (place(42), place(34))


def tracks_at(*lefts: float) -> list[Track]:
    """Objects that stand still at some columns."""
    return [Track(16.0 * SIDE**2, complex(4 * (x + SIDE / 2), 4 * (TOP + SIDE / 2)), frames=5) for x in lefts]


@pytest.mark.parametrize(
    ("moved", "shift"),
    [
        ((33, 43), 12),  # all of both is seen
        ((33,), 0),  # one of them is not
        ((36, 46), 24),  # as far as they are large
        ((39, 49), 0),  # no object moves by more than its size at once
    ],
)
def test_what_they_do_together_is_seen(moved: tuple[int, ...], shift: float) -> None:
    masks = np.stack([body(moved[0]), body(*moved[1:])])
    seen = Sighting([Look(REGION, {}, masks, [0, 1])], [0, 0])
    assert part([0, 1], tracks_at(30, 40), seen, lambda look: look.masks) == (False, pytest.approx(shift))


@pytest.mark.parametrize(("other", "shift"), [(32, 8), (33, 6), (34, 0)])
def test_two_on_one_place_are_where_their_mask_is(other: int, shift: float) -> None:
    seen = Sighting([Look(REGION, {}, np.stack([body(33), NOTHING]), [0, 1])], [0, 0])
    assert part([0, 1], tracks_at(30, other), seen, lambda look: look.masks) == (False, pytest.approx(shift))


@pytest.mark.parametrize(("width", "is_all"), [(4, False), (5, True), (7, True), (8, False)])
def test_all_is_seen_if_it_is_as_large_as_ever(width: int, is_all: bool) -> None:
    masks = np.stack([body(32, width=width), body(52, width=width)])
    _, shift = part([0, 1], tracks_at(30, 50), one_look(masks), lambda look: look.masks)
    assert (shift != 0) == is_all


@pytest.mark.parametrize(("height", "counts"), [(5, False), (6, True)])
def test_less_than_a_third_of_a_body_is_none(height: int, counts: bool) -> None:
    """With it, so much is seen that it is all of them."""
    masks = np.stack([body(31, width=8), body(50, width=2, height=height)])
    _, shift = part([0, 1], tracks_at(30, 50), one_look(masks), lambda look: look.masks)
    assert (shift != 0) == counts


def one_look(masks: np.ndarray) -> Sighting[Look]:
    return Sighting([Look(REGION, {}, masks, [*range(len(masks))])], [0] * len(masks))


@pytest.mark.parametrize(
    ("at", "other", "sure", "rival", "given", "why"),
    [
        (26, 60, 0.6, 0.6, True, "it is a side from where it was expected"),
        (27, 60, 0.6, 0.6, False, "it is farther"),
        (22, 29, 0.6, 0.6, True, "it is nearer by five sixths of a side"),
        (22, 28, 0.6, 0.6, False, "it is nearer by four sixths"),
        (22, 32, 0.4, 0.9, True, "it is nearer by so much that looks that are less like it do not count"),
        (22, 31, 0.4, 0.9, False, "it is nearer by a little less"),
        (20, 60, 0.152, 0.152, True, "it is known there, if barely"),
        (20, 60, 0.1, 0.1, False, "it is hardly known there"),
        (20, 60, 0.6, 0.02, True, "the other is not known there"),
        (20, 60, 0.4, 0.9, True, "it is known nearly half as well as the other"),
        (20, 60, 0.3, 0.9, False, "it is known a third as well"),
    ],
)
def test_a_body_in_the_mask_of_another_is_given_if(
    at: int, other: int, sure: float, rival: float, given: bool, why: str
) -> None:
    own = body(at)
    seen = one_look(np.stack([NOTHING, own]))
    known = np.stack([own, own]) / np.float32(0.9) * np.float32([[[sure]], [[rival]]])
    changed, _ = part([0, 1], tracks_at(20, other), seen, lambda _: known)
    assert changed == given, why
    np.testing.assert_array_equal(seen.mask(0 if given else 1), own)
    assert not seen.mask(1 if given else 0).any()


@pytest.mark.parametrize(("other", "given"), [(26, False), (27, True)])
def test_a_body_that_may_hold_another_stays_as_it_is(other: int, given: bool) -> None:
    """Its middle is expected within two cells of the body, however sure the looks are."""
    own = body(20, width=8)
    seen = one_look(np.stack([NOTHING, own]))
    known = np.stack([own, own / 3])
    assert part([0, 1], tracks_at(20, other), seen, lambda _: known)[0] == given


def test_who_was_exchanged_while_all_moved_down_is_exchanged_again() -> None:
    one, two = body(30, top=TOP + 4), body(40, top=TOP + 4)
    seen = one_look(np.stack([two, one]))
    known = np.stack(both_known(one, two, TWIN))
    assert part([0, 1], tracks_at(30, 40), seen, lambda _: known) == (True, pytest.approx(16j))
    np.testing.assert_array_equal(seen.looks[0].masks, [one, two])


@pytest.mark.parametrize(("other", "given"), [(22, False), (30, True)])
def test_a_body_that_may_hold_another_stays_as_it_is_where_all_moved_down(other: int, given: bool) -> None:
    own = body(20, width=8, top=TOP + 3)
    seen = one_look(np.stack([NOTHING, own + body(58, width=7, top=TOP + 3), NOTHING]))
    known = np.stack([own, own, own])
    assert part([0, 1, 2], tracks_at(20, 60, other), seen, lambda _: known)[0] == given


def test_two_that_touch_are_no_body_of_one() -> None:
    first, second = body(26), body(20)
    seen = one_look(np.stack([first, second]))
    known = np.stack([first + second, first + second])
    assert part([0, 1], tracks_at(23, 60), seen, lambda _: known) == (False, 0)


@pytest.mark.parametrize(("near", "given"), [(28, False), (29, True)])
def test_a_body_in_two_masks_is_given_if_both_are_less_likely(near: int, given: bool) -> None:
    own, first = body(22), body(22, width=4)
    seen = one_look(np.stack([NOTHING, first, own - first]))
    known = np.stack([own, own, own])
    assert part([0, 1, 2], tracks_at(20, 60, near), seen, lambda _: known)[0] == given
    if given:
        np.testing.assert_array_equal(seen.looks[0].masks, [own, NOTHING, NOTHING])


def test_of_two_that_are_as_sure_of_a_body_the_first_has_it() -> None:
    """The other would be too near to let it go."""
    own = body(22)
    seen = one_look(np.stack([NOTHING, own, own]))
    assert part([0, 1, 2], tracks_at(20, 60, 28), seen, lambda _: np.stack([own] * 3))[0]


def test_around_a_body_its_mask_fades_out_but_not_in_others() -> None:
    """All that any of their masks has within two cells of it is its owner's."""
    first, second = body(20), body(40)
    haze = np.full_like(first, 0.5)
    seen = one_look(np.stack([np.maximum(haze, second), np.maximum(haze / 5, first)]))
    known = np.stack([first, second])
    assert part([0, 1], tracks_at(20, 40), seen, lambda _: known) == (True, 0)
    one, two = seen.looks[0].masks[:, TOP]
    np.testing.assert_allclose(one[18:30], [0.5] * 2 + [0.9] * SIDE + [0.5] * 4, atol=1e-6)
    np.testing.assert_allclose(one[36:50], [0.5] * 2 + [0] * (SIDE + 4) + [0.5] * 2, atol=1e-6)
    np.testing.assert_allclose(two[16:30], [0.1] * 2 + [0] * (SIDE + 4) + [0.1] * 2, atol=1e-6)


@pytest.mark.parametrize(("other", "meet"), [(29, True), (30, False)])
def test_they_meet_when_they_are_near(other: int, meet: bool) -> None:
    """And have met until they are far from each other."""
    seen, entangled = one_look(np.stack([body(20), NOTHING])), Entangled()

    def groups(right: int) -> list[list[int]]:
        return entangled.meet(tracks_at(20, right), seen, lambda look: look.masks[[0, 0]])

    assert groups(other) == ([[0, 1]] if meet else [])
    assert groups(44) == ([[0, 1]] if meet else [])
    assert groups(45) == []
    assert groups(44) == []


@pytest.mark.parametrize("seen_row", [0, 1])
@pytest.mark.parametrize(("alike", "meet"), [(0.05, False), (0.1, True)])
def test_a_sixth_of_what_is_known_of_either_is_alike(seen_row: int, alike: float, meet: bool) -> None:
    """In its body, which is where its mask is above a half."""
    masks = np.stack([NOTHING, NOTHING])
    masks[seen_row] = np.maximum(body(20), 0.5)
    known = np.stack([body(20) * alike, body(20) * alike])
    known[seen_row] = 0.54
    groups = Entangled().meet(tracks_at(20, 25), one_look(masks), lambda _: known)
    assert groups == ([[0, 1]] if meet else [])


def test_it_is_asked_once_whether_they_look_alike() -> None:
    life, asked = Life(), []
    life.walk((10, PACE), (60, -PACE))

    def recognised(look: Look) -> np.ndarray:
        asked.append(look)
        return np.stack([body(34), NOTHING])

    for t in range(3):
        look = Look(REGION, {}, np.stack([body(34 + PACE * t), NOTHING]), [0, 1])
        life.ways.settle(Sighting([look], [0, 0]), recognised)
    assert len(asked) == 1


def test_a_correction_is_no_exchange() -> None:
    life = met()
    one, two = far(1)
    life.ways.forget(0)
    life.ways.forget(1)
    assert not life.see(two, one, known=both_known(one, two, TWIN))


def test_who_has_met_before_a_correction_is_asked_again() -> None:
    """Both are seen now, so it is the network that says who is who."""
    life = met()
    life.ways.forget(0)
    life.ways.forget(1)
    life.walk((20, 0), (30, 0))
    one, two = body(20), body(30)
    assert not life.see(two, one, known=both_known(one, two, TWIN))


@pytest.mark.parametrize(("frames", "changed"), [(25, True), (26, False)])
def test_a_mask_that_swallows_another_is_believed_after_a_while(frames: int, changed: bool) -> None:
    """It is an object of that size then, whose parts are not told apart by place."""
    life = Life()
    life.walk((20, 0), (28, 0))
    both = body(20, width=8 + SIDE)
    for _ in range(frames):
        assert not life.see(both, NOTHING, known=[both, both])
    assert life.see(body(20, 60), NOTHING, known=[body(20, 60), NOTHING]) == changed


def test_of_two_looks_each_body_stays_in_its_own() -> None:
    life = met()
    one, two = far(1)
    aside = Region(0, 0, 4 * COLUMNS, 4 * ROWS, 4 * ROWS, 4 * COLUMNS)
    looks = [
        Look(REGION, {}, np.stack([two, NOTHING]), [0]),
        Look(aside, {}, np.stack([NOTHING, one]), [1]),
    ]
    seen = Sighting(looks, [0, 1])
    known = np.stack(both_known(one, two, TWIN))
    assert not life.ways.settle(seen, lambda _: known)
    assert seen.homes == [0, 1]


@pytest.mark.parametrize("dropped", [0, 2])
def test_pairs_move_up_when_another_is_dropped(dropped: int) -> None:
    rows = [0, 1]
    life = Life()
    others = [(2, 0), (10, PACE), (60, -PACE)] if dropped == 0 else [(10, PACE), (60, -PACE), (2, 0)]
    life.walk(*others)
    one = body(34)
    still = body(2)

    def see(first: np.ndarray, second: np.ndarray, known: list[np.ndarray]) -> bool:
        all_masks, all_known = [first, second], known
        if len(life.seen.homes) == 3:
            all_masks.insert(dropped, still)
            all_known = [*known]
            all_known.insert(dropped, still)
        return life.see(*all_masks, known=all_known)

    assert not see(one, NOTHING, both_known(one, one, TWIN))
    life.ways.drop_object(dropped)
    life.seen.drop_object(dropped)
    for t in (1, 2):
        one = body(34 + PACE * t)
        assert not see(one, NOTHING, both_known(one, NOTHING, 0))  # asked now, they would not look alike
    one, two = far(1)
    assert see(two, one, both_known(one, two, TWIN))
    assert [life.inside(row) for row in rows] == [place(46), place(24)]
    assert len(place(0)) == SIDE


def meeting(entangled: Entangled, *lefts: float) -> list[list[int]]:
    """Groups of objects at some columns that all look alike."""
    seen = one_look(np.stack([NOTHING + np.float32(0.6)] * len(lefts)))
    return entangled.meet(tracks_at(*lefts), seen, lambda look: look.masks)


@pytest.mark.parametrize(
    ("lefts", "groups"),
    [
        ((0, 5, 40, 45), [[0, 1], [2, 3]]),
        ((0, 40, 45, 5), [[0, 3], [1, 2]]),
        ((10, 18, 26), [[0, 1, 2]]),
        ((10, 26, 18), [[0, 1, 2]]),
        ((10, 18, 34, 26, 60), [[0, 1, 2, 3]]),
        ((10, 18, *range(100, 700, 100), 26), [[0, 1, 8]]),
    ],
)
def test_who_meets_the_same_is_in_one_group(lefts: tuple[int, ...], groups: list[list[int]]) -> None:
    assert sorted(meeting(Entangled(), *lefts)) == groups


@pytest.mark.parametrize(
    ("lefts", "row", "groups"),
    [
        ((60, 20, 25), 0, [[0, 1]]),
        ((20, 60, 25), 1, [[0, 1]]),
        ((20, 25, 60), 2, [[0, 1]]),
        ((20, 25, 60), 1, []),
        ((20, 25, 60), 0, []),
    ],
)
def test_who_is_dropped_has_met_nobody(lefts: tuple[int, ...], row: int, groups: list[list[int]]) -> None:
    entangled = Entangled()
    assert len(meeting(entangled, *lefts)) == 1
    entangled.drop_object(row)
    assert meeting(entangled, 20, 35) == groups


@pytest.mark.parametrize(("sure", "given"), [(0.5, True), (0.6, False)])
def test_who_is_seen_elsewhere_is_given_nothing(sure: float, given: bool) -> None:
    """Even if it is little; who is not comes home."""
    own, rest = body(20), body(70, width=1) / np.float32(0.9) * np.float32(sure)
    looks = [Look(REGION, {}, np.stack([NOTHING, own]), [1]), Look(REGION, {}, np.stack([rest, NOTHING]), [0])]
    seen = Sighting(looks, [1, 0])
    known = np.stack([own, own])
    assert part([0, 1], tracks_at(20, 40), seen, lambda _: known)[0] == given
    assert seen.homes == ([0, 0] if given else [1, 0])


def small_and_large() -> tuple[list[Track], list[np.ndarray]]:
    """An object, and one that is twice as wide and as high, and their masks eight cells to the right."""
    seen, (small, large) = one_look(np.stack([NOTHING])).looks[0], (body(10), body(30, width=12, height=12))
    tracks = [Track(seen.area(mask), seen.centre(mask > 0.5), frames=5) for mask in (small, large)]
    return tracks, [body(18), body(38, width=12, height=12)]


def test_the_smallest_tells_what_is_a_body() -> None:
    tracks, _ = small_and_large()
    own = body(10)
    known = np.stack([own, own])
    assert part([0, 1], tracks, one_look(np.stack([NOTHING, own])), lambda _: known)[0]


def test_the_smallest_tells_how_far_they_may_move() -> None:
    tracks, masks = small_and_large()
    assert part([0, 1], tracks, one_look(np.stack(masks)), lambda look: look.masks)[1] == 0


@pytest.mark.parametrize(("cells", "changed"), [(1, False), (2, True)])
def test_a_cell_of_a_body_in_the_mask_of_another_is_nobodys(cells: int, changed: bool) -> None:
    own, other = body(20), body(20, width=1, height=cells)
    seen = one_look(np.stack([own - other, other]))
    known = np.stack([own, own])
    assert part([0, 1], tracks_at(20, 60), seen, lambda _: known)[0] == changed


def test_look_alikes_are_blurred_until_both_are_seen_whole() -> None:
    """The third one is as near, and looks otherwise."""
    entangled, tracks = Entangled(), tracks_at(30, 36, 42)
    whole = np.stack([body(30), body(36), body(42)])
    hidden = whole * np.array([[[1.0]], [[0.5]], [[1.0]]])
    known = np.stack([body(30, 36), body(30, 36), body(42)])
    assert entangled.meet(tracks, Sighting([Look(REGION, {}, hidden, [0, 1, 2])], [0] * 3), lambda _: known) == [[0, 1]]
    assert entangled.blurred(tracks, Sighting([Look(REGION, {}, hidden, [0, 1, 2])], [0] * 3)) == {0, 1}
    assert entangled.blurred(tracks, Sighting([Look(REGION, {}, whole, [0, 1, 2])], [0] * 3)) == set()
