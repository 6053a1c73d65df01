"""What every source of training data delivers: a short clip with a label map per frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

# OpenCV's type hints do not know element types: the docstrings state them.
Image = NDArray[Any]
Labels = NDArray[Any]
Floats = NDArray[Any]

IGNORE = 255
"""Label of pixels whose truth is unknown: they belong in no loss and no score."""

MIN_AREA, MAX_AREA = 0.004, 0.7
"""Share of the first frame that an object must cover to be worth tracking."""


@dataclass(frozen=True)
class Clip:
    """A training sample.

    Attributes:
        frames: (T, S, S, 3) uint8, RGB.
        labels: (T, S, S) uint8; 0 background, 1..K objects, 255 (`IGNORE`) unknown.
        objects: the ids 1..K; each covers between `MIN_AREA` and `MAX_AREA` of frame 0.
    """

    frames: Image
    labels: Labels
    objects: tuple[int, ...]


def id_shares(labels: Labels) -> Floats:
    """(256,) share of an (h, w) label map under each id."""
    return cv2.calcHist([labels], [0], None, [256], [0, 256]).ravel() / labels.size


def choose_targets(
    rng: np.random.Generator, frames: Image, labels: Labels, candidates: Sequence[int], max_objects: int
) -> Clip | None:
    """Make a clip of up to `max_objects` random candidates; every other id becomes background.

    Args:
        rng: decides which and how many candidates are kept.
        frames: (T, S, S, 3) uint8.
        labels: (T, S, S) uint8 with any ids; 255 stays 255.
        candidates: ids in `labels` that may be targets.
        max_objects: at least 1.

    Returns:
        The clip with ids compacted to 1..K, or None if no candidate is of a usable size in frame 0.
    """
    shares = id_shares(labels[0])
    usable = [i for i in candidates if MIN_AREA <= shares[i] <= MAX_AREA]
    if not usable:
        return None
    count = rng.integers(1, min(max_objects, len(usable)) + 1)
    kept = rng.permutation(usable)[:count]
    table = np.zeros(256, np.uint8)
    table[IGNORE] = IGNORE
    table[kept] = np.arange(1, count + 1)
    compact = cv2.LUT(labels.reshape(len(labels), -1), table).reshape(labels.shape)
    return Clip(frames, compact, tuple(range(1, int(count) + 1)))
