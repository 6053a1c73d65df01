"""Which frames fill a hole, and where they fit."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mobilevos.effects.align import AFFINE, Template
from mobilevos.effects.likeness import grown
from mobilevos.effects.spatial import fill
from mobilevos.effects.view import FINER, View
from mobilevos.effects.warp import Float, Map, at_scale, move
from mobilevos.effects.window import COVERED, Source, Window

MOST_SOURCES = 5
"""Frames that fill one hole."""
WORTH = 0.02
"""A frame is used only if it fills at least this part of a hole."""
REACH = 20
"""A frame this many frames away is worth half of one nearby: less has moved or changed between them."""
FAITH = 2.0
"""By how much a frame that filled the last hole is preferred."""
MAJORITY = 3
"""So many frames at least must have seen a place to say what is usual there."""
ODD = 40.0
"""Colours differ by more than this (of 0..255) from the usual if something else is there."""
EDGE = 24.0
"""Neighbouring cells whose colours differ by less belong to the same thing."""
BORDER = 2
"""Cells at the border of a thing that are part it and part what is behind."""
SWEEPS = 2
"""Turns that things may make within a hole."""
FARTHEST = 1.5
"""A fit that moves a source by more cells of the coarse level than this is not believed."""
FINE_LEVELS = (1, 2)
"""Levels at which sources are fitted."""


class Surroundings:
    """What is around a hole, for other frames to be fitted to."""

    def __init__(self, window: Window) -> None:
        self.window = window
        view = window.view
        self._templates = [
            Template(window.level(view.grey, level), window.level(view.weights, level)) for level in FINE_LEVELS
        ]
        self._expected = fill(window.colours, (~window.hidden).astype(np.float32))

    def source(self, view: View, usual: Float | None = None) -> Source:
        """Fit a frame, if it fits anywhere near where it should be; it keeps that fit. What is in front is left out."""
        to_view, known = view.best, view.fitted is not None
        for level, template in list(zip(FINE_LEVELS, self._templates, strict=True))[known:]:
            factor = view.factor / FINER[level]
            corner = at_scale(self.window.corner, factor)
            here = at_scale(to_view, factor) @ corner
            limits = view.weights[level].shape[::-1]
            x, y = (
                np.clip(each, 0, limit - 1).astype(np.intp)
                for each, limit in zip(move(here, template.points).T, limits, strict=True)
            )
            found, error = template.align(view.grey[level], here, AFFINE, 1 if known else 3, view.weights[level][y, x])
            if np.isfinite(error):
                to_view = at_scale(found @ np.linalg.inv(corner), 1 / factor)
        view.fitted = to_view if self._apart(to_view, view.to_view) <= FARTHEST * view.factor else None
        source = self.window.source(view, view.best)
        if usual is None:
            return source
        front = _in_front(source, self.window, self._expected, usual)
        return source if front is None else replace(source, covers=np.where(front, np.float32(0), source.covers))

    def _apart(self, one: Map, other: Map) -> float:
        """By how many pixels two maps differ in the middle of the hole."""
        height, width = self.window.hidden.shape
        middle = move(self.window.corner, np.array([[width / 2, height / 2]]) * self.window.view.factor)
        return float(np.abs(move(one, middle) - move(other, middle)).max())


def choose(surroundings: Surroundings, candidates: list[View], used: set[int]) -> list[Source]:
    """The frames that fill a hole, best first.

    What most frames do not agree with is not background: something that passed by, or a shadow. Frames that filled
    the last hole come first, as changing sources flicker.

    Args:
        surroundings: of the hole.
        candidates: frames with a map from the hole's frame.
        used: numbers of the frames that filled the last hole; becomes those that fill this one.
    """
    window = surroundings.window
    seen = {view: window.source(view, view.best) for view in candidates}
    usual = _usual(list(seen.values()), window.hidden.shape)
    left = window.hidden.copy()
    worth = max(1.0, WORTH * np.count_nonzero(left))
    covers = {view: _without_odd(source, usual).covers >= COVERED for view, source in seen.items()}

    def value(view: View) -> float:
        preference = FAITH if view.number in used else 1.0
        distance = abs(view.number - window.view.number)
        return preference * np.count_nonzero(left & covers[view]) / (1 + distance / REACH)

    fitted: list[Source] = []
    sources: list[Source] = []
    while covers and len(sources) < MOST_SOURCES:
        best = max(covers, key=value)
        if np.count_nonzero(left & covers.pop(best)) < worth:
            break
        fitted.append(surroundings.source(best, usual))
        sources.append(_without_odd(fitted[-1], usual))
        left &= sources[-1].covers < COVERED
    used.clear()
    used.update(source.view.number for source in sources)
    return sources + fitted  # what is odd is better than nothing


def _usual(sources: list[Source], size: tuple[int, int]) -> Float:
    """(h, w, 3) median of what the window's cells see; NaN where too few see anything to have a majority."""
    if len(sources) < MAJORITY:
        return np.full((*size, 3), np.nan, np.float32)
    covered = np.stack([source.covers >= COVERED for source in sources])[..., None]
    colours = np.where(covered, np.stack([source.colours for source in sources]), np.inf)
    colours.sort(0)
    counts = covered.sum(0)
    middle = np.take_along_axis(colours, np.minimum(counts // 2, len(sources) - 1)[None], 0)[0]
    return np.where(counts >= MAJORITY, middle, np.float32(np.nan))


def _in_front(source: Source, window: Window, expected: Float, usual: Float) -> NDArray[np.bool_] | None:
    """(h, w) cells of the hole where a source shows something that begins outside of the hole, where it does not fit.

    A thing in front of the background is elsewhere in another frame: beside the hole it differs from the frame to be
    filled, and from there it goes on into the hole without an edge. None if nothing does.
    """
    covered = source.covers >= COVERED
    front = covered & ~window.hidden & (np.abs(source.colours - window.colours).max(2) > ODD)
    front &= ~(np.abs(source.colours - usual).max(2) <= ODD)  # or else it is the frame to be filled where something is
    if not front.any():
        return None
    inside = covered & window.hidden & (np.abs(source.colours - expected).max(2) > ODD)
    down, right = (np.abs(np.diff(source.colours, axis=axis)).max(2) < EDGE for axis in (0, 1))
    for _ in range(SWEEPS):
        for cells, within, joined in ((front, inside, down), (front.T, inside.T, right.T)):
            for row in range(1, len(cells)):
                cells[row] |= cells[row - 1] & joined[row - 1] & within[row]
            for row in range(len(cells) - 2, -1, -1):
                cells[row] |= cells[row + 1] & joined[row] & within[row]
    return grown(front, BORDER)


def _without_odd(source: Source, usual: Float) -> Source:
    odd = np.abs(source.colours - usual).max(2) > ODD  # false for NaN
    return replace(source, covers=np.where(odd, np.float32(0), source.covers))
