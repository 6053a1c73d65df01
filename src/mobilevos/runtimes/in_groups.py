"""Many objects in groups, so that a network at work needs no more memory for 255 objects than for a group."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from mobilevos.engine.runtime import Features, Float, Runtime
from mobilevos.engine.target_model import nowhere

GROUP = 16
"""Objects in one run; the decoder's activations take some 3 MB for each at 336 x 336 pixels."""

_MOST_SURE = float(np.log(np.expm1(1e-4)))  # of the background: the network's own limit, as log-odds against it
_HALVINGS, _NEWTON_STEPS = 12, 4

Odds = NDArray[np.float64]


class InGroups:
    """Runs a network for a group of objects at a time, and lets all of them compete afterwards.

    A group sees the others together as one more object, so that it knows its rivals. From the probabilities of a group,
    which have competed among themselves, the log-odds of each object on its own are found again. Up to `GROUP` objects
    go straight through.

    Args:
        runtime: of a network that takes any number of objects.
        group: objects in one run.
    """

    def __init__(self, runtime: Runtime, group: int = GROUP) -> None:
        self._runtime, self._group = runtime, group

    def query(self, frame: NDArray[np.uint8]) -> Features:
        """See ``Runtime``."""
        return self._runtime.query(frame)

    def key(self, features: Features) -> Float:
        """See ``Runtime``."""
        return self._runtime.key(features)

    def descriptor(self, features: Features) -> Float | None:
        """See ``Runtime``."""
        return self._runtime.descriptor(features)

    def read(
        self, features: Features, memory_key: Float, memory_value: Float, prior: Float, classifier: Float | None
    ) -> Float:
        """See ``Runtime``."""
        if len(prior) <= self._group:
            return self._runtime.read(features, memory_key, memory_value, prior, classifier)
        nothing = np.zeros_like(memory_value[:1])
        odds = np.empty(prior.shape)
        for rows, seen in self._groups(prior):
            value = np.concatenate([memory_value[rows], nothing])
            own = None if classifier is None else np.concatenate([classifier[rows], nowhere(classifier)])
            odds[rows] = alone(self._runtime.read(features, memory_key, value, seen, own))[:-1]
        return together(odds)

    def memorise(self, features: Features, masks: Float) -> Float:
        """See ``Runtime``."""
        if len(masks) <= self._group:
            return self._runtime.memorise(features, masks)
        return np.concatenate([self._runtime.memorise(features, seen)[:-1] for _, seen in self._groups(masks)])

    def _groups(self, masks: Float) -> Iterator[tuple[slice, Float]]:
        """Rows of each group, and their masks with the sum of all others behind them."""
        total = masks.sum(0, keepdims=True)
        for start in range(0, len(masks), self._group):
            rows = slice(start, start + self._group)
            yield rows, np.concatenate([masks[rows], total - masks[rows].sum(0, keepdims=True)])


def together(logits: Odds) -> Float:
    """Log-odds (K, h, w) of objects on their own -> probabilities, as the network aggregates them (STM, eq. 4)."""
    sure = np.logaddexp(0, logits).sum(0)
    everything = np.concatenate([-np.log(np.expm1(np.maximum(sure, 1e-4)))[None], logits])
    everything -= everything.max(0)  # in place: for 255 objects, each copy takes tens of megabytes
    odds = np.exp(everything, out=everything)
    odds /= odds.sum(0)
    return odds[1:].astype(np.float32)


def alone(probabilities: Float) -> Odds:
    """The inverse of `together`: log-odds (K, h, w) of objects on their own, as far as float32 knows them.

    An object's odds against the background are its own divided by the background's, which follow from all of them:
    per pixel, one equation that falls with its one unknown.
    """
    share = probabilities.astype(np.float64)
    background = np.maximum(1 - share.sum(0), 1e-9)
    against = np.log(np.maximum(share, 1e-30) / background)

    def excess(x: Odds) -> Odds:
        return np.logaddexp(0, -x) - np.logaddexp(0, against + x).sum(0)

    def slope(x: Odds) -> Odds:
        return -1 / (1 + np.exp(x)) - (1 / (1 + np.exp(-(against + x)))).sum(0)

    return against + np.minimum(_root(excess, slope, background), -_MOST_SURE)


def _root(excess: Callable[[Odds], Odds], slope: Callable[[Odds], Odds], like: Odds) -> Odds:
    """Where a falling function is 0, in -60..60, for each element of an array."""
    low, high = np.full_like(like, -60.0), np.full_like(like, 60.0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = excess(middle) > 0
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    x = (low + high) / 2
    for _ in range(_NEWTON_STEPS):
        x = (x - excess(x) / slope(x)).clip(low, high)
    return x
