"""Where objects that are out of sight are looked for, and what becomes of what was seen."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from mobilevos.engine.attention import Attention, View
from mobilevos.engine.bounds import Bounds
from mobilevos.engine.modes import MODES
from mobilevos.engine.region import Mask, Region
from mobilevos.engine.search import Search
from mobilevos.engine.sighting import Look, Sighting

SIZE = (480, 854)
ATTENTION = Attention(replace(MODES["best"], shrink=0.9), SIZE)
FRAME = np.zeros((*SIZE, 3), np.uint8)
HERE, THERE, BEYOND = (300.0, 150.0, 380.0, 230.0), (420.0, 150.0, 500.0, 230.0), (600.0, 300.0, 800.0, 460.0)


def boxes(region: Region, places: Sequence[Bounds | None]) -> Look:
    """What a region shows of some boxes."""
    masks = np.zeros((len(places), *SIZE), np.float32)
    for mask, place in zip(masks, places, strict=True):
        if place:
            left, top, right, bottom = map(int, place)
            mask[top:bottom, left:right] = 1
    return Look(region, {}, 0.9 * region.view_masks(masks), [*range(len(places))])


class Eyes:
    """A perception that finds boxes wherever they are, and takes for returned what it is told.

    It also is who knows what was something else: `strangers`. Permanent frames recognise the boxes of `known`.
    """

    def __init__(self, places: Sequence[Bounds | None], returning: Sequence[int], again: Sequence[int]) -> None:
        self.places, self.returning, self.again = places, returning, again
        self.looked: list[View] = []
        self.closer: list[View] = []
        self.others: list[Mask] = []
        self.shown: list[list[bool]] = []
        self.strangers: list[int] = []
        self.known: list[int] = []

    def look(self, frame: np.ndarray, view: View, before: Sighting, wanted: Sequence[int]) -> Look:
        assert [*wanted] == [*range(len(self.places))]
        self.looked.append(view)
        return boxes(view.region, self.places)

    def see(
        self, frame: np.ndarray, views: list[View], before: Sighting, wanted: Sequence[int], ready: Sequence[Look]
    ) -> Sighting:
        assert [before.bounds(row) is not None for row in self.returning] == [True] * len(self.returning)
        self.closer = views
        return Sighting.of(views, [boxes(view.region, self.places) for view in views])

    def likely(self, look: Look, missing: Sequence[int], others: Mask) -> list[int]:
        return [row for row in missing if (look.masks[row] > 0.5).any()]

    def of_lost(self, look: Look, row: int) -> Mask:
        return look.masks[row] * (row not in self.strangers)

    def recognised(self, look: Look) -> Mask:
        known = [place if row in self.known else None for row, place in enumerate(self.places)]
        return boxes(look.region, known).masks

    def whole(self, look: Look, row: int) -> float:
        left, top, right, bottom = self.places[row] or HERE
        return (right - left) * (bottom - top) / look.cell_area

    def back(self, look: Look, missing: Sequence[int], others: Mask) -> list[int]:
        self.others.append(others)
        self.shown.append([bool((mask > 0.5).any()) for mask in look.masks])
        return [row for row in missing if row in (self.again if self.closer else self.returning)]


def searched(
    eyes: Eyes, before: Sequence[Bounds | None], missing: Sequence[int], everywhere: bool = True
) -> tuple[Sighting, Sighting]:
    """What was seen in the views of the objects before, and what a search makes of it."""
    views = ATTENTION.views(before)
    past = Sighting.of(views, [boxes(view.region, before) for view in views])
    seen = Sighting.of(views, [boxes(view.region, eyes.places) for view in views])
    search = Search(ATTENTION, eyes, eyes, FRAME, past, missing)  # type: ignore[arg-type]
    return seen, search.with_returned(seen, everywhere)


def test_who_is_back_is_looked_at_again_with_the_others_and_without_who_is_not() -> None:
    eyes = Eyes([HERE, THERE, BEYOND], returning=[1], again=[1])
    before, found = searched(eyes, [HERE, None, None], [0, 5, 5])
    assert eyes.looked == [View(ATTENTION.everywhere, (0, 1, 2))]
    (view,) = eyes.closer
    (planned,) = ATTENTION.next_views([HERE, THERE, None], before.views)
    assert view.rows == planned.rows
    assert view.region.resembles(planned.region)
    assert view.region.holds(THERE)
    assert not view.region.holds(BEYOND)
    assert found.bounds(0) == pytest.approx(HERE, abs=3)
    assert found.bounds(1) == pytest.approx(THERE, abs=3)
    assert found.bounds(2) is None
    assert [len(others) for others in eyes.others] == [1, 1], "compared with the one that was in sight"


def test_the_first_that_is_back_is_seen_close_at_once() -> None:
    """There is nobody whose view would have to shrink slowly."""
    eyes = Eyes([HERE], returning=[0], again=[0])
    _, found = searched(eyes, [None], [5])
    assert eyes.closer[0].region.resembles(ATTENTION.region([HERE]))
    assert found.bounds(0) == pytest.approx(HERE, abs=3)


def test_who_does_not_seem_back_from_near_is_not() -> None:
    eyes = Eyes([HERE, THERE], returning=[1], again=[])
    before, found = searched(eyes, [HERE, None], [0, 5])
    assert found is before
    assert found.bounds(1) is None
    assert found.bounds(0) == pytest.approx(HERE, abs=3)


@pytest.mark.parametrize("second", [HERE, None])
@pytest.mark.parametrize("missing", [[0, 5], [5, 5]])
def test_without_a_search_they_are_looked_for_where_the_others_are(missing: list[int], second: Bounds | None) -> None:
    """What only passes for one that was missing is taken away, beside others and alone."""
    eyes = Eyes([HERE, second], returning=[], again=[])
    before, found = searched(eyes, [HERE, None], missing, everywhere=False)
    assert not eyes.looked
    assert not eyes.closer
    assert found is before
    assert (found.bounds(0) is None) == bool(missing[0])
    assert found.bounds(1) is None


def leaping(places: Sequence[Bounds | None], missing: Sequence[int], known: Sequence[int]) -> tuple[Eyes, Sighting]:
    """What is left of boxes that were elsewhere before, for eyes that know some of them."""
    eyes, views = Eyes(places, returning=known, again=[]), ATTENTION.views([HERE, THERE])
    past = Sighting.of(views, [boxes(view.region, [HERE, THERE]) for view in views])
    looks = [boxes(ATTENTION.everywhere, places)]
    seen = Sighting(looks, [0, 0])
    Search(ATTENTION, eyes, eyes, FRAME, past, missing).leave_out_leaps(seen)  # type: ignore[arg-type]
    return eyes, seen


def test_who_is_elsewhere_must_be_known_like_those_that_return() -> None:
    eyes, seen = leaping([HERE, BEYOND], [0, 0], known=[])
    assert seen.bounds(0) == pytest.approx(HERE, abs=4)
    assert seen.bounds(1) is None
    (others,) = eyes.others
    assert len(others) == 1, "compared with the one that stayed"
    assert (others > 0.5).any()


def test_who_is_elsewhere_and_known_has_moved() -> None:
    eyes, seen = leaping([HERE, BEYOND], [0, 0], known=[1])
    assert seen.bounds(1) == pytest.approx(BEYOND, abs=4)
    assert len(eyes.others) == 1


@pytest.mark.parametrize(
    ("places", "missing"), [([HERE, BEYOND], [0, 3]), ([HERE, None], [0, 0]), ([HERE, THERE], [0, 0])]
)
def test_nobody_has_leapt(places: Sequence[Bounds | None], missing: Sequence[int]) -> None:
    """Who is out of sight is looked for elsewhere, who is not seen now will be, and who stays where it was stays."""
    eyes, seen = leaping(places, missing, known=[])
    assert not eyes.others
    assert [seen.bounds(row) is not None for row in (0, 1)] == [place is not None for place in places]


def test_two_that_leap_are_asked_beside_nobody() -> None:
    left, low = (300.0, 300.0, 380.0, 380.0), (10.0, 150.0, 90.0, 230.0)
    eyes, seen = leaping([left, low], [0, 0], known=[1])
    assert [len(others) for others in eyes.others] == [0, 0]
    assert seen.bounds(0) is None
    assert seen.bounds(1) == pytest.approx(low, abs=4)


def test_what_was_something_else_is_taken_away_before_it_is_asked_who_is_back() -> None:
    eyes = Eyes([HERE, THERE, BEYOND], returning=[], again=[])
    eyes.strangers = [0, 2]
    before, found = searched(eyes, [HERE, None, None], [0, 5, 5])
    assert eyes.shown == [[True, True, False]], "who is in sight is not asked about"
    assert found is before


def test_where_nothing_is_in_sight_masks_stay_as_they_are() -> None:
    """The network goes on from what it faintly sees."""
    eyes = Eyes([None], returning=[], again=[])
    views = ATTENTION.views([None])
    faint = Look(views[0].region, {}, np.full((1, *views[0].region.grid), 0.4, np.float32), [0])
    seen = Sighting.of(views, [faint])
    found = Search(ATTENTION, eyes, eyes, FRAME, seen, [5]).with_returned(seen, everywhere=False)  # type: ignore[arg-type]
    assert (found.mask(0) == np.float32(0.4)).all()


def test_who_is_known_by_the_permanent_frames_alone_is_back_beside_others() -> None:
    """Whatever the newest frame in memory holds its pixels for."""
    eyes = Eyes([HERE, THERE, BEYOND], returning=[], again=[])
    eyes.known = [1]
    _, found = searched(eyes, [HERE, None, None], [0, 5, 5])
    assert len(eyes.closer) == 1
    assert found.bounds(0) == pytest.approx(HERE, abs=3)
    assert found.bounds(1) == pytest.approx(THERE, abs=3)
    assert found.bounds(2) is None


def test_what_permanent_frames_know_takes_its_pixels_from_others() -> None:
    around_it = (280.0, 130.0, 400.0, 250.0)
    eyes = Eyes([around_it, HERE], returning=[], again=[])
    eyes.known = [1]
    _, found = searched(eyes, [around_it, None], [0, 5], everywhere=False)
    assert found.bounds(1) == pytest.approx(HERE, abs=3)
    row, column = found.home(1).region.cell(340, 190)
    masks = found.home(1).masks
    assert masks[1, row, column] == pytest.approx(0.9, abs=0.01)
    assert masks[0, row, column] == pytest.approx(
        0.1 * eyes.look(FRAME, found.views[0], found, [0, 1]).masks[0, row, column]
    )


def test_what_permanent_frames_know_is_no_stranger_either() -> None:
    eyes = Eyes([HERE, THERE], returning=[], again=[])
    eyes.known, eyes.strangers = [1], [1]
    before, found = searched(eyes, [HERE, None], [0, 5])
    assert found is before
    assert found.bounds(1) is None


def test_permanent_frames_are_not_asked_alone_where_nobody_is_in_sight() -> None:
    """Memory has taken in nothing since."""
    eyes = Eyes([HERE], returning=[], again=[])
    eyes.known = [0]
    _, found = searched(eyes, [None], [5])
    assert found.bounds(0) is None


def test_far_parts_of_who_stays_are_taken_away() -> None:
    eyes, views = Eyes([HERE, THERE], returning=[], again=[]), ATTENTION.views([HERE, THERE])
    past = Sighting.of(views, [boxes(view.region, [HERE, THERE]) for view in views])
    look = boxes(ATTENTION.everywhere, [HERE, THERE])
    speck = boxes(ATTENTION.everywhere, [(10.0, 440.0, 40.0, 470.0), (10.0, 10.0, 40.0, 40.0)])
    look.masks = np.maximum(look.masks, speck.masks)
    seen = Sighting([look], [0, 0])
    Search(ATTENTION, eyes, eyes, FRAME, past, [0, 0]).leave_out_leaps(seen)  # type: ignore[arg-type]
    assert seen.bounds(0) == pytest.approx(HERE, abs=4)
    assert seen.bounds(1) == pytest.approx(THERE, abs=4)
    assert not eyes.others
