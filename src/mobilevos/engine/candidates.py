"""Candidates for one mask, drawn in views of a frame, and how to choose among them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mobilevos.engine.bounds import Bounds, bounds_of
from mobilevos.engine.prompt_maps import Click
from mobilevos.engine.region import Region
from mobilevos.engine.runtime import Float

Mask = NDArray[np.bool_]

VOTE = 0.5
"""What it is worth that another view shows the same, in units of IoU."""
CANDIDATES = 3
ALIKE = 0.8
"""IoU of candidates that are one and the same."""
FAULT = 0.3
"""What a candidate's estimate of itself is believed to be too high for each click that it contradicts."""


@dataclass(frozen=True)
class Candidate:
    """One mask, as the network drew it."""

    region: Region
    logits: Float
    """(*region.grid)."""
    quality: float
    """Estimated IoU, 0..1."""
    faults: int
    """Clicks that it contradicts."""
    pixels: Mask | None = None
    """(H, W) of the frame, where they are known better than by the logits."""

    @property
    def probabilities(self) -> Float:
        """(*region.grid) in 0..1."""
        return probabilities(self.logits)

    @property
    def bounds(self) -> Bounds | None:
        """Bounding box in pixels of the frame; None if it is empty."""
        if self.pixels is not None:
            return bounds_of(self.pixels)
        return self.region.bounds_in_source(self.probabilities)

    def seen_from(self, region: Region) -> Float:
        """Probabilities (*region.grid) in another region."""
        if self.pixels is not None:
            return region.view_masks(self.pixels[None].astype(np.float32))[0]
        return self.region.transfer(self.probabilities[None], region)[0]

    def painted(self, size: tuple[int, int]) -> Mask:
        """(H, W) bool in pixels of the frame, which has this size."""
        if self.pixels is not None:
            return self.pixels.copy()
        region, mask = self.region, np.zeros(size, bool)
        mask[region.top : region.bottom, region.left : region.right] = region.paint(self.probabilities[None], [1])
        return mask

    @property
    def worth(self) -> float:
        """What it thinks of itself, less for what it contradicts, and for being nothing."""
        return self.quality - FAULT * self.faults - float(self.logits.max() <= 0)


def probabilities(logits: Float) -> Float:
    """Of log-odds."""
    return (1 / (1 + np.exp(-np.clip(logits, -20, 20)))).astype(np.float32)


def with_mean(found: Sequence[Candidate], clicks: Sequence[Click]) -> tuple[Candidate, ...]:
    """Candidates of one view, best first, after the mean of them all; before it if that contradicts more clicks."""
    first, *others = sorted(found, key=lambda candidate: -candidate.worth)
    logits = np.mean([candidate.logits for candidate in found], 0)
    mean = Candidate(first.region, logits, first.quality, contradicted(first.region, logits, clicks))
    best = (first, mean) if mean.faults > first.faults else (mean, first)
    return (*best, *others)[:CANDIDATES]


def agreed(views: Sequence[Sequence[Candidate]], canvas: Region) -> tuple[Candidate, ...]:
    """Candidates of several views, best first: what they think of themselves, and how far the other views agree."""
    shapes = [[candidate.seen_from(canvas) > 0.5 for candidate in view] for view in views]
    ranked = []
    for own, view in enumerate(views):
        for candidate, shape in zip(view, shapes[own], strict=True):
            votes = sum(
                max(other.quality * iou(shape, its) for other, its in zip(views[n], shapes[n], strict=True))
                for n in range(len(views))
                if n != own
            )
            ranked.append((candidate.worth + VOTE * votes, candidate))
    return tuple(candidate for _, candidate in sorted(ranked, key=lambda each: -each[0]))


def iou(one: Mask, other: Mask) -> float:
    """Intersection over union of masks of one shape; 0 if both are empty."""
    return float((one & other).sum() / max(int((one | other).sum()), 1))


def another(found: Sequence[Candidate], canvas: Region) -> Candidate | None:
    """The next that is something else than the first, as seen in a region; None if all are the same."""
    first, *others = (candidate.seen_from(canvas) > 0.5 for candidate in found)
    return next((own for own, shape in zip(found[1:], others, strict=True) if iou(first, shape) < ALIKE), None)


def sparing(masks: Sequence[Mask], others: NDArray[np.unsignedinteger]) -> int:
    """Number of the first of some masks (H, W) that takes fewest of the other objects of a label map (H, W).

    An object is taken if more than a third of its pixels are: who clicks on a ball before a player does not mean both.
    """
    sizes = np.bincount(others.ravel())

    def taken(number: int) -> int:
        covered = np.bincount(others[masks[number]], minlength=len(sizes))
        return int(np.count_nonzero(3 * covered[1:] > sizes[1:]))

    return min(range(len(masks)), key=taken)


def telling(first: Candidate, others: Sequence[Candidate], canvas: Region) -> tuple[Candidate, ...]:
    """The first, and those of the others that together come closest to whatever may be meant.

    Any of them may be, the likelier the more it is worth; each further one is that which adds most to the IoU that the
    best of those chosen will have with it.

    Args:
        first: the one that is chosen already.
        others: all else that may be meant.
        canvas: a region in which they are compared; what lies beyond it does not count.
    """
    pool = [first, *others]
    flat = np.stack([candidate.seen_from(canvas).ravel() > 0.5 for candidate in pool]).astype(np.float32)
    areas, both = flat.sum(1), flat @ flat.T
    alike = both / np.maximum(areas[:, None] + areas - both, 1)
    likely = np.array([max(candidate.worth, 0.01) for candidate in others])
    kept = [0]
    while len(kept) < CANDIDATES:
        reached = np.maximum(alike[kept].max(0), alike)[:, 1:] @ likely
        kept.append(int(reached.argmax()))
        if kept[-1] in kept[:-1]:
            return tuple(pool[number] for number in kept[:-1])
    return tuple(pool[number] for number in kept)


def contradicted(region: Region, logits: Float, clicks: Sequence[Click]) -> int:
    """How many clicks a candidate (*region.grid) does not follow, not even in a neighbouring cell."""
    faults = 0
    for x, y, positive in clicks:
        row, column = region.cell(x, y)
        near = logits[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
        faults += not (near.max() > 0 if positive else near.min() < 0)
    return faults
