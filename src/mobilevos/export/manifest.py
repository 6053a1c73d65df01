"""What an export fixes: the size that a user types, and the manifest that says it, which hosts import from here."""

from math import sqrt

from mobilevos.engine.modes import LARGEST, MODES, SMALLEST, mode_of
from mobilevos.engine.region import STRIDE
from mobilevos.errors import InputError
from mobilevos.runtimes.fixed.manifest import Manifest, Signature, View

__all__ = ["Manifest", "Signature", "View", "parse_size"]


def parse_size(text: str, shape: tuple[int, int]) -> tuple[int, int]:
    """(height, width) of ``HxW``; or of a side or a mode's name: about side x side pixels in the shape of frames.

    Args:
        text: what the user typed.
        shape: (H, W) of the frames.

    Raises:
        InputError: anything else, or sides that are no multiples of 16 between 64 and 2048.
    """
    if text in MODES:
        return _in_shape(mode_of(text).size, shape)
    parts = text.lower().split("x")
    if len(parts) > 2 or not all(part.isdecimal() for part in parts):
        raise InputError(f"The size {text!r} is not understood; give HEIGHTxWIDTH such as 384x672, a side, or a mode.")
    height, width = int(parts[0]), int(parts[-1])
    if any(side % STRIDE or not SMALLEST <= side <= LARGEST for side in (height, width)):
        raise InputError(
            f"The size is {height}x{width}; both sides must be multiples of {STRIDE} from {SMALLEST} to {LARGEST}."
        )
    return (height, width) if len(parts) == 2 else _in_shape(height, shape)


def _in_shape(side: int, shape: tuple[int, int]) -> tuple[int, int]:
    tall = sqrt(shape[0] / shape[1])
    longest = min(LARGEST, side * side // SMALLEST // STRIDE * STRIDE)
    height, width = (min(max(SMALLEST, round(part / STRIDE) * STRIDE), longest) for part in (side * tall, side / tall))
    return height, width
