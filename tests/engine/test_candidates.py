"""Which of several candidates is taken, and what is offered beside it."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from mobilevos.engine.candidates import (
    Candidate,
    agreed,
    another,
    contradicted,
    iou,
    probabilities,
    sparing,
    telling,
    with_mean,
)
from mobilevos.engine.region import Region

ALL = Region(0, 0, 64, 64, 64, 64)
"""16 x 16 cells of four pixels."""
PART = Region(32, 16, 64, 48, 64, 64)
"""16 x 16 cells of two pixels."""


def drawn(
    columns: int, quality: float = 0.5, faults: int = 0, inside: float = 0.5, beyond: float = 0.0, rows: int = 16
) -> Candidate:
    """The first columns of some rows of cells; elsewhere the log-odds are even, unless told otherwise."""
    logits = np.full(ALL.grid, beyond, np.float32)
    logits[:rows, :columns] = inside
    return Candidate(ALL, logits, quality, faults)


def test_log_odds_become_probabilities() -> None:
    odds = np.array([0.25, 1, 9, 1e30, 1e-30, 1e8, 1e-8])
    found = probabilities(np.log(odds).astype(np.float32))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, odds / (1 + odds), rtol=1e-5, atol=1e-7)


def test_what_is_drawn_in_a_region_is_known_in_pixels_of_the_frame() -> None:
    logits = np.full(PART.grid, -6, np.float32)
    logits[:8, :4] = 6
    one = Candidate(PART, logits, 0.5, 0)
    assert one.bounds == (32, 16, 40, 32)
    expected = np.zeros((64, 64), bool)
    expected[16:32, 32:40] = True
    np.testing.assert_array_equal(one.painted((64, 64)), expected)
    seen = one.seen_from(ALL)
    assert seen.shape == ALL.grid
    np.testing.assert_array_equal(seen > 0.5, expected[2::4, 2::4])


def test_pixels_that_are_known_are_handed_out_as_they_are() -> None:
    pixels = np.zeros((64, 64), bool)
    pixels[20:28, 40:48] = True
    one = replace(drawn(16), pixels=pixels)
    assert one.bounds == (40, 20, 48, 28)
    np.testing.assert_array_equal(one.painted((64, 64)), pixels)
    one.painted((64, 64))[:] = True
    assert pixels.sum() == 64
    np.testing.assert_array_equal(one.seen_from(ALL) > 0.5, pixels[2::4, 2::4])


def test_a_contradicted_click_and_nothing_at_all_cost_a_candidate_its_worth() -> None:
    """A click is worth a third of a mask; one that is nowhere likelier than not is the last choice of all."""
    assert drawn(8, 0.7).worth == 0.7
    assert drawn(8, 0.9, faults=1).worth > drawn(8, 0.59).worth
    assert drawn(8, 0.9, faults=1).worth < drawn(8, 0.61).worth
    assert drawn(8, 0.9, faults=2).worth == pytest.approx(0.3)
    assert drawn(16, 0.9, inside=0.0).worth == pytest.approx(-0.1)
    assert drawn(8, 0.9, inside=0.01, beyond=-9.0).worth == 0.9


def test_the_mean_of_candidates_comes_before_the_best_of_them() -> None:
    found = [drawn(8, 0.2), drawn(6, 0.9, faults=2), drawn(4, 0.8, faults=1), drawn(2, 0.3, faults=1)]
    mean, *others = with_mean(found, [(40.0, 2.0, True)])
    assert others == [found[2], found[1]]
    assert (mean.region, mean.quality) == (ALL, 0.8)
    np.testing.assert_allclose(mean.logits[0], [0.5] * 2 + [0.375] * 2 + [0.25] * 2 + [0.125] * 2 + [0] * 8)
    assert mean.faults == 1, "none of them is there"
    best, mean, *others = with_mean([*found[:2], replace(found[2], faults=0), found[3]], [(40.0, 2.0, True)])
    assert (best.faults, mean.faults, others) == (0, 1, [found[1]]), "but after one that contradicts fewer clicks"
    assert with_mean(found[:1], [(2.0, 2.0, True)])[0].faults == 0


def test_views_that_agree_outvote_what_one_of_them_thinks_of_itself() -> None:
    """By half of the estimate and the IoU of what comes nearest in the other."""
    alone, shared, likewise = drawn(4, 0.6), drawn(16, 0.5, rows=4), drawn(16, 0.6, rows=4)
    elsewhere = drawn(2, 0.9, faults=3, inside=-1.0, beyond=-1.0)
    assert agreed([[alone, shared], [likewise, elsewhere]], ALL) == (likewise, shared, alone, elsewhere)
    surest = replace(alone, quality=0.9)
    assert agreed([[surest, shared], [likewise, elsewhere]], ALL) == (surest, likewise, shared, elsewhere)


def test_votes_are_those_of_other_views() -> None:
    """In a view of its own a candidate finds whatever it likes."""
    twins = [drawn(4, 0.5), drawn(4, 0.5)]
    right = np.zeros(ALL.grid, np.float32)
    right[:, 9:] = 0.5
    one, like_it = Candidate(ALL, right, 0.4, 0), Candidate(ALL, right, 0.4, 0)
    assert agreed([[*twins, one], [like_it]], ALL)[:2] == (one, like_it)


def test_iou() -> None:
    one, other, none = (np.array(bits, bool) for bits in ([1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0]))
    assert iou(one, other) == pytest.approx(1 / 3)
    assert iou(one & other, one & other) == 1
    assert iou(none, none) == 0


def test_another_is_something_else_than_the_first() -> None:
    """From an IoU of four fifths on, two are one and the same."""
    first, nine, eight, seven, two = (drawn(columns) for columns in (10, 9, 8, 7, 2))
    assert another([first], ALL) is None
    assert another([first, nine, eight], ALL) is None
    assert another([first, eight, seven, two], ALL) is seven


def test_those_that_tell_are_unlike_each_other_and_likely() -> None:
    """What is even is not in sight; of alike ones one is enough; and who thinks nothing of itself is still possible."""
    first, alike, small, lone = drawn(10, 0.9), drawn(9, 0.9), drawn(2, 0.6), drawn(16, -3.0, rows=1, inside=0.4)
    assert telling(first, [alike, small, lone], ALL)[:2] == (first, small)
    assert telling(first, [first, first], ALL) == (first,)
    assert telling(first, [small, lone], ALL) == (first, small, lone)


@pytest.mark.parametrize("positive", [True, False])
@pytest.mark.parametrize("at", [(0, 0), (0, 15), (7, 8), (15, 0), (15, 15)])
def test_a_click_is_followed_in_its_cell_or_one_beside_it(at: tuple[int, int], positive: bool) -> None:
    sign = 1 if positive else -1
    click = (4.0 * at[1] + 1, 4.0 * at[0] + 1, positive)
    for row, column in product(range(16), repeat=2):
        logits = np.full(ALL.grid, -sign, np.float32)
        logits[row, column] = sign * 0.5
        beside = max(abs(row - at[0]), abs(column - at[1])) <= 1
        assert contradicted(ALL, logits, [click]) == (not beside)


def test_what_is_even_follows_no_click() -> None:
    even = np.zeros(ALL.grid, np.float32)
    clicks = [(1.0, 1.0, True), (30.0, 30.0, False)]
    assert contradicted(ALL, even, clicks) == 2
    assert contradicted(ALL, even, []) == 0


def test_others_are_spared() -> None:
    """An object is taken if more than a third of it is; the background is none."""
    others = np.zeros((4, 10), np.uint8)
    others[:2, :3], others[2:, 6:] = 1, 200
    everything, nothing = np.ones((4, 10), bool), np.zeros((4, 10), bool)
    third, more = others == 1, others == 1
    third[:, 1:] = more[1] = False
    assert sparing([everything, others == 1, third, nothing], others) == 2
    assert sparing([everything, more], others) == 1
    assert sparing([everything, everything], others) == 0
    assert sparing([others == 1, others == 200], others) == 0
    assert sparing([more, nothing], others) == 1
    assert sparing([everything, third], np.zeros_like(others)) == 0
