"""Ghosts: background that was once taken for an object and then keeps itself in the mask, from frame to frame.

What an object uncovers lies where the previous mask was, and what the previous frame in memory takes for the object
looks the same in the next. Sooner or later the object moves away from its ghost. The two no longer touch then, and the
permanent frames in memory, which are not fooled, know only one of them. So a mask in several parts is looked at before
memory takes it in. In coarse views that brings nothing.
"""

import numpy as np
from numpy.typing import NDArray

from mobilevos.engine.region import Mask

_LEAST = 0.5
"""Permanent frames that recognise less than this part of a mask know too little of what the object has become."""
_RIM = 2
"""Cells around a part in which its mask fades out."""

Cells = NDArray[np.bool_]


def in_parts(mask: Mask) -> bool:
    """Whether a mask (rows, columns) of probabilities has several parts, above 0.5, that do not touch."""
    inside = mask > 0.5
    surest = np.zeros_like(inside)
    surest[np.unravel_index(mask.argmax(), mask.shape)] = True
    return bool((_reached(surest, inside) != inside).any())


def without_ghosts(mask: Mask, recognised: Mask) -> Mask:
    """Keep the parts of a mask in which something is recognised.

    Args:
        mask: (rows, columns) probabilities.
        recognised: (rows, columns) probabilities by the permanent frames in memory alone.

    Returns:
        (rows, columns): the mask with 0 in its other parts, or the mask itself if too little of it is recognised.
    """
    inside = mask > 0.5
    known = inside & (recognised > 0.5)
    if known.sum() < _LEAST * inside.sum():
        return mask
    kept = _reached(known, inside)
    for _ in range(_RIM):
        kept = _dilated(kept)
    return mask * kept


def _reached(start: Cells, inside: Cells) -> Cells:
    """The cells that are reached from some without leaving others, by steps to any of eight neighbours."""
    reached, before = start & inside, None
    while (count := int(np.count_nonzero(reached))) != before:
        reached, before = _dilated(reached) & inside, count
    return reached


def _dilated(cells: Cells) -> Cells:
    """With all eight neighbours."""
    down = cells.copy()
    down[1:] |= cells[:-1]
    down[:-1] |= cells[1:]
    across = down.copy()
    across[:, 1:] |= down[:, :-1]
    across[:, :-1] |= down[:, 1:]
    return across
