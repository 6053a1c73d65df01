"""Objects removed from a video: their place is filled with what other frames saw of it."""

from collections import deque
from collections.abc import Iterator

import numpy as np
from PIL import Image as Pillow
from PIL import ImageFilter

from mobilevos.effects.effect import Image, Soft
from mobilevos.effects.hole import fill_hole
from mobilevos.effects.timeline import Timeline
from mobilevos.effects.view import View, camera_motion, coarse_factor
from mobilevos.effects.warp import Map
from mobilevos.effects.window import Box
from mobilevos.engine.bounds import bounding_box
from mobilevos.errors import InputError

MARGIN = 1 / 60
"""The hole is that much wider than the mask on all sides, in units of the frame's shorter side: soft borders, hair,
contact shadows."""
SHADOW = 0.1
"""Things stand on their shadows: below, the hole is wider by this part of its height, at least by another margin."""
FROM = 0.3
"""Probability above which a pixel belongs to the object, for a hole that misses nothing."""


class Inpaint:
    """Fills objects with the background behind them.

    The camera's motion between frames is estimated from the background. A few frames before, and up to ``look_ahead``
    after, each frame are moved to where it sees the same, fitted to the surroundings of the hole, matched in
    brightness and cut into it, nearest in time first. What none of them saw comes from how an earlier frame was
    filled, and only what is left from the hole's surroundings. Memory is bounded by ``look_ahead``.

    Args:
        look_ahead: frames that may be waited for; 0 answers at once.
        margin: pixels by which the object's mask is widened; None takes a sixtieth of the frame's shorter side.

    Raises:
        InputError: a negative number.
    """

    def __init__(self, look_ahead: int = 0, margin: int | None = None) -> None:
        for name, value in (("look-ahead", look_ahead), ("margin", margin or 0)):
            if value < 0:
                raise InputError(f"The {name} is {value}; give 0 or more.")
        self._look_ahead = look_ahead
        self._margin = margin
        self._count = 0
        self._waiting: deque[tuple[Box, Image]] = deque()
        self._newest: View | None = None
        self._motion: Map = np.eye(3)
        self._timeline = Timeline()
        self._used: set[int] = set()

    def __call__(self, frame: Image, soft: Soft) -> Image | None:
        """See `Effect`; RGB."""
        box, mask = self._hole(soft)
        factor = coarse_factor(soft.shape)
        hidden = np.zeros(soft.shape, np.uint8)
        hidden[box] = mask
        seen = np.asarray(Pillow.fromarray(hidden).reduce(factor)) == 0
        view = View(self._count, Pillow.fromarray(frame), factor, seen * np.uint8(255))
        self._count += 1
        motion = np.eye(3) if self._newest is None else camera_motion(view, self._newest, self._motion)
        self._motion = np.eye(3) if motion is None else motion
        self._newest = view
        self._timeline.add(view, motion)
        self._waiting.append((box, mask))
        return self._next() if len(self._waiting) > self._look_ahead else None

    def rest(self) -> Iterator[Image]:
        """See `Effect`."""
        while self._waiting:
            yield self._next()

    def _next(self) -> Image:
        box, mask = self._waiting.popleft()
        view = self._timeline.advance()
        filled = fill_hole(view, box, mask, self._timeline, self._used) if mask.size else view.image
        self._timeline.keep(filled)
        return np.asarray(filled)

    def _hole(self, soft: Soft) -> tuple[Box, Image]:
        """The box of the hole with a free border around it, and its mask (box) of 0..255, soft at the outer edge."""
        margin = max(2, round(min(soft.shape) * MARGIN)) if self._margin is None else self._margin
        inside = soft > FROM
        if not inside.any():
            return (slice(0, 0), slice(0, 0)), np.zeros((0, 0), np.uint8)
        rows, columns = bounding_box(inside)
        below = max(margin, round(SHADOW * (rows.stop - rows.start))) if margin else 0
        rows, columns = (
            slice(max(side.start - margin - 4, 0), min(side.stop + margin + 4 + further, limit))
            for side, further, limit in zip((rows, columns), (below, 0), inside.shape, strict=True)
        )
        mask = np.ascontiguousarray(inside[rows, columns]) * np.uint8(255)
        for axis in (0, 1):
            mask = _widened(mask, margin + 1, axis)
        for _ in range(below // max(margin, 1)):
            mask[margin:] |= mask[:-margin]
        return (rows, columns), np.asarray(Pillow.fromarray(mask).filter(ImageFilter.BoxBlur(2)))


def _widened(mask: Image, reach: int, axis: int) -> Image:
    """The largest value up to ``reach`` pixels away along an axis."""
    mask = mask.swapaxes(0, axis).copy()
    covered = 0
    while covered < reach:  # steps double, as each builds on the last
        step = min(max(covered, 1), reach - covered)
        grown = mask.copy()
        np.maximum(grown[step:], mask[:-step], out=grown[step:])
        np.maximum(grown[:-step], mask[step:], out=grown[:-step])
        mask, covered = grown, covered + step
    return mask.swapaxes(0, axis)
