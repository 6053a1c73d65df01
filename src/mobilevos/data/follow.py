"""Clips as the tracker sees them: each frame cropped around the objects, which fill a good part of every view."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from mobilevos.data.types import IGNORE, Clip, Labels

SPACE = 1.5
"""A clip that is to be cropped is drawn this much larger, so that objects keep their detail."""
_MARGIN = (0.2, 0.8)
_SHIFT, _ZOOM = 0.05, 0.06


def follow(rng: np.random.Generator, clip: Clip, size: int) -> Clip:
    """Crop each frame around its objects as `mobilevos.engine.region.around` does, though to squares.

    The tracker places a region where the objects were one frame earlier, by masks of its own: here it is off by a
    random shift and zoom.

    Args:
        rng: decides everything.
        clip: about `SPACE` times as large as the result.
        size: side S of the frames to return, px.
    """
    full = clip.labels.shape[1]
    margin = np.exp(rng.uniform(*np.log(_MARGIN)))
    middle, side = np.array([full / 2, full / 2]), float(full)
    frames = np.empty((len(clip.frames), size, size, 3), np.uint8)
    labels = np.empty((len(clip.frames), size, size), np.uint8)
    for t, (frame, mask) in enumerate(zip(clip.frames, clip.labels, strict=True)):
        box = _box(mask)
        if box is not None:
            extent = box[2:]
            free = 2 * margin * np.sqrt(extent.prod())
            side = float(max(np.sqrt((extent + free).prod()), 1.1 * extent.max()))
            side *= np.exp(rng.normal(0, _ZOOM))
            middle = box[:2] + extent / 2 + rng.normal(0, _SHIFT, 2) * side
        whole = round(min(max(side, size / SPACE), full))
        left, top = np.clip(np.round(middle - whole / 2), 0, full - whole).astype(int)
        window = np.s_[top : top + whole, left : left + whole]
        sampling = cv2.INTER_AREA if whole > size else cv2.INTER_LINEAR
        frames[t] = cv2.resize(frame[window], (size, size), interpolation=sampling)
        labels[t] = cv2.resize(mask[window], (size, size), interpolation=cv2.INTER_NEAREST)
    return replace(clip, frames=frames, labels=labels)


def _box(mask: Labels) -> NDArray[np.float64] | None:
    """(left, top, width, height) px of all objects together; None if there is none."""
    objects = np.logical_and(mask > 0, mask != IGNORE).view(np.uint8)
    box = np.array(cv2.boundingRect(objects), np.float64)
    return box if box[2] else None
