"""One hole filled: from other frames, from how the last one was filled, and from its surroundings."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mobilevos.effects.likeness import alike_shifts
from mobilevos.effects.sources import Surroundings, choose
from mobilevos.effects.spatial import fill
from mobilevos.effects.timeline import Timeline
from mobilevos.effects.view import View
from mobilevos.effects.warp import Float, shift, warp
from mobilevos.effects.window import COVERED, Box, Source, Window, resized
from mobilevos.video.masks import bounding_box

MOST_TINT = 40.0
"""Differences in colour beyond this are different things, not different light."""
SMALLEST_PATCH = 6
"""Fewer missing cells than this are filled with smooth colour rather than texture."""


def fill_hole(view: View, box: Box, mask: NDArray[np.uint8], timeline: Timeline, used: set[int]) -> Float:
    """What is behind the hole of a frame.

    Args:
        view: the frame.
        box: rows and columns around the hole.
        mask: (box) uint8, not 0 where something is to be filled in.
        timeline: the frames around it.
        used: numbers of the frames that filled the last hole; becomes those that fill this one.

    Returns:
        (box, 3) float32 RGB 0..255; outside of the hole it is the frame.
    """
    hole = _Hole(view, box, mask)
    surroundings = Surroundings(hole.window)
    for source in choose(surroundings, timeline.candidates(), used):
        hole.paint(source)
    if timeline.filled is not None and hole.cells.any():
        hole.paint(surroundings.source(timeline.filled))
    if np.count_nonzero(hole.cells) >= SMALLEST_PATCH:
        for x, y in alike_shifts(hole.window, hole.cells):
            hole.paint(hole.window.source(view, shift(x * view.factor, y * view.factor)))
    hole.smooth()
    return hole.filled


class _Hole:
    """A hole that is filled bit by bit."""

    def __init__(self, view: View, box: Box, mask: NDArray[np.uint8]) -> None:
        self._view = view
        self._box = box
        self.window = Window(view, box)
        self.cells = self.window.hidden.copy()
        """(h, w) the window's cells that nothing has filled yet."""
        self._missing = (mask > 0).astype(np.float32)
        self.filled: Float = np.asarray(view.image)[box] * (1 - self._missing)[..., None]

    def paint(self, source: Source) -> None:
        """Fill what is missing and the source covers, in the light of the hole's surroundings."""
        window, factor = self.window, self._view.factor
        whole = source.covers >= COVERED
        rows, columns = bounding_box(self.cells & (source.covers > 0))
        if rows.start == rows.stop:
            return
        # One cell more, for the seams; in pixels, and clipped to the hole's box.
        top, left = (cells.start * factor for cells in window.cells)
        inner = tuple(
            slice(max(low + (side.start - 1) * factor, own.start), min(low + (side.stop + 1) * factor, own.stop))
            for low, side, own in zip((top, left), (rows, columns), self._box, strict=True)
        )
        box: Box = inner[0], inner[1]
        here = tuple(
            slice(side.start - own.start, side.stop - own.start) for side, own in zip(box, self._box, strict=True)
        )
        share = self._missing[here] * np.clip(2 * window.enlarged(source.covers, box) - 1, 0, 1)
        at = source.to_view @ shift(box[1].start, box[0].start)
        shown = warp(source.view.image, at, (share.shape[0], share.shape[1]))
        known = ~window.hidden & whole
        light = window.colours - source.colours
        light = fill(np.clip(light, -MOST_TINT, MOST_TINT), known.astype(np.float32))
        self.filled[here] += share[..., None] * (shown + window.enlarged(light, box))
        self._missing[here] -= share
        self.cells &= ~whole

    def smooth(self) -> None:
        """Fill what is still missing with smooth colours from around it."""
        rows, columns = bounding_box(self._missing > 0.01)
        if rows.start == rows.stop:
            return
        here = tuple(slice(max(side.start - 8, 0), side.stop + 8) for side in (rows, columns))
        missing = self._missing[here]
        part = self.filled[here] / np.maximum(1 - missing, 1e-3)[..., None]
        rough = np.stack(
            [np.asarray(Image.fromarray(each).reduce(2)) for each in (*part.transpose(2, 0, 1).copy(), missing)], 2
        )
        known = (rough[..., 3] < 0.5).astype(np.float32) * (1 - rough[..., 3])
        height, width = missing.shape
        smooth = resized(fill(rough[..., :3], known), (height, width), (0, 0, width / 2, height / 2))
        self.filled[here] += missing[..., None] * smooth
        self._missing[here] = 0
