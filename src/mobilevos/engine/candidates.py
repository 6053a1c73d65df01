"""Candidates for one mask, drawn in views of a frame, and how to choose among them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mobilevos.engine.bounds import Bounds
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

    @property
    def probabilities(self) -> Float:
        """(*region.grid) in 0..1."""
        return (1 / (1 + np.exp(-np.clip(self.logits, -20, 20)))).astype(np.float32)

    @property
    def bounds(self) -> Bounds | None:
        """Bounding box in pixels of the frame; None if it is empty."""
        return self.region.bounds_in_source(self.probabilities)

    def seen_from(self, region: Region) -> Float:
        """Probabilities (*region.grid) in another region."""
        return self.region.transfer(self.probabilities[None], region)[0]

    @property
    def worth(self) -> float:
        """What it thinks of itself, less for what it contradicts, and for being nothing."""
        return self.quality - FAULT * self.faults - float(self.logits.max() <= 0)


def best(found: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Candidates of one view, best first."""
    return tuple(sorted(found, key=lambda candidate: -candidate.worth))


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


def distinct(found: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The first few that differ, as seen in the region of the first."""
    region = found[0].region
    kept: list[Candidate] = []
    shapes: list[Mask] = []
    for candidate in found:
        shape = candidate.seen_from(region) > 0.5
        if any(iou(shape, other) > ALIKE for other in shapes):
            continue
        kept.append(candidate)
        shapes.append(shape)
    return tuple(kept[:CANDIDATES])


def contradicted(region: Region, logits: Float, clicks: Sequence[Click]) -> int:
    """How many clicks a candidate (*region.grid) does not follow, not even in a neighbouring cell."""
    (height, width), (rows, columns) = region.box_size, region.grid
    faults = 0
    for x, y, positive in clicks:
        row = min(max(int((y - region.top) * rows / height), 0), rows - 1)
        column = min(max(int((x - region.left) * columns / width), 0), columns - 1)
        near = logits[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
        faults += not (near.max() > 0 if positive else near.min() < 0)
    return faults
