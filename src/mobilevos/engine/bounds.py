"""Bounding boxes of what arrays hold."""

import numpy as np

Bounds = tuple[float, float, float, float]
"""(left, top, right, bottom) in pixels of the source frame."""


def bounding_box(mask: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns of the smallest box around the non-zero pixels of an (H, W) array; empty if there is none."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def bounds_of(mask: np.ndarray) -> Bounds | None:
    """Bounds of the non-zero pixels of an (H, W) array; None if there is none."""
    down, across = bounding_box(mask)
    return None if down.start == down.stop else (across.start, down.start, across.stop, down.stop)
