"""Modes: how much of a frame the network sees, as a choice between speed and quality that a user can understand.

The table is ``modes.json``, which the page reads as well: a row for each mode that follows video live, those of the
``unhurried`` ones, which take several times as long, the size from which on views are fine, the smallest and largest
size, and under ``models`` what differs from a mode's row for one model.
"""

import json
from dataclasses import dataclass, replace
from math import isqrt
from pathlib import Path
from typing import Any

from mobilevos.errors import InputError

FILE = Path(__file__).with_name("modes.json")
_TABLE: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Mode:
    """One row; its figures were chosen by measurement (docs/results.md)."""

    size: int
    """The network sees about ``size`` x ``size`` pixels of each frame."""
    enlarged: int
    """Where the frame has fewer pixels, they are enlarged to so many squared only: there is nothing more to see."""
    margin: float
    """Free space on each side of the objects, in units of the square root of their bounding box's area; in coarse views
    less, so that the objects have more of the few pixels."""
    shrink: float
    """From frame to frame, a region's sides become at most this part of what they were: memory has the objects at their
    old scale, and what is hidden by something returns at its other side. Coarse views cannot spare as many pixels."""
    narrow: float
    """As ``shrink``, for some frames after a search has not found an object that kept the region wide: the others would
    be seen small for dozens of frames. All at once it must not be, as memory has them at their old scale."""
    refresh: int
    """Every so many frames the memory's previous frame is renewed: masks drift less when fewer mistakes are kept."""
    search: int
    """While some objects are in sight and others are not, every so many frames the whole frame is searched."""
    ghosts: bool
    """Whether masks are freed of ghosts (`mobilevos.engine.ghosts`) before memory takes them in."""
    mirrored: bool = False
    """Whether each frame is also seen from the other side (`mobilevos.engine.mirrored`)."""
    fixed: tuple[int, int] | None = None
    """(height, width) at which a network of fixed shapes sees every frame."""

    @property
    def sight(self) -> int | tuple[int, int]:
        """How large the network sees a frame, as `mobilevos.engine.region` understands it."""
        return self.fixed or self.size


LIVE = {name: Mode(**row) for name, row in _TABLE["modes"].items()}
"""Those that follow video while it plays, the quickest first; a size is one of these at another scale."""
MODES = LIVE | {name: Mode(**row) for name, row in _TABLE["unhurried"].items()}
DEFAULT_MODE: str = _TABLE["default"]
SMALLEST, LARGEST = _TABLE["sizes"]


def mode_of(mode: str | int, model: str | None = None) -> Mode:
    """The mode of a name; of a size, px, it is the one with the nearest size that is as fine or as coarse.

    Args:
        mode: name or size.
        model: name of the model that is to run, of which a mode may be a special one.

    Raises:
        InputError: no such mode, or a size that makes no sense.
    """
    own: dict[str, dict[str, Any]] = _TABLE["models"].get(model, {})
    modes = {name: replace(row, **own.get(name, {})) for name, row in MODES.items()}
    if isinstance(mode, str):
        if mode not in modes:
            raise InputError(f"There is no mode {mode!r}; choose one of {', '.join(modes)}, or give a size in pixels.")
        return modes[mode]
    if not SMALLEST <= mode <= LARGEST:
        raise InputError(f"The internal size is {mode}; give one between {SMALLEST} and {LARGEST} pixels.")
    live, is_fine = (modes[name] for name in LIVE), mode >= _TABLE["fine"]
    alike = [row for row in live if (row.enlarged >= _TABLE["fine"]) == is_fine]
    row = min(alike, key=lambda row: abs(row.enlarged - mode))
    return replace(row, size=mode, enlarged=min(mode, row.enlarged))


def mode_of_fixed(size: tuple[int, int], model: str | None = None) -> Mode:
    """The mode of a network of fixed shapes, (height, width): as of a size that has as many pixels."""
    return replace(mode_of(isqrt(size[0] * size[1]), model), fixed=size)
