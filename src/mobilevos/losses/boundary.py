"""Boundary-aware sampling of MobileVOS: the representation loss looks only where objects meet."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from mobilevos.errors import InputError
from mobilevos.losses.segmentation import IGNORE


def downsample_labels(labels: Tensor, stride: int) -> Tensor:
    """Label maps at the resolution of features: (..., H, W) -> (..., H / stride, W / stride), nearest pixel.

    Raises:
        InputError: H or W is not a multiple of the stride.
    """
    height, width = labels.shape[-2:]
    if height % stride or width % stride:
        raise InputError(f"Label maps of {height} x {width} pixels cannot be divided by the stride {stride}; pad them.")
    centre = stride // 2
    return labels[..., centre::stride, centre::stride]


def sample_boundary(labels: Tensor, count: int, radius: int, generator: torch.Generator) -> Tensor:
    """Random pixels on and near the boundaries of objects.

    A pixel is near a boundary if another label is at most ``radius`` pixels away (rows and columns counted apart).
    255 is no label: such pixels are neither drawn nor make a boundary.

    Labels take turns, so each side of a boundary, and each object whatever its size, gets the same number of pixels
    as far as it has so many.

    Args:
        labels: (H, W) integers at the resolution of the features; 0 background, 255 unknown.
        count: most pixels to draw, at least 1.
        radius: in pixels of ``labels``, at least 1.
        generator: decides; on any device.

    Returns:
        (M,) int64, M <= count: different indices into the flattened map, on its device. Empty without a boundary.

    Raises:
        InputError: labels are not a map, or count or radius is below 1.
    """
    if labels.ndim != 2:
        raise InputError(f"Labels must be one (H, W) map, not {tuple(labels.shape)}.")
    if count < 1 or radius < 1:
        raise InputError(f"Boundary sampling needs count and radius of at least 1, not {count} and {radius}.")
    valid, ids = labels != IGNORE, labels.float()
    signed = torch.stack([ids, -ids]).masked_fill(~valid, -math.inf)
    largest, minus_smallest = F.max_pool2d(signed, 2 * radius + 1, 1, radius)
    near = valid & (largest + minus_smallest > 0)

    pixels = near.flatten().nonzero()[:, 0]
    order = torch.randperm(len(pixels), generator=generator, device=generator.device)
    pixels = pixels[order.to(pixels.device)]
    own = labels.flatten()[pixels]
    same = own[:, None] == own.unique()
    turn = same.cumsum(0)[same]
    return pixels[turn.argsort(stable=True)[:count]]
