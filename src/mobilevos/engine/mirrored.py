"""Every frame seen twice, as it is and mirrored: the mean of two opinions, at twice the price."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilevos.engine.runtime import Features, Float, Runtime


class Mirrored:
    """A runtime that also sees each frame from the other side, and means the probabilities of both.

    Each view has its memory: keys and values stand on one another, those of the frame as it is first.

    Args:
        runtime: of any frame size.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def query(self, frame: NDArray[np.uint8]) -> Features:
        """See ``Runtime``."""
        return {"plain": self._runtime.query(frame), "mirrored": self._runtime.query(_mirror(frame, 1))}

    def key(self, features: Features) -> Float:
        """See ``Runtime``; (2 * key_dim, H/16 * W/16)."""
        return np.concatenate([self._runtime.key(view) for view in _views(features)], 0)

    def descriptor(self, features: Features) -> Float | None:
        """See ``Runtime``; of the frame as it is, which will do for both: a target model knows nothing of sides."""
        return self._runtime.descriptor(features["plain"])

    def read(
        self, features: Features, memory_key: Float, memory_value: Float, prior: Float, classifier: Float | None
    ) -> Float:
        """See ``Runtime``."""
        keys, values = np.split(memory_key, 2, 0), map(np.ascontiguousarray, np.split(memory_value, 2, 1))
        plain, mirrored = (
            self._runtime.read(view, key, value, before, classifier)
            for view, key, value, before in zip(_views(features), keys, values, (prior, _mirror(prior, 2)), strict=True)
        )
        return (plain + mirrored[..., ::-1]) * np.float32(0.5)

    def memorise(self, features: Features, masks: Float) -> Float:
        """See ``Runtime``; (K, 2 * value_dim, H/16 * W/16)."""
        both = zip(_views(features), (masks, _mirror(masks, 2)), strict=True)
        return np.concatenate([self._runtime.memorise(view, seen) for view, seen in both], 1)


def _views(features: Features) -> tuple[Features, Features]:
    return features["plain"], features["mirrored"]


def _mirror(array: NDArray[Any], axis: int) -> NDArray[Any]:
    return np.ascontiguousarray(np.flip(array, axis))
