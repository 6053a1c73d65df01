"""What speaks for a mask and against it, sign by sign."""

from collections.abc import Sequence

import numpy as np
import pytest

from mobilevos.engine import salience
from mobilevos.engine.salience import WEIGHTS, Scene, appeal

GRID = ROWS, COLUMNS = 60, 80
GREY, RED = (90, 90, 90), (250, 20, 20)


def frame(
    *boxes: tuple[slice, slice], colour: tuple[int, int, int] = RED, rest: tuple[int, int, int] = GREY
) -> np.ndarray:
    """One of four pixels a cell, each way; boxes are in cells."""
    cells = np.full((*GRID, 3), rest, np.uint8)
    for box in boxes:
        cells[box] = colour
    return cells.repeat(4, 0).repeat(4, 1)


def mask(*boxes: tuple[slice, slice], grid: tuple[int, int] = GRID) -> np.ndarray:
    found = np.zeros(grid, bool)
    for box in boxes:
        found[box] = True
    return found


def signs(
    seen: np.ndarray, frames: Sequence[np.ndarray] = (), quality: float = 0.9, votes: int = 3
) -> dict[str, float]:
    """Of a grey frame unless told otherwise."""
    return Scene(frames or [np.full((*np.multiply(seen.shape, 4), 3), 90, np.uint8)], seen.shape).signs(
        seen, quality, votes
    )


SQUARE = np.s_[10:50, 20:60]
"""Forty cells each way."""


def test_what_is_likely_to_be_meant() -> None:
    """Well drawn, meant by clicks, of its own colours, moving; not large, off the middle, cut off or like the rim."""
    assert [name for name, weight in WEIGHTS.items() if weight > 0] == [
        "quality",
        "votes",
        "contrast",
        "colours of its own",
        "motion",
    ]
    nothing = dict.fromkeys(WEIGHTS, 0.0)
    bias = appeal(nothing)
    assert bias < 0, "for a mask of which nothing is known"
    for name, weight in WEIGHTS.items():
        assert appeal(nothing | {name: 2.0}) - bias == pytest.approx(2 * weight)
    assert signs(mask(SQUARE)).keys() == WEIGHTS.keys()


def test_quality_and_votes_are_given() -> None:
    found = signs(mask(SQUARE))
    assert (found["quality"], found["votes"]) == (0.9, pytest.approx(np.log(4)))
    assert signs(mask(SQUARE), votes=0)["votes"] == 0


@pytest.mark.parametrize(("share", "large"), [(0.1, 0), (0.2, 0), (0.3, np.log(1.5)), (0.8, np.log(4))])
def test_a_mask_is_large_from_a_fifth_of_the_frame_on(share: float, large: float) -> None:
    assert signs(mask(np.s_[: round(ROWS * share)]))["large"] == pytest.approx(large)


@pytest.mark.parametrize(
    ("cell", "away"), [((30, 40), 0), ((30, 0), 0.5), ((0, 40), 0.5), ((0, 0), 0.5**0.5), ((30, 60), 0.25)]
)
def test_how_far_it_is_off_the_middle(cell: tuple[int, int], away: float) -> None:
    assert signs(mask(cell))["off the middle"] == pytest.approx(away)


@pytest.mark.parametrize(
    ("box", "rim", "sides"),
    [
        (SQUARE, 0, 0),
        (np.s_[:1], (80 + 2) / (80 + 2 + 80), 1),
        (np.s_[-1:], (80 + 2) / (80 + 2 + 80), 1),
        (np.s_[:, :1], (60 + 2) / (60 + 2 + 60), 1),
        (np.s_[:, -1:], (60 + 2) / (60 + 2 + 60), 1),
        (np.s_[:20, :10], 30 / (30 + 30), 2),
        (np.s_[:6, :9], 15 / (15 + 15), 1),  # a tenth of the left side is no touch, a ninth of the upper one is
        (np.s_[:], 1, 4),
    ],
)
def test_how_much_of_the_outline_is_at_the_rim_and_how_many_sides_are_touched(
    box: tuple[slice, ...], rim: float, sides: int
) -> None:
    found = signs(mask(box))
    assert found["rim"] == pytest.approx(rim)
    assert found["sides"] == sides


def ring(box: tuple[slice, slice], cells: int) -> tuple[slice, slice]:
    down, across = box
    return np.s_[down.start - cells : down.stop + cells, across.start - cells : across.stop + cells]


@pytest.mark.parametrize(("box", "reach"), [(SQUARE, 4), (np.s_[30:34, 40:44], 2)])
def test_contrast_is_with_a_tenth_of_its_size_all_around(box: tuple[slice, slice], reach: int) -> None:
    """But at least with two cells."""
    for cells, contrast in ((0, 1), (reach - 1, None), (reach, 0), (reach + 1, 0)):
        found = signs(mask(box), [frame(ring(box, cells))])["contrast"]
        if contrast is None:
            assert 0.2 < found < 0.6, "the outermost cells are of another colour"
        else:
            assert found == pytest.approx(contrast, abs=0.04)


def test_colours_of_its_own_are_those_that_nothing_else_has() -> None:
    assert signs(mask(SQUARE), [frame(SQUARE)])["colours of its own"] == pytest.approx(1, abs=0.01)
    half = frame(SQUARE, np.s_[:10], np.s_[50:, :40], np.s_[10:50, :10])  # 1600 cells beside it
    assert signs(mask(SQUARE), [half])["colours of its own"] == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(("grid", "width"), [((60, 80), 5), ((20, 30), 2), ((64, 20), 5)])
def test_the_border_is_a_twelfth_of_the_frames_height_and_two_cells_at_least(grid: tuple[int, int], width: int) -> None:
    box = np.s_[grid[0] // 2 - 2 : grid[0] // 2 + 2, grid[1] // 2 - 2 : grid[1] // 2 + 2]
    for cells, alike in ((width - 1, False), (width, True), (width + 1, True)):
        picture = np.full((*grid, 3), RED, np.uint8)
        picture[cells : grid[0] - cells, cells : grid[1] - cells] = GREY
        picture[box] = RED
        found = signs(mask(box, grid=grid), [picture.repeat(4, 0).repeat(4, 1)])["unlike the border"]
        assert (found < 0.04) == alike
    clear = signs(mask(SQUARE), [frame(SQUARE)])["unlike the border"]
    assert clear == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("one", "other", "unlike"),
    [
        ((0, 0, 0), (31, 31, 31), 0),
        ((31, 0, 0), (32, 0, 0), 1),
        ((224, 224, 224), (255, 255, 255), 0),
        ((32, 0, 0), (0, 64, 0), 1),
        ((0, 32, 0), (0, 0, 64), 1),
        ((0, 32, 0), (0, 0, 128), 1),
        ((32, 0, 0), (0, 0, 255), 1),
    ],
)
def test_colours_are_the_same_within_an_eighth_of_each_channel(
    one: tuple[int, int, int], other: tuple[int, int, int], unlike: float
) -> None:
    found = signs(mask(SQUARE), [frame(SQUARE, colour=one, rest=other)])
    assert found["contrast"] == pytest.approx(unlike, abs=0.01)


def moving(monkeypatch: pytest.MonkeyPatch, *planes: np.ndarray) -> list[np.ndarray]:
    """Frames between which so much moves."""
    frames = [frame(), *(np.full((*np.multiply(GRID, 4), 3), number, np.uint8) for number in range(len(planes)))]

    def found(before: np.ndarray, after: np.ndarray) -> np.ndarray:
        assert before is frames[0]
        return planes[after[0, 0, 0]].astype(np.float32)

    monkeypatch.setattr(salience, "own_motion", found)
    return frames


@pytest.mark.parametrize(("box", "reach"), [(np.s_[20:40, 30:50], 5), (np.s_[30:32, 40:42], 1)])
def test_motion_is_beside_that_of_a_quarter_of_its_size_all_around(
    monkeypatch: pytest.MonkeyPatch, box: tuple[slice, slice], reach: int
) -> None:
    """At least one cell."""
    assert signs(mask(box))["motion"] == 0
    alone, around, beyond = 2.0 * mask(box), 0.0 + mask(ring(box, reach)), 0.0 + mask(ring(box, reach + 1))
    assert signs(mask(box), moving(monkeypatch, alone))["motion"] == 2
    assert signs(mask(box), moving(monkeypatch, around))["motion"] == 0
    assert signs(mask(box), moving(monkeypatch, beyond - around + mask(box)))["motion"] == 1
    outermost = around - mask(ring(box, reach - 1))
    assert signs(mask(box), moving(monkeypatch, alone + outermost))["motion"] < 1.95


def test_motion_is_the_mean_over_later_frames_and_has_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    still, fast, all_over = np.zeros(GRID), 1.0 * mask(SQUARE), np.ones(GRID)
    assert signs(mask(SQUARE), moving(monkeypatch, still, fast))["motion"] == 0.5
    assert signs(mask(SQUARE), moving(monkeypatch, 9 * fast))["motion"] == 3
    assert signs(mask(SQUARE), moving(monkeypatch, 9 * (1 - fast)))["motion"] == -1
    assert signs(mask(np.s_[:]), moving(monkeypatch, all_over))["motion"] == 1, "there is nothing around it"
    assert signs(mask(np.s_[:]))["motion"] == 0
