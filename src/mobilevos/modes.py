"""Modes: how much of a frame the network sees, as a choice between speed and quality that a user can understand."""

from mobilevos.errors import InputError

MODES = {"fast": 144, "balanced": 240, "best": 336}
"""Internal size of each mode, chosen by measurement (docs/results.md); the last is the default."""
DEFAULT_MODE = "best"
SMALLEST, LARGEST = 64, 2048
COARSE = 320
"""Views below this size are coarse: memory and region (`mobilevos.region.MARGIN`) make do with less."""


def size_of(mode: str | int) -> int:
    """Internal size, px, of a mode's name; a number is taken as the size itself.

    Raises:
        InputError: no such mode, or a size that makes no sense.
    """
    if isinstance(mode, str):
        if mode not in MODES:
            raise InputError(f"There is no mode {mode!r}; choose one of {', '.join(MODES)}, or give a size in pixels.")
        return MODES[mode]
    if not SMALLEST <= mode <= LARGEST:
        raise InputError(f"The internal size is {mode}; give one between {SMALLEST} and {LARGEST} pixels.")
    return mode


def refresh_of(size: int) -> int:
    """Every how many frames the memory's previous frame is renewed: each, or in coarse views every third.

    There it is better and cheaper (docs/results.md): masks drift less when fewer mistakes are remembered.
    """
    return 3 if size < COARSE else 1
