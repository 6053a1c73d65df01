"""What the tracker is given, checked."""

import numpy as np
from numpy.typing import NDArray

from mobilevos.errors import InputError

Frame = NDArray[np.uint8]
"""(H, W, 3) RGB."""
Labels = NDArray[np.uint8]
"""(H, W) label map; 0 = background."""


def checked_frame(frame: Frame) -> tuple[int, int]:
    """(height, width) of a frame.

    Raises:
        InputError: not a uint8 array (H, W, 3).
    """
    if not isinstance(frame, np.ndarray) or frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8:
        found = f"{frame.dtype} {frame.shape}" if isinstance(frame, np.ndarray) else type(frame).__name__
        raise InputError(f"A frame must be a uint8 RGB array (H, W, 3), not {found}.")
    return frame.shape[0], frame.shape[1]


def checked_mask(mask: NDArray[np.integer], size: tuple[int, int]) -> Labels:
    """A copy of an integer label map, as uint8.

    Args:
        mask: (H, W) of any integer type, or bool.
        size: (height, width) of the frame.

    Raises:
        InputError: no label map, of another size than the frame, without an object, or with ids outside of 0..255.
    """
    mask = np.asarray(mask)
    if mask.ndim != 2 or mask.dtype.kind not in "uib":
        raise InputError(f"A mask must be an integer label map (H, W), not {mask.dtype} {mask.shape}.")
    if mask.shape != size:
        raise InputError(
            f"The mask is {mask.shape[1]}x{mask.shape[0]}, but the frame is {size[1]}x{size[0]}; they must agree."
        )
    if not mask.any():
        raise InputError("The mask has no object: every pixel is 0.")
    if mask.min() < 0 or mask.max() > 255:
        raise InputError(f"The mask has ids from {mask.min()} to {mask.max()}; they must lie in 0..255.")
    return mask.astype(np.uint8)


def checked_start(mask: NDArray[np.generic], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Where a label map, as ``checked_mask`` takes it, has an object; one without any will do, too."""
    mask = np.asarray(mask)
    if mask.dtype.kind in "uib" and mask.shape == size and not mask.any():
        return np.zeros(size, bool)
    return checked_mask(mask, size) > 0  # type: ignore[arg-type]
