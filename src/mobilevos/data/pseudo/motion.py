"""What moves against the background, whatever the camera does."""

import cv2
import numpy as np

from mobilevos.data.types import Floats, Image

_WIDTH = 256
_STEP = 8
_STILL, _MOVING = 3, 1.0
"""Grey levels by which what lies over a video changes at most, and flow, px, of a frame whose camera moves."""
UNCHANGED = -1.0
"""Stands for what is the same in all three frames although the camera moves: captions and logos, and what is flat."""


def own_motion(before: Image, frame: Image, after: Image) -> Floats:
    """Speed of a frame's pixels that the camera does not explain.

    The camera's part of the optical flow is the affine motion that most of the frame shares. What moves has it towards
    both neighbours; what is merely uncovered, towards one: the lesser of both counts.

    Args:
        before: (H, W, 3) uint8 RGB, some frames earlier.
        frame: (H, W, 3) of the same size.
        after: (H, W, 3), as many frames later.

    Returns:
        (H, W) float32, in hundredths of the frame's diagonal, or `UNCHANGED`.
    """
    height, width = frame.shape[:2]
    size = _WIDTH, round(_WIDTH * height / width)
    grey = [
        cv2.cvtColor(cv2.resize(f, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
        for f in (before, frame, after)
    ]
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    none = np.zeros((*size[::-1], 2), np.float32)
    flows = [flow.calc(grey[1], other, none.copy()) for other in (grey[0], grey[2])]
    speed = np.minimum(*map(_unexplained, flows)) * np.float32(100 / np.hypot(*size))
    if np.median(np.linalg.norm(flows[0], axis=-1)) > _MOVING:
        change = np.maximum(cv2.absdiff(grey[0], grey[1]), cv2.absdiff(grey[2], grey[1]))
        speed[change <= _STILL] = UNCHANGED
    return cv2.resize(speed, (width, height))


def _unexplained(flow: Floats) -> Floats:
    """Length (h, w), px, of what an affine motion leaves of a flow (h, w, 2)."""
    here = np.stack(np.meshgrid(*map(np.arange, flow.shape[1::-1])), -1).astype(np.float32)
    some = np.s_[_STEP // 2 :: _STEP, _STEP // 2 :: _STEP]
    there = here + flow
    affine, _ = cv2.estimateAffine2D(here[some].reshape(-1, 2), there[some].reshape(-1, 2), ransacReprojThreshold=0.75)
    if affine is None:
        return np.zeros(flow.shape[:2], np.float32)
    return np.linalg.norm(there - cv2.transform(here, affine), axis=-1).astype(np.float32)
