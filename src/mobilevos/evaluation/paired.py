"""Paired comparison over clips: weighted means, and how far chance alone moves them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES, SEED = 2000, 0
SURE = 2
"""A difference below so many standard errors is no difference."""
FEW, LITTLE = 15, 0.25
"""Clips of fewer annotated frames than ``FEW``, which lie far apart in time, count ``LITTLE``; others 1."""


def weight(annotated: int) -> float:
    """How much a clip of so many annotated frames counts."""
    return LITTLE if annotated < FEW else 1.0


def weighted_mean(values: Sequence[float], weights: Sequence[float]) -> float:
    """Mean of values with weights; both have the same length, at least 1."""
    return float(np.average(values, weights=weights))


@dataclass(frozen=True)
class Difference:
    """How much better one candidate is than another.

    Attributes:
        mean: weighted mean of the differences clip by clip.
        error: its standard error; None where a single clip leaves nothing to estimate it from.
    """

    mean: float
    error: float | None

    @classmethod
    def of(cls, values: Sequence[float], weights: Sequence[float]) -> "Difference":
        """From the differences of clips, and the clips' weights.

        The standard error is bootstrapped: as many clips as there are, drawn with replacement, each with its weight, as
        a weighted mean; the standard deviation of 2,000 such means. The same clips give the same error each time.
        """
        mean = weighted_mean(values, weights)
        if len(values) < 2:
            return cls(mean, None)
        drawn = np.random.default_rng(SEED).integers(len(values), size=(RESAMPLES, len(values)))
        taken = np.asarray(weights)[drawn]
        means = (np.asarray(values)[drawn] * taken).sum(axis=1) / taken.sum(axis=1)
        return cls(mean, float(means.std(ddof=1)))

    @property
    def verdict(self) -> str:
        """ "better", "worse" or "no difference"; a single clip is never enough for one."""
        if self.error is None or self.mean == 0 or abs(self.mean) < SURE * self.error:
            return "no difference"
        return "better" if self.mean > 0 else "worse"
