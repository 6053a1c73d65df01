"""The part of a frame around a hole, at the levels of comparison."""

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mobilevos.effects.view import FINER, View
from mobilevos.effects.warp import Float, Map, at_scale, shift, warp

Box = tuple[slice, slice]

RING = 4
"""Width of the surroundings that what fills a hole must fit, in cells of the coarse level."""


COVERED = 0.98
"""A cell that sees this much of background sees nothing else."""


@dataclass(frozen=True, eq=False)
class Source:
    """Something to fill from.

    Attributes:
        view: the frame.
        to_view: map from the frame with the hole.
        colours: (h, w, 3) float32 that the cells of a window see in it.
        covers: (h, w) float32, how much of what they see is background, 0..1.
    """

    view: View
    to_view: Map
    colours: Float
    covers: Float


class Window:
    """A box of whole cells of the coarse level: those of a hole and of its surroundings.

    Args:
        view: the frame.
        box: rows and columns around the hole.
    """

    def __init__(self, view: View, box: Box) -> None:
        self.view = view
        rows, columns = (
            slice(max(side.start // view.factor - RING, 0), min(ceil(side.stop / view.factor) + RING, limit))
            for side, limit in zip(box, view.seen.shape, strict=True)
        )
        self.cells: Box = rows, columns
        """Rows and columns of the coarse level."""
        self.hidden: NDArray[np.bool_] = view.seen[rows, columns] == 0
        """(h, w): the hole's cells."""
        self.corner: Map = shift(columns.start * view.factor, rows.start * view.factor)
        """From the window's coordinates to the frame's."""
        self.colours = np.asarray(view.small, np.float32)[rows, columns]
        """(h, w, 3)."""

    def level(self, maps: tuple[Float, ...], level: int) -> Float:
        """The window's part of a map at one of the levels, given at all levels."""
        rows, columns = (slice(side.start * FINER[level], side.stop * FINER[level]) for side in self.cells)
        return maps[level][rows, columns]

    def source(self, view: View, to_view: Map) -> Source:
        """A frame as a source for the window."""
        seen = warp(view.small_seen, at_scale(to_view @ self.corner, self.view.factor), self.hidden.shape)
        colours, covers = seen[..., :3].astype(np.float32), seen[..., 3].astype(np.float32)
        return Source(view, to_view, colours, np.divide(covers, 255, out=covers))

    def within(self, box: Box) -> tuple[float, float, float, float]:
        """A box in the frame as left, top, right and bottom in the window's cells."""
        (rows, columns), (top, left), factor = box, (side.start for side in self.cells), self.view.factor
        return (
            columns.start / factor - left,
            rows.start / factor - top,
            columns.stop / factor - left,
            rows.stop / factor - top,
        )

    def enlarged(self, cells: Float, box: Box) -> Float:
        """Values (h, w) of the window's cells -> the same in the pixels of a box in the frame."""
        rows, columns = box
        size = columns.stop - columns.start, rows.stop - rows.start
        return np.asarray(Image.fromarray(cells).resize(size, Image.Resampling.BILINEAR, self.within(box)))
