"""Objects laid over other backgrounds."""

import numpy as np
from PIL import Image as Pillow

from mobilevos.effects.effect import Image, Soft
from mobilevos.effects.spatial import fill
from mobilevos.engine.bounds import bounding_box

OPAQUE, TRANSPARENT = 0.99, 0.01
"""Beyond these, a pixel shows the colours of the object, or of the background, alone."""
WORKING_SIDE = 240
"""Colours are extended at about this many rows or columns, whichever are fewer."""


def foreground(frame: Image, alpha: Soft) -> Image:
    """The frame with the object's own colours also where it is half transparent, so that no old background shines on.

    Args:
        frame: (H, W, 3) uint8 RGB.
        alpha: (H, W) float32 in 0..1, the object's opacity.
    """
    box = bounding_box(alpha > 0)
    part, opacity = frame[box], np.ascontiguousarray(alpha[box])
    if not opacity.size:
        return frame
    factor = max(1, round(min(alpha.shape) / WORKING_SIDE))
    small = np.asarray(Pillow.fromarray(np.ascontiguousarray(part)).reduce(factor), np.float32)
    known = np.asarray(Pillow.fromarray(opacity).reduce(factor)) > OPAQUE
    if not known.any():
        return frame
    own = Pillow.fromarray(np.clip(fill(small, known.astype(np.float32)), 0, 255).astype(np.uint8))
    height, width = opacity.shape
    box_of_cells = (0, 0, width / factor, height / factor)
    enlarged = own.resize((width, height), Pillow.Resampling.BILINEAR, box_of_cells)
    clean = frame.copy()
    clean[box] = over(np.ascontiguousarray(part), opacity, np.asarray(enlarged))
    return clean


def over(front: Image, alpha: Soft, back: Image) -> Image:
    """Lay a picture (H, W, 3) over another one, with opacity (H, W) in 0..1."""
    opacity = Pillow.fromarray(np.round(alpha * 255).astype(np.uint8))
    return np.asarray(Pillow.composite(Pillow.fromarray(front), Pillow.fromarray(back), opacity))
