"""From a box around an object to its mask."""

import numpy as np
from numpy.typing import NDArray

from mobilevos.errors import InputError
from mobilevos.tracker import Tracker

Box = tuple[int, int, int, int]
"""x and y of the upper left corner, width and height, in pixels."""

_ROUNDS = 4


def mask_of_box(frame: NDArray[np.uint8], box: Box, tracker: Tracker) -> NDArray[np.bool_]:
    """What the tracker's own network takes for the object in a box.

    The ellipse in the box starts a track that stays on this one frame: the network reads back what belongs together,
    and what it reads is the start of the next round. With boxes of true masks this comes much closer to those than a
    model of colours and contrast in the manner of GrabCut.

    Args:
        frame: (H, W, 3) uint8 RGB.
        box: around the object, as tight as can be; what lies outside of the frame is cut off.
        tracker: one that follows nothing else; it is started anew.

    Returns:
        (H, W) bool, False outside of the box, never empty.

    Raises:
        InputError: the box has no pixel of the frame.
    """
    height, width = frame.shape[:2]
    x, y, across, down = box
    rows, columns = slice(max(y, 0), min(y + down, height)), slice(max(x, 0), min(x + across, width))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        raise InputError(f"the box {x},{y},{across},{down} has no pixel of the frame, which is {width}x{height}.")
    mask = np.zeros((height, width), bool)
    mask[rows, columns] = _ellipse(rows.stop - rows.start, columns.stop - columns.start)
    for _ in range(_ROUNDS):
        tracker.start(frame, mask.astype(np.uint8))
        found = np.zeros_like(mask)
        found[rows, columns] = tracker.step(frame)[rows, columns] > 0
        if not found.any():
            break
        mask = found
    return mask


def _ellipse(height: int, width: int) -> NDArray[np.bool_]:
    """(height, width) bool: the ellipse that touches all four sides."""
    down, across = ((np.arange(side) + 0.5) / side * 2 - 1 for side in (height, width))
    inside: NDArray[np.bool_] = down[:, None] ** 2 + across**2 <= 1
    return inside
