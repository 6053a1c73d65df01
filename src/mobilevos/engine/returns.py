"""Whether what looks like an object that was out of sight, or elsewhere, is that object.

A network that is asked for an object all over the frame finds something in the end. What it takes for the object would
then be followed and remembered, so more is asked than of an object in sight: enough pixels, sure ones, not those of an
object that was in sight, and that the permanent frames in memory, which only ever held the object itself, agree.
"""

import numpy as np

from mobilevos.engine.region import LEAST, Mask

LEAST_AREA = 1 / 16
"""Of the object's area in the permanent frames: a quarter of its height and width."""
LEAST_SCORE = 0.7
"""Mean probability inside of the mask."""
MOST_TAKEN = 0.5
"""Part of a visible object's mask in the frame before that the returning one may take: if more, it is that object."""
LEAST_KNOWN = 0.5
"""Part of the mask in which the permanent frames alone recognise the object."""


def may_be_back(mask: Mask, whole: float, others: Mask) -> bool:
    """Whether a mask is large and sure enough, and not another object; it may have been swallowed by a larger one.

    Args:
        mask: (rows, columns) probabilities.
        whole: cells that the object covers when all of it is in sight.
        others: (V, rows, columns) probabilities of visible objects in the frame before.
    """
    inside = mask > 0.5
    area = np.count_nonzero(inside)
    if not area or area < LEAST_AREA * whole or mask[inside].mean() < LEAST_SCORE:
        return False
    theirs = others > 0.5
    taken, areas = (np.count_nonzero(cells, (1, 2)) for cells in (theirs & inside, theirs))
    return bool((taken <= MOST_TAKEN * areas).all())


def is_recognised(mask: Mask, recognised: Mask) -> bool:
    """Whether the permanent frames agree.

    Args:
        mask: (rows, columns) probabilities, some above 0.5.
        recognised: (rows, columns) probabilities by the permanent frames alone.
    """
    inside = mask > 0.5
    return bool((recognised[inside] > 0.5).mean() >= LEAST_KNOWN)


def without(masks: Mask, rows: list[int]) -> Mask:
    """Masks (K, rows, columns) as if some objects had not competed with the others for pixels; those have none then.

    Probabilities are shares of odds: without an object's odds, the others' shares grow alike.
    """
    left = 1 - masks[rows].sum(0)
    alone = masks / np.maximum(left, LEAST)
    alone[rows] = 0
    return alone
