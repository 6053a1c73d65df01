"""Objects on a transparent ground."""

import numpy as np

from mobilevos.effects.blending import foreground
from mobilevos.effects.effect import Image, Immediate, Soft
from mobilevos.effects.matte import matte


class Cutout(Immediate):
    """RGBA frames of the objects alone, with soft edges in the objects' own colours; alpha is not premultiplied."""

    def __call__(self, frame: Image, soft: Soft) -> Image:
        """See `Effect`."""
        alpha = matte(frame, soft)
        opacity = np.round(alpha * 255).astype(np.uint8)[..., None]
        return np.concatenate([foreground(frame, alpha) * (opacity > 0), opacity], 2)
