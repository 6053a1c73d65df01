"""Where a tracker's mistakes lie: at the border, on another object, on the background, or in what it missed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from .metrics import Mask, dilate, jaccard
from .scores import ObjectMasks

BORDER = 3
"""Pixels to either side of the true border that count as border."""
LOST = 0.1
"""An object below this J to its end is lost."""


@dataclass(frozen=True)
class Shares:
    """Wrong pixels of an object in percent of the union of its predicted and its true mask: together 100 - J.

    Attributes:
        border: false or missed, within 3 px of the true border.
        other: the rest that is taken from another annotated object or given to it.
        background: the rest that is false, on the background.
        missed: the rest that is missed.
    """

    border: float
    other: float
    background: float
    missed: float


@dataclass
class ClipErrors:
    """Adds up the mistakes in one clip, frame by frame."""

    _shares: list[tuple[float, ...]] = field(default_factory=list)
    _switches: int = 0
    _lost: dict[int, int | None] = field(default_factory=dict)

    def add(self, index: int, masks: ObjectMasks) -> None:
        """Take in frame ``index``: predicted and true (H, W) boolean mask of every object, by id."""
        for label, (pred, truth) in masks.items():
            others = [pair for other, pair in masks.items() if other != label]
            self._shares.append(_shares(pred, truth, others))
            own = jaccard(pred, truth)
            self._switches += bool(pred.any()) and any(jaccard(pred, other) > own for _, other in others)
            if truth.any():
                since = self._lost.get(label)
                self._lost[label] = (index if since is None else since) if own < LOST else None

    @property
    def shares(self) -> Shares:
        """Mean over all objects and frames added so far, at least one."""
        return Shares(*(100 * float(share) for share in np.mean(self._shares, axis=0)))

    @property
    def switches(self) -> float:
        """Id switches in 100 frames of an object: its predicted mask fits another's truth better than its own (J)."""
        return 100 * self._switches / len(self._shares)

    @property
    def lost(self) -> Mapping[int, int]:
        """Objects that were lost for good: id, and the first frame from which on J is below 0.1 wherever the object
        is to be seen."""
        return {label: since for label, since in self._lost.items() if since is not None}


def _shares(pred: Mask, truth: Mask, others: list[tuple[Mask, Mask]]) -> tuple[float, ...]:
    """Border, other, background and missed part of the union, 0..1; nothing where both masks are empty."""
    union = np.count_nonzero(pred | truth)
    if not union:
        return 0.0, 0.0, 0.0, 0.0
    wrong = pred ^ truth
    border = wrong & np.where(truth, dilate(~truth, BORDER), dilate(truth, BORDER))
    rest = wrong & ~border
    confused = np.zeros_like(rest)
    for other_pred, other_truth in others:
        confused |= np.where(truth, other_pred, other_truth)
    parts = border, rest & confused, rest & pred & ~confused, rest & truth & ~confused
    return tuple(np.count_nonzero(part) / union for part in parts)
