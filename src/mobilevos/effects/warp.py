"""Plane-to-plane maps (homographies) between frames, and images seen through them.

A map is a (3, 3) float64 matrix from pixel coordinates (x, y, 1) of one frame to those of another. Coordinates are
continuous: (0, 0) is the outer corner of the first pixel and (0.5, 0.5) its centre.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Map = NDArray[np.float64]
Float = NDArray[np.float32]


def warp(source: Image.Image, to_source: Map, size: tuple[int, int]) -> NDArray[np.uint8]:
    """What each pixel of an image of (height, width) shows, looked up in ``source`` (L or RGB), bilinear.

    0 where the map leads out of the source.
    """
    coefficients = tuple((to_source / to_source[2, 2]).ravel()[:8].tolist())
    method, filtering = Image.Transform.PERSPECTIVE, Image.Resampling.BILINEAR
    return np.asarray(source.transform((size[1], size[0]), method, coefficients, filtering))


def sample(image: Float, points: NDArray[np.float64]) -> Float:
    """Values (..., N) of images (..., H, W) at points (N, 2), bilinear; NaN out of them."""
    height, width = image.shape[-2:]
    x, y = points[:, 0] - 0.5, points[:, 1] - 0.5
    outside = ~((x >= 0) & (y >= 0) & (x <= width - 1) & (y <= height - 1))
    x, y = np.where(outside, 0, x), np.where(outside, 0, y)
    left, top = x.astype(np.int64), y.astype(np.int64)
    across, down = (x - left).astype(np.float32), (y - top).astype(np.float32)
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1) * width
    top *= width
    values = image.reshape(*image.shape[:-2], -1)
    upper = values[..., top + left] * (1 - across) + values[..., top + right] * across
    lower = values[..., bottom + left] * (1 - across) + values[..., bottom + right] * across
    seen = upper + down * (lower - upper)
    seen[..., outside] = np.nan
    return seen


def move(between: Map, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points (N, 2) -> where a map takes them, (N, 2)."""
    moved = points @ between[:, :2].T + between[:, 2]
    return moved[:, :2] / moved[:, 2:]


def shift(x: float, y: float) -> Map:
    """The map that adds (x, y)."""
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], np.float64)


def at_scale(between: Map, factor: float) -> Map:
    """A map between frames -> the same map between these frames reduced by a factor."""
    scale = np.array([factor, factor, 1.0])
    return between * scale / scale[:, None]
