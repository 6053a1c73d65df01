"""Objects drawn over their frame."""

import numpy as np
from PIL import Image

from mobilevos.engine.bounds import bounding_box
from mobilevos.video.palette import PALETTE

_TINT = PALETTE.tobytes()
_CONTOUR = np.minimum(PALETTE.astype(np.uint16) * 2, 255).astype(np.uint8).tobytes()


def overlay(frame: np.ndarray, labels: np.ndarray, alpha: float = 0.5) -> np.ndarray:
    """Tint each object in its DAVIS palette colour and line its border in a brighter one.

    >>> labels = np.zeros((90, 160), np.uint8)
    >>> labels[30:60, 50:100] = 1
    >>> overlay(np.full((90, 160, 3), 200, np.uint8), labels)[45, 75].tolist()
    [164, 100, 100]

    Args:
        frame: (H, W, 3) uint8 RGB, left as it is.
        labels: (H, W) uint8 label map, 0 = background.
        alpha: share of the tint, 0..1.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    drawn = frame.copy()
    if labels.any():
        # One pixel more on each side, so that the border sees the background around it.
        box = tuple(slice(max(side.start - 1, 0), side.stop + 1) for side in bounding_box(labels))
        drawn[box] = _drawn(frame[box], labels[box], alpha)
    return drawn


def _drawn(frame: np.ndarray, labels: np.ndarray, alpha: float) -> Image.Image:
    image = Image.fromarray(frame)
    inside = labels > 0
    # Pillow's paste is several times faster here than NumPy's indexing.
    image.paste(_coloured(labels, _TINT), mask=Image.fromarray(inside * np.uint8(round(alpha * 255))))
    image.paste(_coloured(labels, _CONTOUR), mask=Image.fromarray((inside & _border(labels)) * np.uint8(255)))
    return image


def _coloured(labels: np.ndarray, palette: bytes) -> Image.Image:
    image = Image.fromarray(labels)
    image.putpalette(palette)
    return image.convert("RGB")


def _border(labels: np.ndarray) -> np.ndarray:
    """(H, W) bool: pixels with another label above, below, left or right."""
    border = np.zeros(labels.shape, bool)
    across = labels[:, 1:] != labels[:, :-1]
    down = labels[1:] != labels[:-1]
    border[:, 1:] |= across
    border[:, :-1] |= across
    border[1:] |= down
    border[:-1] |= down
    return border
