"""Masks in the size of their frames: those of another size are scaled if they have the same shape."""

import math
import warnings

import numpy as np

from mobilevos.errors import Advice, InputError
from mobilevos.video.source import width_x_height

_SAME_SCALE = 1.05
_CLOSE = 0.003
"""Relative difference of aspect ratios that nobody sees, such as that of 853x480 and 854x480."""
_MOST_ROUNDING = 0.02


def fitted(
    mask: np.ndarray, size: tuple[int, int], name: str, other: str = "the frames are", *, one_of: str | None = None
) -> np.ndarray:
    """A label map in the size of its frame; where it is scaled, a warning says so.

    Args:
        mask: (h, w) label map.
        size: (H, W) of the frame.
        name: of the mask, for messages.
        other: what has that size, with its verb.
        one_of: what the warning calls it, so that it is given once for many masks.

    Returns:
        (H, W), of the same type; the mask itself if it has that size.

    Raises:
        InputError: it has another shape.
    """
    if mask.shape == size:
        return mask
    announce_scaling(mask.shape, size, name, other, one_of)
    return scaled(mask, size)


def announce_scaling(
    mask: tuple[int, ...], size: tuple[int, int], name: str, other: str, one_of: str | None = None
) -> None:
    """Warn that a mask of size (h, w) is scaled, or refuse that, see `fitted`."""
    check_shape(mask, size, name, other)
    warnings.warn(scaling(one_of or name, mask, size, other), Advice, stacklevel=3)


def check_shape(mask: tuple[int, ...], size: tuple[int, int], name: str, other: str = "the frames are") -> None:
    """Raise `InputError` unless a mask of size (h, w), called ``name``, can be scaled to (H, W)."""
    if not same_shape(mask, size):
        raise InputError(
            f"{name} is {width_x_height(mask)} but {other} {width_x_height(size)}; "
            "make the mask the size of the frames, or of the same shape."
        )


def same_shape(one: tuple[int, ...], two: tuple[int, ...]) -> bool:
    """Whether two sizes have the same aspect ratio but for the rounding of scaled sides to whole pixels."""
    small, large = sorted((one, two), key=math.prod)
    if not min(small):
        return False
    tall, wide = large[0] / small[0], large[1] / small[1]
    # Where the scale is one, nothing was rounded: a side that differs was padded or cropped.
    rounding = min(_MOST_ROUNDING, 1 / min(small)) if min(tall, wide) > _SAME_SCALE else 0
    return abs(wide / tall - 1) <= max(_CLOSE, rounding)


def scaling(name: str, mask: tuple[int, ...], size: tuple[int, int], other: str = "the frames are") -> str:
    """The sentence that says that a mask is scaled."""
    return f"{name} is {width_x_height(mask)} but {other} {width_x_height(size)}; it was scaled to fit."


def scaled(mask: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(h, w) label map -> (H, W): each pixel has the label at its centre."""
    rows, columns = (
        ((np.arange(new) + 0.5) * old / new).astype(np.intp) for new, old in zip(size, mask.shape, strict=True)
    )
    return mask[rows[:, None], columns]
