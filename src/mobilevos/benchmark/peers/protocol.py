"""What the benchmark wants of another system."""

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Adapter(Protocol):
    """One system, built from a clone of its authors' code. It has its process, and all of ``sys.path``, to itself."""

    parameters_m: float
    """Parameters that inference uses, in millions."""
    input_size: tuple[int, int] | None
    """(height, width) that the network sees, where that is fixed; None if it sees frames as they are."""

    def __init__(self, path: Path, threads: int | None) -> None:
        """Build the network.

        Args:
            path: the clone.
            threads: CPU threads; None for all cores.
        """

    def first(self, frame: NDArray[np.uint8], mask: NDArray[np.uint8]) -> None:
        """Begin with a frame (H, W, 3) RGB, H and W multiples of 16, and the mask (H, W) of one object, 0 or 1."""

    def step(self, frame: NDArray[np.uint8]) -> NDArray[np.generic]:
        """Labels or probabilities (H, W) of the next frame, (H, W, 3) RGB."""
        ...
