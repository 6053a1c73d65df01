"""What every source of frames offers."""

import re
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Set
from fractions import Fraction

import numpy as np

from mobilevos.errors import InputError
from mobilevos.video.playback import Playback

DEFAULT_FPS = Fraction(24)


class FrameSource(ABC):
    """A re-iterable sequence of frames, decoded one at a time; each ``iter()`` starts anew.

    Iterating yields (H, W, 3) uint8 RGB arrays, C-contiguous, all of one size.

    Attributes:
        name: what to call the source: the file's stem or the folder's name.
        fps: exact frames per second (the average, if the rate varies).
        frame_count: number of frames as far as known before decoding; for progress only.
        size: (H, W) in pixels.
        damaged: of the frames decoded so far, those that are damaged or lost, for which others stand.
        playback: when and how a video file shows the frames; None for images.
        decimals: numbers in the frames' names are fractions, such as times, and do not count frames.
    """

    name: str
    fps: Fraction
    frame_count: int | None
    size: tuple[int, int]
    playback: Playback | None = None
    decimals: bool = False
    damaged: Set[int] = frozenset()

    @property
    def warning(self) -> str | None:
        """One sentence on what a video made of the frames lacks, once that has happened."""
        return None if self.playback is None else self.playback.warning

    def __iter__(self) -> Iterator[np.ndarray]:
        return self.forward()

    @abstractmethod
    def forward(self, start: int = 0) -> Generator[np.ndarray]:
        """Frames ``start`` (from 0), ``start + 1``, ... to the end.

        Raises `InputError`, once iterated, if there is no frame ``start``.
        """

    @abstractmethod
    def backward(self, last: int) -> Generator[np.ndarray]:
        """Frames ``last``, ``last - 1``, ... to 0, in memory that does not depend on their number.

        Raises `InputError`, once iterated, if there is no frame ``last``.
        """

    @abstractmethod
    def index_of(self, stem: str) -> int | None:
        """The frame that a file name without suffix speaks of, or None; it may lie beyond a video's end."""

    @abstractmethod
    def stem(self, index: int) -> str:
        """File name, without suffix, for what belongs to frame ``index`` (from 0)."""

    def file_name(self, index: int) -> str:
        """Name of frame ``index``: that of its file, if it has one, else its stem."""
        return self.stem(index)


def number_in(stem: str) -> int | None:
    """The frame's number in the name of a mask, such as 00012, frame_00012 or 00012_mask; None if it has none."""
    found = re.search(r"\d+$", stem) or re.fullmatch(r"\D*(?P<only>\d+)\D*", stem)
    return None if found is None else int(found.groupdict().get("only") or found[0])


def beyond_end(name: str, index: int, count: int) -> InputError:
    """There is no frame ``index``, counted from 0, in a source of ``count`` frames."""
    return InputError(f"{name} has no frame {index}: its {count} frames are numbered from 0 to {count - 1}.")


def width_x_height(size: tuple[int, ...]) -> str:
    """``(H, W, ...)`` as people write it: ``WxH``."""
    return f"{size[1]}x{size[0]}"
