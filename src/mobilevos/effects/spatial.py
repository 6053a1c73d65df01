"""Filling a hole from what surrounds it in the same image."""

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]

LEAST = np.float32(1e-6)


def fill(image: Float, known: Float) -> Float:
    """Replace what is unknown of an image by smooth colours that agree with its surroundings (push-pull).

    Averages of what is known are pushed up a pyramid until nothing is unknown, and pulled down again into the gaps:
    linear in the number of pixels, whatever the size of the hole.

    Args:
        image: (H, W, C) float32; its values where ``known`` is 0 do not count.
        known: (H, W) float32 in 0..1.

    Returns:
        (H, W, C) float32; all zeros if nothing is known.
    """
    weighted = np.concatenate([image * known[..., None], known[..., None]], 2)
    full = _pull(weighted)
    return np.divide(full[..., :-1], np.maximum(full[..., -1:], LEAST), dtype=np.float32)


def _pull(weighted: Float) -> Float:
    """(H, W, C + 1) colours times weights, and weights -> the same with gaps filled."""
    height, width = weighted.shape[:2]
    if max(height, width) == 1 or weighted[..., -1].min() >= 1:
        return weighted
    coarse = _halved(np.pad(weighted, ((0, height % 2), (0, width % 2), (0, 0))))
    weight = coarse[..., -1:]
    # A cell of which a quarter is known is known: nearby colours outweigh those from afar.
    coarse *= np.minimum(1, 4 * weight) / np.maximum(weight, LEAST)
    finer = _doubled(_pull(coarse))[:height, :width]
    return weighted + (1 - weighted[..., -1:]) * finer


def _halved(cells: Float) -> Float:
    rows = cells[::2] + cells[1::2]
    quarters: Float = (rows[:, ::2] + rows[:, 1::2]) * np.float32(0.25)
    return quarters


def _doubled(cells: Float) -> Float:
    return _doubled_rows(_doubled_rows(cells).swapaxes(0, 1)).swapaxes(0, 1)


def _doubled_rows(cells: Float) -> Float:
    """Twice as many rows, linear between the centres of the given ones."""
    padded = np.concatenate([cells[:1], cells, cells[-1:]]) * np.float32(0.25)
    near = 3 * padded[1:-1]
    doubled = np.empty((2 * len(cells), *cells.shape[1:]), np.float32)
    doubled[::2] = near + padded[:-2]
    doubled[1::2] = near + padded[2:]
    return doubled
