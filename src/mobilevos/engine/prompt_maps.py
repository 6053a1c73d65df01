"""What a prompt head is shown of clicks, a box and an earlier mask: maps on the grid of masks.

Training draws the same maps, so the head meets in use what it was taught.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from mobilevos.engine.bounds import Bounds

Maps = NDArray[np.float32]

RADIUS = 2.0
"""Of a click's disk, in cells of the grid."""
CHANNELS = 4
"""Positive clicks, negative clicks, the inside of the box, the earlier mask."""

Click = tuple[float, float, bool]
"""x and y in cells, the upper left corner of the grid being (0, 0); whether the object is there."""


def prompt_maps(
    grid: tuple[int, int], clicks: Iterable[Click], box: Bounds | None = None, mask: Maps | None = None
) -> Maps:
    """Maps (4, rows, columns) in 0..1.

    Args:
        grid: (rows, columns) of masks.
        clicks: those beyond the grid leave no trace, or that of the part of the disk that reaches into it.
        box: (left, top, right, bottom) in cells; None for none.
        mask: (rows, columns) in 0..1; None for none.
    """
    maps = np.zeros((CHANNELS, *grid), np.float32)
    y, x = (np.arange(side, dtype=np.float32) + 0.5 for side in grid)
    for across, down, positive in clicks:
        distance = np.hypot(y[:, None] - down, x - across)
        plane = maps[0 if positive else 1]
        np.maximum(plane, np.clip(RADIUS + 0.5 - distance, 0, 1), out=plane)
    if box is not None:
        left, top, right, bottom = box
        maps[2] = _covered(grid[0], top, bottom)[:, None] * _covered(grid[1], left, right)
    if mask is not None:
        maps[3] = mask
    return maps


def _covered(cells: int, start: float, stop: float) -> Maps:
    """How much of each cell of a line lies between two points: (cells,) in 0..1."""
    first = np.arange(cells, dtype=np.float32)
    return np.maximum(np.minimum(first + 1, stop) - np.maximum(first, start), 0).astype(np.float32)
