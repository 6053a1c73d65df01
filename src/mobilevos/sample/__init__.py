"""A short clip with true masks that ships with the package: two fish over a reef (see `sample.render`)."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_FOLDER = Path(__file__).parent


def clip_path() -> Path:
    """The clip: H.264 in MP4, 480 x 270, 56 frames at 24 per second."""
    return _FOLDER / "clip.mp4"


def mask_path() -> Path:
    """Label map of the clip's first frame as palette PNG: 1 clownfish, 2 butterflyfish."""
    return _FOLDER / "mask.png"


def tracked() -> NDArray[np.uint8]:
    """Label maps that the shipped network found from the mask, in mode best: what the page's first screen shows."""
    with np.load(_FOLDER / "tracked.npz") as packed:
        labels: NDArray[np.uint8] = packed["labels"]
    return labels


def truth() -> NDArray[np.uint8]:
    """True label maps of all frames, (T, H, W) uint8 with 0 as background and ids as in the mask."""
    with np.load(_FOLDER / "truth.npz") as packed:
        labels: NDArray[np.uint8] = packed["labels"]
    return labels
