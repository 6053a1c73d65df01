"""What moves by itself between two frames, whatever the camera does."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mobilevos.engine.checks import Frame

Plane = NDArray[np.float32]

_LONG = 160  # longer side of the pictures that are compared
_BLOCK = 8
_REACH = 7  # the largest motion that is found, px of those pictures
_ROUNDS = 6


def own_motion(before: Frame, after: Frame) -> Plane:
    """How far each block of a frame moves against the rest, by block matching and an affine camera.

    Args:
        before: (H, W, 3) uint8 RGB.
        after: of the same size.

    Returns:
        (rows, columns) in thousandths of the frame's longer side; 0 where there is no texture to tell.
    """
    first, second = _small(before), _small(after)
    rows, columns = (side // _BLOCK for side in first.shape)
    if min(rows, columns) < 3:
        return np.zeros((max(rows, 1), max(columns, 1)), np.float32)
    first, second = (picture[: rows * _BLOCK, : columns * _BLOCK] for picture in (first, second))
    moves, trust = _matched(first, second, rows, columns)
    y, x = np.mgrid[:rows, :columns].reshape(2, -1).astype(np.float32)
    basis = np.stack([np.ones_like(x), x / columns, y / rows], 1)
    flat, weight = moves.reshape(-1, 2), trust.ravel()
    away = np.zeros(len(flat), np.float32)
    for _ in range(_ROUNDS):  # what moves by itself is to have no say about the camera
        kept = (weight / (1 + np.square(away)))[:, None]
        camera = np.linalg.lstsq(basis * kept, flat * kept, rcond=None)[0]
        away = np.hypot(*(flat - basis @ camera).T)
    scale = 1000 / max(first.shape)
    return (away * np.minimum(weight, 1) * scale).reshape(rows, columns).astype(np.float32)


def _small(frame: Frame) -> Plane:
    height, width = frame.shape[:2]
    scale = _LONG / max(height, width)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    return np.asarray(Image.fromarray(frame).convert("L").resize(size, Image.Resampling.BOX), np.float32)


def _matched(first: Plane, second: Plane, rows: int, columns: int) -> tuple[Plane, Plane]:
    """Motion (rows, columns, 2) of each block, and how much it is to be trusted (rows, columns), 0..1 and more."""
    padded = np.pad(second, _REACH, mode="edge")
    height, width = first.shape
    steps = [(dy, dx) for dy in range(-_REACH, _REACH + 1) for dx in range(-_REACH, _REACH + 1)]
    costs = np.empty((len(steps), rows, columns), np.float32)
    for number, (dy, dx) in enumerate(steps):
        shifted = padded[_REACH + dy : _REACH + dy + height, _REACH + dx : _REACH + dx + width]
        difference = np.abs(first - shifted).reshape(rows, _BLOCK, columns, _BLOCK).mean((1, 3))
        costs[number] = difference + 0.02 * np.hypot(dy, dx)  # of equals, the nearest
    best = costs.argmin(0)
    trust = (costs.mean(0) - costs.min(0)) / 12
    return np.asarray(steps, np.float32)[best], trust.astype(np.float32)
