"""What the parts of this package ask of a teacher, and what masks are like."""

from collections.abc import Callable
from typing import Protocol

import cv2
import numpy as np

from mobilevos.data.types import Floats, Image

_SPECK, _PINHOLE = 0.1, 0.01


class View(Protocol):
    """A frame that a teacher has seen: `mobilevos.data.pseudo.sam.View`."""

    size: tuple[int, int]

    def at(self, x: float, y: float) -> tuple[Floats, float]:
        """Log-odds (H, W) of the object at a point, px, and how sure the teacher is, 0..1."""

    def again(self, mask: Image) -> tuple[Floats, float]:
        """As `at`, of the object that a mask (H, W), bool, shows."""


def iou(one: Image, other: Image) -> float:
    """Intersection over union of two masks (H, W), bool; 0 if both are empty."""
    return _area(one & other) / max(1, _area(one | other))


def overlap(one: Image, other: Image) -> float:
    """Share of the smaller of two masks (H, W), bool, that the other covers; 0 if it is empty."""
    return _area(one & other) / max(1, min(_area(one), _area(other)))


def tidy(mask: Image) -> Image:
    """A mask (H, W), bool, as a person would draw it: without parts of less than a tenth of the largest one and without
    holes of less than a hundredth of the whole.
    """
    kept = _large_parts(mask, lambda areas: _SPECK * areas.max(initial=0))
    return ~_large_parts(~kept, lambda _: _PINHOLE * _area(kept))


def _large_parts(mask: Image, least: Callable[[Image], float]) -> Image:
    """The connected parts of a mask whose area is not below what ``least`` makes of all areas."""
    _, parts, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    areas = stats[1:, cv2.CC_STAT_AREA]
    return np.concatenate([[False], areas >= least(areas)])[parts]


def _area(mask: Image) -> int:
    return int(np.count_nonzero(mask))
