"""A frame that the network cannot bear."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from torch import Tensor

from mobilevos.models import Network


def poisoned(frame: Tensor, spoil: Callable[[Tensor], Tensor]) -> AbstractContextManager[Any]:
    """While this lasts, networks' keys of one (3, S, S) frame are spoilt, as if its pixels led to an overflow."""
    query = Network.query

    def spoilt(self: Network, frames: Tensor) -> dict[str, Tensor]:
        features = query(self, frames)
        hit, key = (frames == frame).flatten(1).all(1), features["key"].clone()
        key[hit] = spoil(key[hit])
        return {**features, "key": key}

    return patch.object(Network, "query", spoilt)


def overflow(key: Tensor) -> Tensor:
    """Infinite keys, whose distances are not numbers."""
    return key * float("inf")
