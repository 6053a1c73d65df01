"""Modes: how much of a frame the network sees, as a choice between speed and quality that a user can understand."""

from mobilevos.errors import InputError

MODES = {"fast": 144, "balanced": 272, "best": 336}
"""Internal size of each mode, chosen by measurement (docs/results.md); the last is the default."""
DEFAULT_MODE = "best"
SMALLEST, LARGEST = 64, 2048
COARSE = 320
"""Views below this size are coarse: regions are closer (`mobilevos.region`), and ghosts are not looked for."""


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
