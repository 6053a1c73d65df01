"""Which clicks look for a main object, and what is made of what they give; the network sees nothing but colours."""

from collections.abc import Sequence

import numpy as np
import pytest

from mobilevos.engine import main_object as module
from mobilevos.engine.candidates import iou
from mobilevos.engine.main_object import (
    Guess,
    _Candidate,
    _clicked,
    _grid,
    _is_of_size,
    _merged,
    _split,
    main_object,
    proposals,
)
from mobilevos.engine.prompt import Prompt
from mobilevos.engine.prompt_maps import Maps
from mobilevos.engine.region import whole_frame
from mobilevos.engine.runtime import Features, Float
from mobilevos.engine.salience import Scene
from mobilevos.errors import InputError

Colour = tuple[int, int, int]
RED, GREEN, BLUE, GREY = (250, 20, 20), (20, 250, 20), (20, 20, 250), (90, 90, 90)


class Painter:
    """One candidate: all that has the colour of what is clicked, or of the middle of the box; grey is nothing.

    Args:
        quality: of colours; 0.5 of others.
        odds: of the log-odds within what is found, for some colours; beyond it they are -6.
        blind: a colour that is not found by a box.
    """

    def __init__(
        self,
        quality: dict[Colour, float] | None = None,
        odds: dict[Colour, float] | None = None,
        blind: Colour | None = None,
    ) -> None:
        self.quality, self.odds, self.blind = quality or {}, odds or {GREY: -6.0}, blind
        self.frames: list[np.ndarray] = []
        self.clicked: list[Colour] = []
        self.boxed: list[Colour] = []

    def query(self, frame: np.ndarray) -> Features:
        self.frames.append(frame)
        return {"cells": frame[1::4, 1::4].astype(int)}

    def prompt(self, features: Features, maps: Maps) -> tuple[Float, Float]:
        assert not maps[1].any()
        cells, by_box = features["cells"], bool(maps[2].any())
        said = maps[2 if by_box else 0]
        y, x = np.argwhere(said == said.max()).mean(0).round().astype(int)
        colour: Colour = tuple(cells[y, x].tolist())
        (self.boxed if by_box else self.clicked).append(colour)
        alike = np.abs(cells - colour).max(-1) < 40
        if by_box and colour == self.blind:
            alike[:] = False
        logits = np.where(alike, self.odds.get(colour, 6.0), -6.0).astype(np.float32)
        return logits[None], np.array([self.quality.get(colour, 0.5)], np.float32)


def scene(size: tuple[int, int], *things: tuple[Colour, tuple[slice, slice]]) -> np.ndarray:
    frame = np.full((*size, 3), GREY, np.uint8)
    for colour, box in things:
        frame[box] = colour
    return frame


def bits(*counts: int, quality: float = 0.5, votes: int = 1) -> _Candidate:
    """A mask of 2000 cells, alternately so many out and in."""
    mask = np.zeros(2000, bool)
    at = 0
    for number, count in enumerate(counts):
        mask[at : at + count] = number % 2
        at += count
    return _Candidate(mask.reshape(40, 50), quality, votes)


def test_a_guess_is_sure_from_four_fifths_on() -> None:
    nothing = np.zeros((2, 2), bool)
    assert Guess(nothing, 0.8).sure
    assert Guess(nothing, 1.0).sure
    assert not Guess(nothing, 0.79).sure


def test_clicks_lie_evenly() -> None:
    assert [*_grid((60, 120), 12)] == [(x, y) for y in range(5, 60, 10) for x in range(5, 120, 10)]
    assert [*_grid((120, 60), 12)] == [(x, y) for y in range(5, 120, 10) for x in range(5, 60, 10)]
    assert [*_grid((4, 120), 12)] == [(x, 2) for x in range(5, 120, 10)], "in the middle of what is thin"


@pytest.mark.parametrize("size", [(32, 64), (64, 32), (12, 24)])
def test_no_click_is_at_the_very_edge(size: tuple[int, int]) -> None:
    """Half of a step beyond the last is the edge itself, but for rounding."""
    assert max(y for _, y in _grid(size, 7)) < size[0] - 1
    assert max(x for x, _ in _grid(size, 7)) < size[1] - 1
    assert max(y for _, y in _grid((8, 10), 7)) == pytest.approx(5.5 * 10 / 7), "an eighth of a pixel before it is none"


def test_a_main_object_has_three_of_two_thousand_cells_and_no_more_than_three_fifths() -> None:
    assert [_is_of_size(bits(0, count).mask) for count in (2, 3, 1200, 1201)] == [False, True, True, False]


def test_alike_masks_are_one_of_the_highest_quality_with_all_votes() -> None:
    found = _merged([bits(0, 10), bits(0, 9, quality=0.9, votes=2), bits(20, 5, votes=4), bits(1, 9, quality=0.2)])
    assert [(each.mask.sum(), each.quality, each.votes) for each in found] == [(9, 0.9, 4), (5, 0.5, 4)]
    assert _merged([]) == []
    assert len(_merged([bits(0, 10), bits(0, 8)])) == 1
    assert len(_merged([bits(0, 10), bits(0, 7)])) == 2, "they are alike if their IoU is above seven tenths"


def test_specks_go_and_large_pieces_may_be_things_by_themselves() -> None:
    """A quarter of the largest makes a piece; nobody meant one alone, so it has no votes."""
    three = bits(0, 40, 60, 10, 90, 9, votes=3)
    whole, one, other = _split([three])
    assert (whole.mask.sum(), whole.quality, whole.votes) == (50, 0.5, 3)
    assert sorted([one.mask.sum(), other.mask.sum()]) == [10, 40]
    assert (one.votes, other.votes, one.quality) == (0, 0, 0.5)
    assert [each.votes for each in _split([bits(0, 40, votes=3)])] == [3], "one piece alone is no other thing"


def test_no_piece_is_smaller_than_a_main_object_may_be() -> None:
    """Three cells of 2000 are just as many."""
    assert sorted(each.mask.sum() for each in _split([bits(0, 3, 60, 3)])) == [3, 3, 6]
    assert [each.mask.sum() for each in _split([bits(0, 2, 60, 2)])] == [4]


SIZE = (96, 128)


def clicked(painter: Painter, frame: np.ndarray) -> list[_Candidate]:
    return list(_clicked(painter, frame, whole_frame(frame.shape[:2], 576)))


def test_a_coarse_grid_is_clicked_on_the_whole_frame_and_a_fine_one_on_nine_parts_of_it() -> None:
    """Red and green say where in the frame the network looks and where it is clicked."""
    frame = np.zeros((*SIZE, 3), np.uint8)
    frame[..., 1], frame[..., 0] = np.indices(SIZE)
    painter = Painter()
    clicked(painter, frame)
    whole, *parts = painter.frames
    assert whole.shape[:2] == (whole_frame(SIZE, 288).height, whole_frame(SIZE, 288).width)
    corners = [(*part[0, 0, :2].tolist(), *part[-1, -1, :2].tolist()) for part in parts]
    expected = [(left, top, left + 64, top + 48) for top in (0, 24, 48) for left in (0, 32, 64)]
    np.testing.assert_allclose(corners, expected, atol=1)
    assert {part.shape[:2] for part in parts} == {(240, 320)}, "enlarged further than a moving object's view"
    at = np.array(painter.clicked)[:, :2]
    coarse, fine = [*_grid(SIZE, 7)], [*_grid(SIZE, 12)]
    assert len(at) == len(coarse) + len(fine) == 5 * 7 + 9 * 12
    np.testing.assert_allclose(at[: len(coarse)], coarse, atol=2)
    away = np.abs(at[len(coarse) :, None] - np.array(fine)).max(-1)
    assert (away.argmin(0) != away.argmin(0)[:, None]).sum() == len(fine) * (len(fine) - 1), "each is clicked once"
    assert away.min(0).max() < 2


def test_what_is_likely_in_a_part_of_the_frame_is_a_candidate_and_has_a_vote_of_each_click_on_the_whole() -> None:
    box = np.s_[20:60, 30:90]  # 2400 of 12,288 pixels
    found = clicked(Painter(odds={RED: 1.0}), scene(SIZE, (RED, box)))
    assert {each.votes for each in found} == {0, 1}
    coarse = [(x, y) for x, y in _grid(SIZE, 7) if 30 <= x < 90 and 20 <= y < 60]
    assert sum(each.votes for each in found) == len(coarse)
    for each in found[: len(coarse)]:
        assert each.mask.mean() == pytest.approx(2400 / 12288, rel=0.1)


@pytest.mark.parametrize(("odds", "box"), [(0.0, np.s_[:48]), (6.0, np.s_[:70])])
def test_what_is_as_likely_as_not_or_too_large_is_no_candidate(odds: float, box: tuple[slice, ...]) -> None:
    """Three fifths of the frame is the most that a main object covers."""
    frame = scene(SIZE, (RED, box))
    frame[70:] = np.random.default_rng(0).integers(0, 256, (26, 128, 3))
    found = clicked(Painter(odds={RED: odds, GREY: -1.0}), frame)
    share = np.count_nonzero((frame == RED).all(-1)) / frame[..., 0].size
    assert not [each for each in found if each.votes and each.mask.mean() > 0.9 * share]


def test_a_thing_is_proposed_with_what_speaks_for_it() -> None:
    frame = scene(SIZE, (RED, np.s_[33:54, 52:76]))
    (proposal,) = proposals(Painter({RED: 0.7}), [frame])
    assert iou(proposal.mask, (frame == RED).all(-1)) > 0.9
    found = proposal.signs
    assert found["quality"] == pytest.approx(0.7)
    votes = len([(x, y) for x, y in _grid(SIZE, 7) if 52 <= x < 76 and 33 <= y < 54])
    assert found["votes"] == pytest.approx(np.log1p(votes))
    assert found["motion"] == 0
    guess = main_object(Painter({RED: 0.7}), [frame])
    np.testing.assert_array_equal(guess.mask, proposal.mask)
    assert guess.confidence == pytest.approx(1 / (1 + np.exp(-module.appeal(proposal.signs))))


def test_the_proposal_of_the_greatest_appeal_is_the_guess() -> None:
    frame = scene(SIZE, (RED, np.s_[30:60, 50:80]), (GREEN, np.s_[60:90, 2:32]))
    for best, other in ((RED, GREEN), (GREEN, RED)):
        guess = main_object(Painter({best: 0.9, other: 0.2}), [frame])
        assert iou(guess.mask, (frame == best).all(-1)) > 0.9


def test_who_meant_something_else_has_no_say() -> None:
    """A box around a frame of red means what is in it."""
    frame = scene(SIZE, (RED, np.s_[32:64, 43:85]), (GREEN, np.s_[38:58, 49:79]))
    found = proposals(Painter(), [frame])
    assert len(found) == 2
    for proposal in found:
        assert iou(proposal.mask, (frame == GREEN).all(-1)) > 0.9
    assert sorted(proposal.signs["votes"] > 0 for proposal in found) == [False, True]
    assert min(proposal.signs["votes"] for proposal in found) == 0


def test_what_is_not_seen_from_near_is_not_proposed() -> None:
    frame = scene(SIZE, (RED, np.s_[30:60, 50:80]), (GREEN, np.s_[60:90, 2:32]))
    (proposal,) = proposals(Painter(blind=RED), [frame])
    assert iou(proposal.mask, (frame == GREEN).all(-1)) > 0.9
    with pytest.raises(InputError, match="nothing looks like a main object"):
        main_object(Painter(blind=RED), [scene(SIZE, (RED, np.s_[30:60, 50:80]))])


def test_the_eight_that_appeal_most_are_looked_at_from_near() -> None:
    """Of ten equal things, all but the two in the corners; though the network is surest of them."""
    places = [(4, 4), (214, 284), *((y, x) for y in (70, 140) for x in (50, 110, 170, 230))]
    colours = [(c, 10 + 48 * number, 255 - c) for number in range(5) for c in (10, 250)]
    things = [(colour, np.s_[y : y + 30, x : x + 30]) for colour, (y, x) in zip(colours, places, strict=True)]
    painter = Painter({colours[0]: 0.6, colours[1]: 0.6})
    proposals(painter, [scene((250, 320), *things)])
    assert {*painter.boxed} == {*colours[2:]}


def test_masks_are_judged_twice_as_finely_as_the_whole_frame_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    grids = []

    def judged(frames: Sequence[np.ndarray], grid: tuple[int, int]) -> Scene:
        grids.append(grid)
        return Scene(frames, grid)

    monkeypatch.setattr(module, "Scene", judged)
    size = (576, 576)
    proposals(Painter(), [scene(size, (RED, np.s_[200:400, 200:400]))])
    coarse = whole_frame(size, 288).grid
    assert grids == [(2 * coarse[0], 2 * coarse[1])]


def test_half_of_a_cell_is_enough_from_near(monkeypatch: pytest.MonkeyPatch) -> None:
    """The canvas has cells of two pixels; the thing begins and ends in the middle of some."""
    near = np.zeros(SIZE, bool)
    near[21:61, 31:91] = True

    class Seen:
        confidence = 0.7

        def __init__(self, *_: object) -> None:
            pass

        def box(self, *_: float) -> np.ndarray:
            return near

    monkeypatch.setattr(module, "Prompt", Seen)
    canvas = whole_frame(SIZE, 576)
    assert canvas.grid == (48, 64)
    mask, seen, quality = module._closer(Painter(), scene(SIZE), canvas, _Candidate(np.ones((48, 64), bool), 0.5, 0))
    assert (mask is near, quality) == (True, 0.7)
    expected = np.zeros((48, 64), bool)
    expected[10:31, 15:46] = True
    expected[[10, 10, 30, 30], [15, 45, 15, 45]] = False
    np.testing.assert_array_equal(seen, expected)


@pytest.mark.parametrize(
    ("size", "cells", "box"),
    [
        ((96, 128), np.s_[10:30, 20:50], (40, 20, 60, 40)),
        ((3, 400), np.s_[-1:, 100:120], (200, 2, 40, 1)),
        ((400, 3), np.s_[100:120, -1:], (2, 200, 1, 40)),
    ],
)
def test_a_box_around_what_is_thinner_than_a_pixel_has_one(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], cells: tuple[slice, ...], box: tuple[float, ...]
) -> None:
    boxes = []

    class Asked(Prompt):
        def box(self, x: float, y: float, width: float, height: float) -> np.ndarray:
            boxes.append((x, y, width, height))
            return super().box(x, y, width, height)

    monkeypatch.setattr(module, "Prompt", Asked)
    canvas = whole_frame(size, 576)
    thin = np.zeros(canvas.grid, bool)
    thin[cells] = True
    module._closer(Painter(), scene(size), canvas, _Candidate(thin, 0.5, 0))
    np.testing.assert_allclose(boxes, [box], atol=0.01)


def test_a_strip_of_a_frame_has_objects_too() -> None:
    frame = scene((3, 400), (RED, np.s_[1:2, 100:200]))
    found = proposals(Painter(), [frame])
    assert found
    assert all(proposal.mask.shape == (3, 400) for proposal in found)


def test_mistakes() -> None:
    with pytest.raises(InputError, match="no frame"):
        proposals(Painter(), [])
    with pytest.raises(InputError, match="different sizes"):
        proposals(Painter(), [np.zeros((60, 80, 3), np.uint8), np.zeros((80, 60, 3), np.uint8)])
    assert proposals(Painter(), [scene((30, 40))]) == []
