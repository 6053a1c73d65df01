"""What every source of frames offers."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

DEFAULT_FPS = Fraction(24)


class FrameSource(ABC):
    """A re-iterable sequence of frames, decoded one at a time; each ``iter()`` starts anew.

    Iterating yields (H, W, 3) uint8 RGB arrays, C-contiguous, all of one size.

    Attributes:
        name: what to call the source: the file's stem or the folder's name.
        fps: exact frames per second (the average, if the rate varies).
        frame_count: number of frames as far as known before decoding; for progress only.
        size: (H, W) in pixels.
    """

    name: str
    fps: Fraction
    frame_count: int | None
    size: tuple[int, int]

    @abstractmethod
    def __iter__(self) -> Iterator[np.ndarray]: ...

    @abstractmethod
    def stem(self, index: int) -> str:
        """File name, without suffix, for what belongs to frame ``index`` (from 0)."""


def width_x_height(size: tuple[int, ...]) -> str:
    """``(H, W, ...)`` as people write it: ``WxH``."""
    return f"{size[1]}x{size[0]}"
