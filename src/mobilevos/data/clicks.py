"""Users simulated: clicks where a mask is wrong (as RITM does), boxes drawn by hand."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mobilevos.engine.bounds import Bounds, bounding_box
from mobilevos.engine.prompt_maps import Click

Mask = NDArray[np.bool_]


def next_click(mask: Mask, truth: Mask, known: Mask | None = None, rng: np.random.Generator | None = None) -> Click:
    """Where a user clicks next: the middle of the largest mistake.

    It is the point furthest from the border of what is missing, or of what is too much, whichever lies deeper; the
    border of the image counts as one.

    Args:
        mask: (H, W) as it is.
        truth: (H, W) as it shall be.
        known: (H, W) where the truth is known; everywhere if not given.
        rng: if given, the user is careless: any point counts that is at least 0.4 times as deep as the deepest.

    Returns:
        The click, in pixels of the masks; positive if the object is there. Where there is no mistake, one in the
        middle of the object.
    """
    missing, excess = truth & ~mask, mask & ~truth
    if known is not None:
        missing, excess = missing & known, excess & known
    if not missing.any() and not excess.any():
        missing = truth
    depths = [depth(part) for part in (missing, excess)]
    positive = depths[0].max() >= depths[1].max()
    chosen = depths[0] if positive else depths[1]
    if rng is None:
        y, x = np.unravel_index(int(chosen.argmax()), chosen.shape)
    else:
        places = np.flatnonzero(chosen >= max(0.4 * chosen.max(), 1e-6))
        y, x = np.unravel_index(int(rng.choice(places)), chosen.shape)
    return float(x) + 0.5, float(y) + 0.5, bool(positive)


def depth(mask: Mask) -> NDArray[np.float32]:
    """Distance of each pixel of a mask (H, W) to the nearest one outside of it; 0 outside."""
    padded = np.pad(mask, 1).astype(np.uint8)
    return np.asarray(cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1], np.float32)


def drawn_box(truth: Mask, rng: np.random.Generator, jitter: float = 0.25) -> Bounds:
    """A box around an object (H, W), drawn by hand: each side is off by up to ``jitter`` of the box's, mostly outwards.

    Returns:
        (left, top, right, bottom), pixels.
    """
    down, across = bounding_box(truth)
    strength = jitter * rng.random()
    spans = []
    for span, limit in ((across, truth.shape[1]), (down, truth.shape[0])):
        length = span.stop - span.start
        before, after = rng.uniform(-0.35, 1.0, 2) * strength * length
        spans.append((max(span.start - before, 0.0), min(span.stop + after, float(limit))))
    (left, right), (top, bottom) = spans
    return left, top, right, bottom
