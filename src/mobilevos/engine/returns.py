"""Whether what looks like an object that was out of sight, or elsewhere, is that object.

A network that is asked for an object all over the frame finds something in the end. What it takes for the object would
then be followed and remembered, so more is asked than of an object in sight: enough pixels, sure ones, not those of an
object that was in sight, and that the permanent frames in memory, which only ever held the object itself, agree.
"""

import numpy as np

from mobilevos.engine.cells import grown
from mobilevos.engine.region import LEAST, Mask

LEAST_AREA = 1 / 16
"""Of the object's area in the permanent frames: a quarter of its height and width."""
LEAST_SCORE = 0.7
"""Mean probability inside of the mask."""
LEAST_FREE = 0.5
"""Part of the mask that no visible object had in the frame before."""
LEAST_KNOWN = 0.5
"""Part of the mask in which the permanent frames alone recognise the object."""
LEAST_STAYED, NEAR = 0.1, 2
"""Part of a mask that lies where it was in the frame before, or so many cells away, unless the object has leapt."""


def may_be_back(mask: Mask, share: float, others: Mask) -> bool:
    """Whether a mask is large and sure enough, and not part of another object.

    Args:
        mask: (rows, columns) probabilities.
        share: of the object's area in the permanent frames that one cell of the mask covers.
        others: (V, rows, columns) probabilities of visible objects in the frame before.
    """
    inside = mask > 0.5
    area = np.count_nonzero(inside)
    if not area or area * share < LEAST_AREA or mask[inside].mean() < LEAST_SCORE:
        return False
    return bool(np.count_nonzero(inside & ~(others > 0.5).any(0)) >= LEAST_FREE * area)


def is_recognised(mask: Mask, recognised: Mask) -> bool:
    """Whether the permanent frames agree.

    Args:
        mask: (rows, columns) probabilities, some above 0.5.
        recognised: (rows, columns) probabilities by the permanent frames alone.
    """
    inside = mask > 0.5
    return bool((recognised[inside] > 0.5).mean() >= LEAST_KNOWN)


def has_leapt(mask: Mask, before: Mask) -> bool:
    """Whether a mask lies elsewhere than before: mostly another thing, when the object itself has just gone.

    Args:
        mask: (rows, columns) probabilities.
        before: (rows, columns) probabilities of the frame before.
    """
    inside = mask > 0.5
    stayed = np.count_nonzero(inside & grown(before > 0.5, NEAR))
    return bool(stayed < LEAST_STAYED * np.count_nonzero(inside))


def without(masks: Mask, rows: list[int]) -> Mask:
    """Masks (K, rows, columns) as if some objects had not competed with the others for pixels; those have none then.

    Probabilities are shares of odds: without an object's odds, the others' shares grow alike.
    """
    left = 1 - masks[rows].sum(0)
    alone = masks / np.maximum(left, LEAST)
    alone[rows] = 0
    return alone
