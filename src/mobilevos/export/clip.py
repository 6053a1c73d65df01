"""A clip that exports are compared on, or calibrated with."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobilevos import sample
from mobilevos.engine.region import Mask
from mobilevos.errors import InputError
from mobilevos.video.masks import first_mask, load_mask
from mobilevos.video.reader import open_frames
from mobilevos.video.source import FrameSource


@dataclass(frozen=True)
class Clip:
    """The first frames of a video, and the objects of the first one.

    Attributes:
        source: of the frames.
        labels: (H, W) uint8 label map of the first frame.
        most: number of frames at most.
        every: take one of so many frames.
    """

    source: FrameSource
    labels: NDArray[np.uint8]
    most: int
    every: int = 1

    @classmethod
    def load(cls, video: str | Path | None, mask: Path | None, most: int, every: int = 1) -> "Clip":
        """A video and its mask; the sample inside the package if they are None.

        Raises:
            InputError: either cannot be used, or one is given without the other.
        """
        if (video is None) != (mask is None):
            raise InputError(
                "--clip and --mask belong together; give the video and an image of its first frame's objects."
            )
        source, path = open_frames(video or sample.clip_path()), mask or sample.mask_path()
        labels = first_mask(load_mask(path), source.size, path.name)
        return cls(source, labels, most, every)

    def frames(self) -> Iterator[NDArray[np.uint8]]:
        """(H, W, 3) uint8 RGB each."""
        return islice(self.source, 0, self.most * self.every, self.every)

    def ids(self, objects: int) -> list[int]:
        """Of the first ``objects`` objects, or of all if there are fewer."""
        return [int(i) for i in np.unique(self.labels) if i][:objects]

    def masks(self, objects: int) -> Mask:
        """(objects, H, W) float32; what the clip lacks is empty."""
        masks = np.zeros((objects, *self.labels.shape), np.float32)
        for row, i in enumerate(self.ids(objects)):
            masks[row] = self.labels == i
        return masks
