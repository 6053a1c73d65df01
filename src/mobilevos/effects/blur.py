"""A blurred background behind sharp objects."""

import numpy as np
from PIL import Image as Pillow
from PIL import ImageFilter

from mobilevos.effects.blending import TRANSPARENT, foreground, over
from mobilevos.effects.effect import Image, Immediate, Soft
from mobilevos.effects.matte import matte
from mobilevos.effects.spatial import fill
from mobilevos.errors import InputError

WORKING_SIDE = 120
"""A strong blur needs no more than about this many rows or columns, whichever are fewer."""


class Blur(Immediate):
    """Blurs what is not an object. The objects' colours do not shine into the blur around them.

    >>> noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)
    >>> soft = np.zeros((120, 160), np.float32)
    >>> soft[40:80, 60:100] = 1
    >>> blurred = Blur(strength=4)(noise, soft)
    >>> bool((blurred[50:70, 70:90] == noise[50:70, 70:90]).all()), bool(blurred[:20].std() < noise[:20].std() / 2)
    (True, True)

    Args:
        strength: deviation of the blur in percent of the frame's shorter side, up to 20.

    Raises:
        InputError: a strength that is not positive, or beyond 20.
    """

    def __init__(self, strength: float = 2.5) -> None:
        if not 0 < strength <= 20:
            raise InputError(f"The strength is {strength:g}; give more than 0 and at most 20 percent.")
        self._strength = strength / 100

    def __call__(self, frame: Image, soft: Soft) -> Image:
        """See `Effect`; RGB."""
        alpha = matte(frame, soft)
        height, width = alpha.shape
        deviation = self._strength * min(height, width)
        factor = max(1, min(round(min(height, width) / WORKING_SIDE), round(deviation)))
        small = np.asarray(Pillow.fromarray(frame).reduce(factor), np.float32)
        free = np.asarray(Pillow.fromarray(alpha).reduce(factor)) < TRANSPARENT
        background = np.clip(fill(small, free.astype(np.float32)), 0, 255).astype(np.uint8)
        blurred = Pillow.fromarray(background).filter(ImageFilter.GaussianBlur(deviation / factor))
        box = (0, 0, width / factor, height / factor)
        back = blurred.resize((width, height), Pillow.Resampling.BILINEAR, box)
        return over(foreground(frame, alpha), alpha, np.asarray(back))
