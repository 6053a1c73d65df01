"""Cases of clicks and boxes, and what Python answers to them; golden_prompts.mjs answers for the page's engine."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from golden_packing import packed, packed_bits, packed_levels

from mobilevos.engine.candidates import Candidate
from mobilevos.engine.correction import keeping
from mobilevos.engine.looks import Looks
from mobilevos.engine.prompt import Prompt
from mobilevos.engine.prompt_maps import prompt_maps
from mobilevos.engine.region import Region
from mobilevos.errors import InputError


class Painter:
    """A network that draws boxes where a frame has the colours that `coloured` gives to their pixels.

    They are those of its first answer, then of the next; the last stays. On the right of what it is shown it
    draws less.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self.answers: list[Any] = []
        self.viewed: list[Any] = []
        """Of each view its size and the colours of its first and its last pixel."""
        self.shown: list[Any] = []
        """The greatest number in each column and row of all maps."""

    def query(self, frame: np.ndarray) -> Any:
        self.viewed.append([*frame.shape[:2], *frame[0, 0].tolist(), *frame[-1, -1].tolist()])
        return {"pixels": frame}

    def prompt(self, features: Any, maps: np.ndarray) -> Any:
        pixels, turned = features["pixels"], features["pixels"][0, 0, 0] > features["pixels"][0, -1, 0]
        if not turned:
            self._boxes = self.answers.pop(0) if self.answers[1:] else self.answers[0]
        self.shown.append([packed(maps.max(axis=1)), packed(maps.max(axis=2))])
        less = np.where(np.arange(maps.shape[2]) < maps.shape[2] / 2, 0.0, 3.0)
        odds = np.stack([12 * self._part(pixels, box) - 6 - less for box, _ in self._boxes])
        quality = np.array([each for _, each in self._boxes], np.float32)
        return odds.astype(np.float32), quality - np.float32(0.05) * turned

    def _part(self, pixels: np.ndarray, box: list[int]) -> np.ndarray:
        """How much of each cell has the colours of a box."""
        height, width = self._size
        left, top, right, bottom = (255 * at // side for at, side in zip(box, (width, height) * 2, strict=True))
        red, green = pixels[..., 0], pixels[..., 1]
        inside = (left <= red) & (red < right) & (top <= green) & (green < bottom)
        rows, columns = inside.shape
        return inside.reshape(rows // 4, 4, columns // 4, 4).mean((1, 3))


def coloured(size: tuple[int, int]) -> np.ndarray:
    """(H, W, 3) uint8 RGB: the redder the further right, the greener the further down."""
    height, width = size
    frame = np.full((height, width, 3), 90, np.uint8)
    frame[..., 0] = (255 * (2 * np.arange(width) + 1)) // (2 * width)
    frame[..., 1] = ((255 * (2 * np.arange(height) + 1)) // (2 * height))[:, None]
    return frame


def prompt(size: tuple[int, int], mask: np.ndarray | None, calls: list[list[Any]]) -> Any:
    """Of each call what the object then is, and what the network was asked."""
    painter, told = Painter(tuple(size)), []
    begun = Prompt(painter, coloured(tuple(size)), mask)
    for name, answers, *given in calls:
        painter.answers, painter.viewed, painter.shown = [*answers], [], []
        try:
            found = getattr(begun, name)(*given)
        except InputError:
            told.append("refused")
            continue
        answer = [packed(found), len(begun.candidates), begun.chosen, begun.confidence]
        told.append([*answer, painter.viewed, painter.shown])
    return told


def looks(size: tuple[int, int], answers: list[Any], calls: list[list[Any]]) -> Any:
    """How likely the object is found to be in some regions, how sure that is, and what the network was asked."""
    painter, told = Painter(tuple(size)), []
    painter.answers, seen = answers, Looks(painter, coloured(tuple(size)))
    for values, both_ways in calls:
        region = Region(*values)
        maps = prompt_maps(region.grid, [(2.5, 3.5, True), (9.5, 1.5, False)], (1, 2, 9.5, 8))
        painter.viewed, painter.shown = [], []
        odds, quality = seen.ask(region, maps, both_ways)
        told.append([packed(1 / (1 + np.exp(-odds))), quality.tolist(), painter.viewed, painter.shown])
    return told


def correction_keeping(mask: np.ndarray, region: list[int], odds: np.ndarray, clicks: list[Any]) -> Any:
    """Null if it is as drawn."""
    drawn = Candidate(Region(*region), odds, 0.5, 0)
    kept = keeping(mask, drawn, [tuple(click) for click in clicks])
    return None if kept is drawn else packed(kept.painted(mask.shape))


NEAR = {
    "size": [600, 650],
    "mask": None,
    "calls": [
        [
            "click",
            [
                [[[199, 200, 327, 313], 0.144], [[209, 213, 313, 295], 0.423], [[193, 210, 313, 297], 0.55]],
                [[[188, 186, 331, 307], 0.538], [[209, 195, 319, 308], 0.303], [[189, 199, 334, 289], 0.403]],
                [[[212, 191, 320, 293], 0.75], [[187, 194, 320, 300], 0.981], [[207, 213, 308, 307], 0.541]],
                [[[212, 194, 327, 290], 0.97], [[198, 200, 314, 289], 0.623], [[199, 208, 316, 303], 0.917]],
                [[[198, 187, 326, 301], 0.459], [[196, 187, 319, 304], 0.853], [[192, 203, 329, 293], 0.84]],
            ],
            260,
            250,
        ],
        ["choose", [], 1],
        ["choose", [], 2],
    ],
}
"""Candidates of which others would be chosen if they were compared on a finer grid."""


def prompt_cases() -> Iterator[tuple[str, Any]]:
    """Kind and what is given, of each that is drawn by chance."""
    for seed in range(25):
        yield "correction_keeping", _keeping(np.random.default_rng(seed))
    yield "looks", _looks()
    yield "prompt", NEAR
    for seed in range(12):
        yield "prompt", _prompt(np.random.default_rng(seed))


def _keeping(rng: np.random.Generator) -> Any:
    """A mask, what is drawn of it in a region, clicks in both, and a negative one."""
    size = (int(rng.integers(20, 50)), int(rng.integers(20, 50)))
    mask = np.kron(rng.random((13, 13)) < 0.8, np.ones((4, 4)))[: size[0], : size[1]] > 0
    left, top = (int(side) for side in rng.integers(0, 8, 2))
    odds = rng.choice([-5.5, -3.3, 2.3, 4.1], (4, 8)).astype(np.float32)
    clicks = [
        [int(rng.integers(size[1])) + 0.5, int(rng.integers(size[0])) + 0.5, bool(rng.random() < 0.8)]
        for _ in range(int(rng.integers(2, 8)))
    ]
    clicks.append([*clicks.pop()[:2], False])
    region = [left, top, size[1], size[0], 16, 32]
    return {"mask": packed_bits(mask), "region": region, "odds": packed_levels(odds), "clicks": clicks}


def _looks() -> Any:
    """Regions are seen again, some when they are no longer kept; the last is an earlier one in another size."""
    regions = [[left, left // 2, 60 + left, 50 + left, 48, 64] for left in (0, 1, 2, 3, 4, 0, 5, 1, 0)]
    calls = [[region, False] for region in regions] + [[region, True] for region in regions[-3:]]
    calls.append([[*regions[-1][:4], 64, 48], False])
    return {"size": [70, 90], "answers": [[[[20, 10, 50, 40], 0.7], [[9, 9, 30, 30], 0.4]]], "calls": calls}


def _box(rng: np.random.Generator, size: tuple[int, int]) -> list[int]:
    """Left, top, right, bottom."""
    height, width = size
    (left, right), (top, bottom) = (np.sort(rng.integers(0, side, 2)).tolist() for side in (width, height))
    return [left, top, right + 1, bottom + 1]


def _prompt(rng: np.random.Generator) -> Any:
    """Clicks, boxes, choices and steps back in any order; at times they correct a mask."""
    size = (int(rng.integers(30, 120)), int(rng.integers(30, 160)))
    mask, (left, top, right, bottom) = np.zeros(size, bool), _box(rng, size)
    mask[top:bottom, left:right] = True
    calls = []
    for number in range(int(rng.integers(4, 9))):
        name = str(rng.choice(["click", "click", "click", "box", "choose", "undo"])) if number else "click"
        given = {
            "click": [int(rng.integers(size[1])), int(rng.integers(size[0])), bool(not number or rng.random() < 0.6)],
            "box": [*_box(rng, size)[:2], *(int(side) for side in rng.integers(1, 60, 2))],
            "choose": [int(rng.integers(3))],
            "undo": [],
        }[name]
        boxes = [[[_box(rng, size), round(float(rng.random()), 3)] for _ in range(3)] for _ in range(5)]
        calls.append([name, boxes, *given])
    return {"size": size, "mask": packed_bits(mask) if rng.random() < 0.5 else None, "calls": calls}


PROMPTS: dict[str, Callable[..., Any]] = {answer.__name__: answer for answer in (prompt, looks, correction_keeping)}
