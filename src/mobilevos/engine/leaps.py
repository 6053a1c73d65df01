"""Whether what is seen of an object is where it was in the frame before.

An object goes on from where it was. What the network finds of it elsewhere is another thing: when the object itself has
just gone, its whole mask; while it is there, a look-alike or a speck that came into view.
"""

from math import ceil, sqrt

import numpy as np

from mobilevos.engine.bounds import bounding_box
from mobilevos.engine.cells import connected, grown
from mobilevos.engine.region import Mask

LEAST_STAYED, NEAR = 0.1, 2
"""Part of a mask that lies where it was, or so many cells away, unless the object has leapt."""
REACH = 2.0
"""Parts are far if they are so many sides away from the box around where the object was, a side being the root of its
area."""
MOST_FAR = 0.5
"""Of what is near, that all the far parts may have to be none of the object; if they have more, it may be there."""
_RIM = 2
"""Cells around a part in which its mask fades out."""


def has_leapt(mask: Mask, before: Mask) -> bool:
    """Whether a mask lies elsewhere than before: mostly another thing, when the object itself has just gone.

    Args:
        mask: (rows, columns) probabilities.
        before: (rows, columns) probabilities of the frame before.
    """
    inside = mask > 0.5
    stayed = np.count_nonzero(inside & grown(before > 0.5, NEAR))
    return bool(stayed < LEAST_STAYED * np.count_nonzero(inside))


def without_far_parts(mask: Mask, before: Mask, area: float) -> Mask:
    """A mask without what does not hang together with anything near where the object was.

    Args:
        mask: (rows, columns) probabilities.
        before: (rows, columns) probabilities of the frame before.
        area: cells that the object covers when all of it is in sight: what comes out behind something is far from the
            little that was seen.

    Returns:
        (rows, columns): the mask with 0 in far parts, or the mask itself.
    """
    inside, was = mask > 0.5, before > 0.5
    if not was.any():
        return mask
    down, across = bounding_box(was)
    reach = ceil(REACH * sqrt(max(area, float(np.count_nonzero(was)))))
    near = np.zeros_like(inside)
    near[max(down.start - reach, 0) : down.stop + reach, max(across.start - reach, 0) : across.stop + reach] = True
    if not (inside & ~near).any():
        return mask
    own = connected(inside, near)
    far = inside & ~own
    if not far.any() or np.count_nonzero(far) > MOST_FAR * np.count_nonzero(own):
        return mask
    return mask * (own | ~grown(far, _RIM))
