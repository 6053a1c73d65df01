"""What an inference runtime offers the tracker: the network's three steps on NumPy arrays."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Features = Mapping[str, Any]
"""Everything later steps need of a frame. Opaque but for ``key``; its arrays belong to the runtime."""
Float = NDArray[np.float32]


class Runtime(Protocol):
    """One network, loaded and ready. H and W are multiples of 16; memory has any number N of pixels.

    A runtime of fixed shapes says so in further attributes; see ``fixed_size`` and ``most_objects``.
    """

    def query(self, frame: NDArray[np.uint8]) -> Features:
        """Encode a frame (H, W, 3) RGB."""
        ...

    def key(self, features: Features) -> Float:
        """The frame's key (key_dim, H/16 * W/16), as memory keeps it."""
        ...

    def read(self, features: Features, memory_key: Float, memory_value: Float, prior: Float) -> Float:
        """Probabilities (K, H/4, W/4) of K objects.

        Args:
            features: of the frame.
            memory_key: (key_dim, N).
            memory_value: (K, value_dim, N).
            prior: (K, H/4, W/4) previous masks in 0..1; zeros where unknown.
        """
        ...

    def memorise(self, features: Features, masks: Float) -> Float:
        """Values (K, value_dim, H/16 * W/16) of soft masks (K, H/4, W/4)."""
        ...


class Prompter(Protocol):
    """A network with a head that makes masks of clicks and boxes, loaded and ready."""

    def query(self, frame: NDArray[np.uint8]) -> Features:
        """As `Runtime.query`."""
        ...

    def prompt(self, features: Features, maps: Float) -> tuple[Float, Float]:
        """Candidates for one object.

        Args:
            features: of the frame.
            maps: (4, H/4, W/4) of the prompts, see `mobilevos.engine.prompt_maps`.

        Returns:
            (C, H/4, W/4) log-odds that the object is there, and (C,) each candidate's estimate of its own IoU, 0..1.
        """
        ...


def fixed_size(runtime: Runtime) -> tuple[int, int] | None:
    """(H, W) of the only frames that a runtime takes, its attribute ``fixed_size``; None if it takes any."""
    size: tuple[int, int] | None = getattr(runtime, "fixed_size", None)
    return size


def most_objects(runtime: Runtime) -> int | None:
    """How many objects a runtime holds, its attribute ``most_objects``; None if it holds any number."""
    most: int | None = getattr(runtime, "most_objects", None)
    return most
