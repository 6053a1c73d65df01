"""Objects drawn over their frame."""

import numpy as np

from mobilevos.video.palette import PALETTE

_CONTOUR = np.minimum(PALETTE.astype(np.uint16) * 2, 255).astype(np.uint8)


def overlay(frame: np.ndarray, labels: np.ndarray, alpha: float = 0.5) -> np.ndarray:
    """Tint each object in its DAVIS palette colour and line its border in a brighter one.

    Args:
        frame: (H, W, 3) uint8 RGB, left as it is.
        labels: (H, W) uint8 label map, 0 = background.
        alpha: share of the tint, 0..1.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    result = frame.copy()
    rows = np.flatnonzero(labels.any(axis=1))
    if not len(rows):
        return result
    columns = np.flatnonzero(labels.any(axis=0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    inside = labels[box]
    weight = round(alpha * 256)
    pixels = np.flatnonzero(inside)
    ids = inside.ravel()[pixels]
    region = result[box].reshape(-1, 3)
    tint = (PALETTE.astype(np.uint16) * weight)[ids]
    tint += region[pixels].astype(np.uint16) * np.uint16(256 - weight)
    tint >>= 8
    region[pixels] = tint
    border = np.flatnonzero(_border(inside))
    region[border] = _CONTOUR[inside.ravel()[border]]
    result[box] = region.reshape(*inside.shape, 3)
    return result


def _border(labels: np.ndarray) -> np.ndarray:
    """(H, W) bool: pixels of an object that touch another label above, below, left or right."""
    border = np.zeros(labels.shape, bool)
    across = labels[:, 1:] != labels[:, :-1]
    down = labels[1:] != labels[:-1]
    border[:, 1:] |= across
    border[:, :-1] |= across
    border[1:] |= down
    border[:-1] |= down
    return border & (labels > 0)
