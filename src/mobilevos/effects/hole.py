"""One hole filled: from other frames, from how an earlier one was filled, and from its surroundings."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from mobilevos.effects.likeness import alike_shifts
from mobilevos.effects.sources import Surroundings, choose
from mobilevos.effects.spatial import fill
from mobilevos.effects.timeline import Timeline
from mobilevos.effects.view import View
from mobilevos.effects.warp import Map, move, shift, warp
from mobilevos.effects.window import COVERED, Box, Source, Window
from mobilevos.engine.bounds import bounding_box

MOST_TINT = 40.0
"""Differences in colour beyond this are different things, not different light."""
SMALLEST_PATCH = 6
"""Fewer missing cells than this are filled with smooth colour rather than texture."""
NEUTRAL = 128
"""How a byte says that nothing is to be added."""


def fill_hole(view: View, box: Box, mask: NDArray[np.uint8], timeline: Timeline, used: set[int]) -> Image.Image:
    """A frame with its hole filled.

    Args:
        view: the frame.
        box: rows and columns around the hole.
        mask: (box) uint8, share of the filling in each pixel, 0..255.
        timeline: the frames around it.
        used: numbers of the frames that filled the last hole; becomes those that fill this one.
    """
    filling = _Filling(Window(view, box))
    surroundings = Surroundings(filling.window)
    for source in choose(surroundings, timeline.candidates(), used):
        filling.add(source)
    if timeline.filled is not None and filling.cells.any():
        filling.add(surroundings.source(timeline.filled))
    if np.count_nonzero(filling.cells) >= SMALLEST_PATCH:
        for x, y in alike_shifts(filling.window, filling.cells):
            filling.add(filling.window.source(view, shift(x * view.factor, y * view.factor)))
    filled = view.image.copy()
    filled.paste(filling.picture(box), (box[1].start, box[0].start), Image.fromarray(mask))
    return filled


class _Filling:
    """Sources upon each other, the first one on top.

    Attributes:
        window: of the hole.
        cells: (h, w) the window's cells that no source shows yet.
    """

    def __init__(self, window: Window) -> None:
        self.window = window
        self.cells = window.hidden.copy()
        self._layers: list[tuple[Source, Box]] = []
        self._light = np.zeros((*self.cells.shape, 3), np.float32)
        self._colours = window.colours * ~self.cells[..., None]

    def add(self, source: Source) -> None:
        """Lay a source under those before, if it shows anything that they do not."""
        window = self.window
        new = self.cells & (source.covers >= COVERED)
        if not new.any():
            return
        known = ~window.hidden & (source.covers >= COVERED)
        light = np.clip(window.colours - source.colours, -MOST_TINT, MOST_TINT)
        self._light[new] = fill(light, known.astype(np.float32))[new]
        self._colours[new] = source.colours[new] + self._light[new]
        self._layers.append((source, bounding_box(new)))
        self.cells &= ~new

    def picture(self, box: Box) -> Image.Image:
        """The filling in a box of the frame, RGB."""
        canvas = self._enlarged(np.clip(fill(self._colours, (~self.cells).astype(np.float32)), 0, 255), box)
        light = self._enlarged(np.clip(NEUTRAL + self._light, 0, 255), box)
        if self._layers:
            # The canvas gets the light that is added to all of it at the end, so it is taken off before.
            canvas = ImageChops.subtract(canvas, light, 1, NEUTRAL)
        for source, cells in reversed(self._layers):
            part = self._pixels(cells, box)
            opacity = self.window.enlarged(source.covers, part)
            mask = np.clip(510 * opacity - 255, 0, 255).astype(np.uint8)
            to_view = source.to_view @ shift(part[1].start, part[0].start)
            shown = warp(source.view.image, to_view, mask.shape)
            if not _inside(to_view, mask.shape, source.view.image.size):
                everything = Image.new("L", source.view.image.size, 255)
                mask = np.where(warp(everything, to_view, mask.shape) == 255, mask, 0).astype(np.uint8)
            corner = part[1].start - box[1].start, part[0].start - box[0].start
            canvas.paste(Image.fromarray(shown), corner, Image.fromarray(mask))
        return ImageChops.add(canvas, light, 1, -NEUTRAL) if self._layers else canvas

    def _pixels(self, cells: Box, box: Box) -> Box:
        """A box of the window's cells, and one cell more for the seams, in the frame's pixels; inside of ``box``."""
        factor = self.window.view.factor
        rows, columns = (
            slice(
                max((whole.start + own.start - 1) * factor, limit.start),
                min((whole.start + own.stop + 1) * factor, limit.stop),
            )
            for whole, own, limit in zip(self.window.cells, cells, box, strict=True)
        )
        return rows, columns

    def _enlarged(self, cells: NDArray[np.float32], box: Box) -> Image.Image:
        image = Image.fromarray(np.round(cells).astype(np.uint8))
        size = box[1].stop - box[1].start, box[0].stop - box[0].start
        return image.resize(size, Image.Resampling.BILINEAR, self.window.within(box))


def _inside(to_source: Map, size: tuple[int, ...], source_size: tuple[int, int]) -> bool:
    """Whether a map leads from everywhere in an image of (height, width) into a source of (width, height)."""
    height, width = size
    corners = move(to_source, np.array([[0, 0], [width, 0], [0, height], [width, height]], np.float64))
    return bool((corners >= 0).all() and (corners <= source_size).all())
