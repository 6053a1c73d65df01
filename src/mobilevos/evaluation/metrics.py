"""Region similarity J and contour accuracy F of two binary masks, equal to the official DAVIS evaluation.

Perazzi et al., "A Benchmark Dataset and Evaluation Methodology for Video Object Segmentation", CVPR 2016;
details (boundary map, disk, special cases) as in the published davis2016 and davis2017 evaluation code.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError

Mask = NDArray[np.bool_]


def jaccard(pred: ArrayLike, truth: ArrayLike) -> float:
    """Region similarity J: intersection over union, in 0..1; 1 if both masks are empty.

    >>> round(100 * float(jaccard([[True, True, False]], [[False, True, True]])), 1)
    33.3

    Args:
        pred: (H, W) boolean mask.
        truth: (H, W) boolean mask of the same size.

    Raises:
        InputError: the masks are not two-dimensional or differ in size.
    """
    pred, truth = _masks(pred, truth)
    union = np.count_nonzero(pred | truth)
    return np.count_nonzero(pred & truth) / union if union else 1.0


def boundary_f(pred: ArrayLike, truth: ArrayLike, bound_ratio: float = 0.008) -> float:
    """Contour accuracy F: harmonic mean of boundary precision and recall, in 0..1.

    A boundary pixel matches if the other mask has a boundary pixel within a disk of radius
    ceil(``bound_ratio`` * image diagonal). Two masks without boundary score 1; one without scores 0.

    >>> truth = np.zeros((100, 100), bool)
    >>> truth[20:60, 20:60] = True
    >>> bool(boundary_f(np.roll(truth, 1, axis=1), truth) == 1)
    True
    >>> bool(boundary_f(np.roll(truth, 30, axis=1), truth) < 0.5)
    True

    Args:
        pred: (H, W) boolean mask.
        truth: (H, W) boolean mask of the same size.
        bound_ratio: tolerance as a fraction of the image diagonal.

    Raises:
        InputError: the masks are not two-dimensional or differ in size.
    """
    pred, truth = _masks(pred, truth)
    either = pred | truth
    if not either.any():
        return 1.0
    radius = math.ceil(bound_ratio * float(np.linalg.norm(truth.shape)))
    window = _window(either)
    pred_boundary, truth_boundary = _boundary(pred[window]), _boundary(truth[window])
    pred_count, truth_count = np.count_nonzero(pred_boundary), np.count_nonzero(truth_boundary)
    if not pred_count or not truth_count:
        return float(pred_count == truth_count)
    precision = np.count_nonzero(pred_boundary & dilate(truth_boundary, radius)) / pred_count
    recall = np.count_nonzero(truth_boundary & dilate(pred_boundary, radius)) / truth_count
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _masks(pred: ArrayLike, truth: ArrayLike) -> tuple[Mask, Mask]:
    pred, truth = np.asarray(pred, dtype=bool), np.asarray(truth, dtype=bool)
    if pred.ndim != 2 or pred.shape != truth.shape:
        raise InputError(f"Two (H, W) masks of the same size are needed, not {pred.shape} and {truth.shape}.")
    return pred, truth


def _window(mask: Mask) -> tuple[slice, slice]:
    """Bounding box of a mask that is not empty, one pixel wider on each side where the image allows.

    The margin keeps an inner mask's boundary apart from the image border, where the boundary map differs.
    """
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(max(rows[0] - 1, 0), rows[-1] + 2), slice(max(cols[0] - 1, 0), cols[-1] + 2)


def _boundary(mask: Mask) -> Mask:
    """One-pixel boundary map, half a pixel towards the origin: differs from the east, south or south-east.

    Beyond the last row and column lies a copy of them, so that the image border itself is no boundary.
    """
    padded = np.pad(mask, ((0, 1), (0, 1)), mode="edge")
    east, south, south_east = padded[:-1, 1:], padded[1:, :-1], padded[1:, 1:]
    return (mask ^ east) | (mask ^ south) | (mask ^ south_east)


def dilate(mask: Mask, radius: int) -> Mask:
    """Exact dilation of an (H, W) boolean mask by the disk x*x + y*y <= radius*radius, in pixels.

    The disk is a stack of centred row runs which widen towards its centre: ``run`` grows with them, one pixel
    on each side at a time, and is merged into the rows it reaches. 4 * radius passes, any content.
    """
    height = len(mask)
    run, out = mask.copy(), np.zeros_like(mask)
    reach = 0
    for dy in range(radius, -1, -1):
        for dx in range(reach + 1, math.isqrt(radius * radius - dy * dy) + 1):
            run[:, dx:] |= mask[:, :-dx]
            run[:, :-dx] |= mask[:, dx:]
            reach = dx
        if dy < height:
            out[dy:] |= run[: height - dy]
            out[: height - dy] |= run[dy:]
    return out
