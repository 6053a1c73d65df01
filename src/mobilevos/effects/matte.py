"""From a soft mask to an alpha matte that follows the edges of the frame."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from mobilevos.effects.warp import Float, sample
from mobilevos.engine.bounds import bounding_box

WORKING_SIDE = 120
"""Local statistics are taken on a grid of about this many rows or columns, whichever are fewer."""
RADIUS = 2
"""Of the windows of these statistics, in cells of the grid."""
NOISE = 25.0
"""Colours that vary less than this (variance of 0..255) in a window say nothing."""
STEEPNESS = 3.0
"""Networks hesitate far from the border, too; their probabilities pass from 0 to 1 within 1 / STEEPNESS around 0.5."""


def matte(frame: NDArray[np.uint8], soft: Float) -> Float:
    """Opacity of the objects in every pixel.

    In every window across an object's border, opacity is a linear function of colour as far as colour explains the
    mask there (a guided filter: He, Sun and Tang, 2010, with statistics at reduced resolution), and the mask itself
    as far as it does not. Only a band along the border, of about a fiftieth of the frame's shorter side, can be
    neither 0 nor 1: nothing bleeds.

    Args:
        frame: (H, W, 3) uint8 RGB.
        soft: (H, W) float32 in 0..1, as `mobilevos.Tracker.soft` gives it.

    Returns:
        (H, W) float32 in 0..1: 1 is opaque.
    """
    factor = max(1, round(min(soft.shape) / WORKING_SIDE))
    alpha = np.zeros_like(soft)
    reach = 4 * factor
    box = tuple(slice(max(side.start - reach, 0), side.stop + reach) for side in bounding_box(soft > 0.5))
    if alpha[box].size:
        alpha[box] = _matte(np.ascontiguousarray(frame[box]), soft[box], factor)
    return alpha


def _matte(frame: NDArray[np.uint8], soft: Float, factor: int) -> Float:
    inside = soft > 0.5
    blurred = np.asarray(Image.fromarray(inside * np.uint8(255)).filter(ImageFilter.BoxBlur(1.25 * factor)))
    alpha = inside.astype(np.float32)
    rows, columns = np.nonzero((blurred > 0) & (blurred < 255))
    if not len(rows):
        return alpha
    nearby = blurred[rows, columns] * np.float32(2 / 255)
    least, most = np.maximum(nearby - 1, 0), np.minimum(nearby, 1)
    # Within the band between 0 and 1, and steep; outside it sure.
    band = alpha[rows, columns] = np.clip(STEEPNESS * (soft[rows, columns] - 0.5) + 0.5, least, most)
    colour = np.asarray(Image.fromarray(frame).reduce(factor), np.float32)
    explanation = _explanation(np.moveaxis(colour, 2, 0), np.asarray(Image.fromarray(alpha).reduce(factor)))
    # Its coefficients change slowly, so that they can be enlarged.
    height, width = explanation.shape[1:]
    cells = np.stack([(columns + 0.5) / factor, (rows + 0.5) / factor], 1)
    *weights, offset, trust = sample(explanation, np.clip(cells, 0.5, (width - 0.5, height - 0.5)))
    answer = offset + sum(weight * frame[rows, columns, i] for i, weight in enumerate(weights))
    alpha[rows, columns] = np.clip(answer + (1 - trust) * band, least, most)
    return alpha


def _explanation(colour: Float, mask: Float) -> Float:
    """How colours (3, h, w) around each pixel explain a mask (h, w).

    Returns:
        (5, h, w): weights of red, green and blue and an offset, whose sum is the mask as far as colour explains it,
        and the share, 0..1, that it does explain.
    """
    pairs = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
    products = [colour[i] * colour[j] for i, j in pairs]
    means = _windowed(np.stack([*colour, mask, *(colour * mask), mask * mask, *products]))
    mean, mean_mask = means[:3], means[3]
    covariance, variance = means[4:7] - mean * mean_mask, means[7] - mean_mask**2
    rr, rg, rb, gg, gb, bb = (
        second - mean[i] * mean[j] + NOISE * (i == j) for second, (i, j) in zip(means[8:], pairs, strict=True)
    )
    adjugate = (gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb, rr * bb - rb * rb, rg * rb - rr * gb)
    a, b, c, d, e, f = np.stack([*adjugate, rr * gg - rg * rg]) / (
        rr * adjugate[0] + rg * adjugate[1] + rb * adjugate[2]
    )
    red, green, blue = covariance
    weights = np.stack([a * red + b * green + c * blue, b * red + d * green + e * blue, c * red + e * green + f * blue])
    trust = np.clip((weights * covariance).sum(0) / np.maximum(variance, 1e-3), 0, 1)
    # A regression has less contrast than the mask, in proportion to what it explains: as a share of the answer that
    # is undone.
    offset = trust * mean_mask - (weights * mean).sum(0)
    return _windowed(np.stack([*weights, offset, trust]))


def _windowed(maps: Float) -> Float:
    """Means (N, h, w) over windows; beyond the border the outermost values go on."""
    side = 2 * RADIUS + 1
    padded = np.pad(maps, ((0, 0), (RADIUS, RADIUS), (RADIUS, RADIUS)), mode="edge")
    height, width = maps.shape[1:]
    rows = np.add.reduce([padded[:, i : i + height] for i in range(side)])
    means: Float = np.add.reduce([rows[:, :, i : i + width] for i in range(side)]) / np.float32(side * side)
    return means
