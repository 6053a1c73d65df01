"""What a click changes in a mask; most of it is among the recorded cases."""

import numpy as np

from mobilevos.engine.candidates import Candidate
from mobilevos.engine.correction import _pixels, corrected
from mobilevos.engine.region import Region

REGION = Region(0, 0, 64, 64, 64, 64)
"""16 x 16 cells of four pixels."""


def drawn(logits: np.ndarray) -> Candidate:
    return Candidate(REGION, logits.astype(np.float32), 0.5, 0)


def test_a_piece_of_which_half_is_left_stays() -> None:
    """If it is less, it goes as a whole."""
    mask = np.zeros((64, 64), bool)
    mask[8:24, 8:40] = mask[48:60, 48:60] = True  # 4 x 8 cells, and what is clicked away
    for left, stays in ((4, True), (3, False)):
        logits = np.full((16, 16), -6.0)
        logits[2:6, 2 : 2 + left] = 6
        found = corrected(mask, drawn(logits), (53.5, 53.5, False))
        assert not found[44:].any()
        assert found[8:24, 32:40].all() == stays
        assert found[8:24, 32:40].any() == stays


def test_what_is_as_likely_as_not_is_not_added() -> None:
    mask = np.zeros((64, 64), bool)
    mask[8:24, 8:24] = True
    even = np.full((16, 16), -6.0)
    even[2:6, 2:6], even[2:6, 6:10] = 6, 0
    np.testing.assert_array_equal(corrected(mask, drawn(even), (34.5, 16.5, True)), mask)
    likely = np.where(even == 0, 0.5, even)
    found = corrected(mask, drawn(likely), (34.5, 16.5, True))
    assert found[10:22, 24:38].all()


def test_nothing_is_added_two_cells_from_what_is_meant() -> None:
    """What is drawn there does not hang together with it."""
    mask = np.zeros((64, 64), bool)
    mask[8:24, 8:24] = True
    logits = np.full((16, 16), -6.0)
    logits[2:6, 2:9], logits[2:6, 10:14] = 6, 6
    found = corrected(mask, drawn(logits), (30.5, 16.5, True))
    assert found[10:22, 24:35].all()
    assert not found[:, 38:].any()


def test_what_is_two_cells_from_a_piece_that_goes_stays() -> None:
    """Be it ever so thin."""
    mask = np.zeros((64, 64), bool)
    mask[8:24, 8:24] = mask[8:24, 29] = mask[48:60, 48:60] = True
    logits = np.full((16, 16), -6.0)
    logits[12:15, 12:15] = 6
    found = corrected(mask, drawn(logits), (16.5, 16.5, False))
    assert not found[:40, :28].any()
    assert found[8:24, 29].all()
    assert found[48:60, 48:60].all()


def test_a_pixel_is_in_the_cell_that_its_middle_lies_in() -> None:
    cells = np.random.default_rng(0).random((16, 16)) < 0.5
    np.testing.assert_array_equal(_pixels(cells, Region(0, 0, 4, 4, 64, 64)), cells[2::4, 2::4])
    np.testing.assert_array_equal(_pixels(cells, REGION), cells.repeat(4, 0).repeat(4, 1))


def test_what_is_two_cells_from_a_click_in_the_corner_is_not_meant() -> None:
    logits = np.full((16, 16), -6.0)
    logits[13, 13] = 6
    assert not corrected(np.zeros((64, 64), bool), drawn(logits), (63.5, 63.5, True)).any()
    logits[14, 14] = 6
    assert corrected(np.zeros((64, 64), bool), drawn(logits), (63.5, 63.5, True)).any()


def test_a_pixel_of_many_cells_counts_where_its_middle_is() -> None:
    """Which is the last cell that what was drawn reaches."""
    logits = np.full((16, 16), -1.0, np.float32)
    logits[:2] = 20
    nothing, region = np.zeros((4, 4), bool), Region(0, 0, 4, 4, 64, 64)
    for across, click in ((False, (0.5, 0.4, True)), (True, (0.4, 0.5, True))):
        seen = Candidate(region, logits.T.copy() if across else logits, 0.5, 0)
        found = corrected(nothing, seen, click)
        np.testing.assert_array_equal(found.T if across else found, np.arange(4)[:, None].repeat(4, 1) == 0)
