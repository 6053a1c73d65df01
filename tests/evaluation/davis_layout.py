"""Clips in the DAVIS layout, on disk."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image


def write_clip(root: Path, name: str, masks: np.ndarray, frames: Iterable[np.ndarray] | None = None) -> None:
    """Write label maps (T, H, W) as they are, and their frames: (H, W, 3) uint8 RGB each, black if not given."""
    folders = [root / kind / "480p" / name for kind in ("Annotations", "JPEGImages")]
    for folder in folders:
        folder.mkdir(parents=True)
    black = np.zeros((*masks.shape[1:], 3), np.uint8)
    for index, (mask, frame) in enumerate(zip(masks, frames or [black] * len(masks), strict=True)):
        Image.fromarray(mask).save(folders[0] / f"{index:05d}.png")
        Image.fromarray(frame).save(folders[1] / f"{index:05d}.jpg")
