"""Masks as polygons along the edges of their pixels, and back."""

from collections.abc import Iterable

import numpy as np


def outlines(mask: np.ndarray) -> list[np.ndarray]:
    """Rings around the parts of a mask and around its holes.

    Args:
        mask: (H, W) boolean; pixel (row y, column x) is the square from (x, y) to (x + 1, y + 1).

    Returns:
        (N, 2) integers x, y of the corners of each ring, not closed by a repeated one; clockwise on the screen around
        parts (`area` > 0), the other way around holes. Pixels that touch in a corner alone are apart.
    """
    padded = np.pad(np.asarray(mask, bool), 1)
    left_above, right_above = padded[:-1, :-1], padded[:-1, 1:]
    left_below, right_below = padded[1:, :-1], padded[1:, 1:]
    double = (left_above == right_below) & (right_above == left_below) & (left_above != right_above)
    corner = left_above ^ right_above ^ left_below ^ right_below
    ys, xs = np.nonzero(corner | double)
    copies = 1 + double[ys, xs]
    second = np.arange(copies.sum()) > np.repeat(np.cumsum(copies) - copies, copies)
    ys, xs = np.repeat(ys, copies), np.repeat(xs, copies)
    # Corners of a row are the ends of its edges in turn, and so are those of a column. Where two rings share a corner,
    # the first copy ends the edge on the left; it goes on upwards or downwards, so that each stays at its own pixel.
    down = second ^ (double[ys, xs] & right_above[ys, xs])
    by_column = np.lexsort((down, ys, xs))
    across = np.empty(len(xs), np.intp)
    across[by_column[0::2]], across[by_column[1::2]] = by_column[1::2], by_column[0::2]
    partner = across.tolist()
    starts = np.arange(0, len(xs), 2)
    starts += ~right_below[ys[starts], xs[starts]]  # with the object on the right
    points = np.stack([xs, ys], 1)
    rings, seen = [], bytearray(len(xs))
    for start in starts.tolist():
        ring, node = [], start
        while not seen[node]:
            seen[node] = seen[node ^ 1] = 1
            ring += [node, node ^ 1]
            node = partner[node ^ 1]
        if ring:
            rings.append(points[ring])
    return rings


def area(ring: np.ndarray) -> float:
    """Area within an (N, 2) ring; negative if it turns as those around holes."""
    x, y = ring[:, 0], ring[:, 1]
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def border_pixels(ring: np.ndarray) -> np.ndarray:
    """The pixels within along one of the `outlines`: (N, 2) integers x, y, corner by corner.

    For readers that draw a polygon with all pixels that its corners and sides touch.
    """
    moved = ring.copy()
    leftwards = ring[1::2, 0] < ring[0::2, 0]  # edges along a row and along a column take turns; the object is on the
    downwards = np.roll(ring, -1, axis=0)[1::2, 1] > ring[1::2, 1]  # right of each
    moved[:, 1] -= np.repeat(leftwards, 2)
    moved[:, 0] -= np.roll(np.repeat(downwards, 2), 1)
    return moved


def fill(rings: Iterable[np.ndarray], size: tuple[int, int]) -> np.ndarray:
    """The (H, W) boolean mask of the pixels whose centres an odd number of (N, 2) rings goes around."""
    height, width = size
    flips = np.zeros((height, width + 1), np.uint8)
    for ring in rings:
        x, rows = _crossings(np.asarray(ring, np.float64).reshape(-1, 2), height)
        np.bitwise_xor.at(flips, (rows, np.clip(np.ceil(x - 0.5), 0, width).astype(np.intp)), 1)
    return np.bitwise_xor.accumulate(flips, axis=1)[:, :-1].astype(bool)


def _crossings(ring: np.ndarray, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Where a ring crosses the middle of rows: x, and the row."""
    (x0, y0), (x1, y1) = ring.T, np.roll(ring, -1, axis=0).T
    first = np.clip(np.ceil(np.minimum(y0, y1) - 0.5), 0, height).astype(np.intp)
    stop = np.clip(np.ceil(np.maximum(y0, y1) - 0.5), 0, height).astype(np.intp)
    count = stop - first
    edge = np.repeat(np.arange(len(ring)), count)
    row = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    share = (row + 0.5 - y0[edge]) / (y1 - y0)[edge]
    return x0[edge] + share * (x1 - x0)[edge], row
