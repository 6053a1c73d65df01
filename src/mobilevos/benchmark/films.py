"""What the contestants see: the embedded sample, noise, or a file."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mobilevos import sample
from mobilevos.benchmark.grid import SAMPLE, random_frames
from mobilevos.errors import InputError
from mobilevos.video.masks import first_mask, load_mask
from mobilevos.video.reader import open_frames
from mobilevos.video.writer import VideoWriter

FRAME_SIZE = (480, 854)
"""The usual size for comparisons in this field (DAVIS 480p)."""
BLOCK = 16
"""Objects in noise are squares of so many pixels, strewn at random."""
SHARE = 10
"""Each of them covers one in so many of the squares, as long as there are fewer objects."""


class Film(ABC):
    """A video and the objects of its first frame."""

    file: Path | None = None
    """What holds it, for runs that decode; None if it is noise."""

    @abstractmethod
    def frames(self) -> Iterator[NDArray[np.uint8]]:
        """Frames (H, W, 3) RGB from the first; the sample never ends."""

    @abstractmethod
    def mask(self, objects: int) -> NDArray[np.uint8]:
        """(H, W) uint8 label map of the first frame with 1..``objects``.

        Raises:
            InputError: the video has fewer objects.
        """


class Sample(Film):
    """The embedded sample, enlarged; it plays forwards and backwards without end.

    One object is the clownfish; more are slices of it, of equal area in the first frame.
    """

    def __init__(self, size: tuple[int, int], folder: Path | None = None) -> None:
        """Scale to ``size``, (height, width), and write it as H.264 to ``folder``, if there is one."""
        to = size[::-1]
        self._frames = [
            np.asarray(Image.fromarray(frame).resize(to, Image.Resampling.BILINEAR))
            for frame in open_frames(sample.clip_path())
        ]
        mask = (load_mask(sample.mask_path()) == 1).astype(np.uint8)
        self._mask = np.asarray(Image.fromarray(mask).resize(to, Image.Resampling.NEAREST))
        if folder:
            self.file = folder / "sample.mp4"
            with VideoWriter(self.file, Fraction(24), size) as writer:
                for frame in self._frames:
                    writer.write(frame)

    def frames(self) -> Iterator[NDArray[np.uint8]]:
        """See ``Film``."""
        return cycle([*self._frames, *self._frames[-2:0:-1]])

    def mask(self, objects: int) -> NDArray[np.uint8]:
        """See ``Film``."""
        columns = np.cumsum(self._mask.sum(0, dtype=np.int64))
        slices = 1 + (columns - 1) * objects // columns[-1]
        return self._mask * slices.astype(np.uint8)


class Noise(Film):
    """``length`` frames of noise, and objects that are noise too, as in the paper's Table 2."""

    def __init__(self, length: int) -> None:
        self._length = length

    def frames(self) -> Iterator[NDArray[np.uint8]]:
        """See ``Film``."""
        random = np.random.default_rng(0)
        for _ in range(self._length):
            yield random.integers(0, 256, (*FRAME_SIZE, 3), dtype=np.uint8)

    def mask(self, objects: int) -> NDArray[np.uint8]:
        """See ``Film``."""
        height, width = (-(-side // BLOCK) for side in FRAME_SIZE)
        drawn = np.random.default_rng(1).integers(1, max(SHARE, objects + 1) + 1, (height, width))
        blocks = np.where(drawn <= objects, drawn, 0).astype(np.uint8)
        return blocks.repeat(BLOCK, 0).repeat(BLOCK, 1)[: FRAME_SIZE[0], : FRAME_SIZE[1]]


class File(Film):
    """A video of the user's, with the mask of its first frame; objects are the mask's, in the order of their ids."""

    def __init__(self, file: str, mask: Path) -> None:
        self._source = open_frames(file)
        self._labels = first_mask(load_mask(mask), self._source.size, mask.name)
        self.file = Path(file)

    def frames(self) -> Iterator[NDArray[np.uint8]]:
        """See ``Film``."""
        return iter(self._source)

    def mask(self, objects: int) -> NDArray[np.uint8]:
        """See ``Film``."""
        ids = [i for i in np.unique(self._labels) if i]
        if objects > len(ids):
            raise InputError(f"The mask of {self.file} has {len(ids)} objects, not {objects}; give fewer --objects.")
        table = np.zeros(256, np.uint8)
        table[ids[:objects]] = range(1, objects + 1)
        return table[self._labels]


@contextmanager
def opened(video: str, mask: Path | None) -> Iterator[Film]:
    """The video of a contestant; ``mask`` goes with a file.

    Raises:
        InputError: the file or its mask is missing or does not fit.
    """
    length = random_frames(video)
    if length is not None:
        yield Noise(length)
    elif video == SAMPLE:
        with TemporaryDirectory() as folder:
            yield Sample(FRAME_SIZE, Path(folder))
    elif mask is None:
        raise InputError(f"The objects in {video} are not known; give the mask of its first frame with --mask.")
    else:
        yield File(video, mask)
