"""What moves by itself between two frames, whatever the camera does."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mobilevos.engine.checks import Frame

Plane = NDArray[np.float32]

_LONG = 192  # longer side of the pictures that are compared
_BLOCK, _STEP = 12, 6  # side and distance of the blocks
_REACH = 9  # the largest motion that is found beside the camera's, px of those pictures
_ROUNDS = 8
_SPEED = 0.002  # of the longer side that counts as motion, beside what the camera leaves unexplained


def own_motion(before: Frame, after: Frame) -> Plane:
    """How far each part of a frame moves against the rest, by block matching and an affine camera.

    Args:
        before: (H, W, 3) uint8 RGB.
        after: of the same size, some tenth of a second later.

    Returns:
        (rows, columns), evenly over the frame: 1 and more is motion, the less certain the camera's own is, the less;
        0 where there is no texture to tell.
    """
    first, second = _small(before), _small(after)
    moves, trust = _matched(first, second, _shift(first, second))
    rows, columns = trust.shape
    y, x = np.mgrid[:rows, :columns].reshape(2, -1).astype(np.float32)
    basis = np.stack([np.ones_like(x), x, y], 1)
    flat, weight = moves.reshape(-1, 2), trust.ravel()
    own = flat - np.median(flat, 0)
    for _ in range(_ROUNDS):  # what moves by itself is to have no say about the camera
        kept = (weight / (1 + np.square(own).sum(1)))[:, None]
        own = flat - basis @ np.linalg.lstsq(basis * kept, flat * kept, rcond=None)[0]
    far = np.hypot(*own.T) * weight / max(first.shape)
    return (far / (np.median(far) + _SPEED)).reshape(rows, columns).astype(np.float32)


def _small(frame: Frame) -> Plane:
    height, width = frame.shape[:2]
    scale = _LONG / max(height, width)
    size = max(round(width * scale), _STEP), max(round(height * scale), _STEP)
    return np.asarray(Image.fromarray(frame).convert("L").resize(size, Image.Resampling.BOX), np.float32)


def _shift(first: Plane, second: Plane) -> tuple[int, int]:
    """The motion (down, right), px, of most of the picture, by phase correlation; none if it is beyond belief."""
    window = np.outer(*(np.hanning(side + 2)[1:-1] for side in first.shape))
    one, other = (np.fft.rfft2((picture - picture.mean()) * window) for picture in (first, second))
    cross = np.conj(one) * other
    peak = np.fft.irfft2(cross / (np.abs(cross) + 1e-6 * np.abs(cross).max() + 1e-12), first.shape).argmax()
    down, right = (
        (int(at) + side // 2) % side - side // 2
        for at, side in zip(np.unravel_index(peak, first.shape), first.shape, strict=True)
    )
    height, width = first.shape
    return (down, right) if abs(down) <= height // 3 and abs(right) <= width // 3 else (0, 0)


def _matched(first: Plane, second: Plane, shift: tuple[int, int]) -> tuple[Plane, Plane]:
    """Motion (rows, columns, 2) of each block, and how much it is to be trusted (rows, columns), 0..1."""
    rim = (_BLOCK - _STEP) // 2
    first = np.pad(first, rim, mode="edge")
    reach = _REACH + max(map(abs, shift))
    padded = np.pad(second, rim + reach, mode="edge")
    height, width = first.shape
    span = range(-_REACH, _REACH + 1)
    steps = [(dy, dx) for dy in span for dx in span]
    costs = []
    for dy, dx in steps:
        top, left = reach + shift[0] + dy, reach + shift[1] + dx
        costs.append(_means(np.abs(first - padded[top : top + height, left : left + width])))
    cost = np.stack(costs)
    near = 0.02 * np.hypot(*np.array(steps, np.float32).T)[:, None, None]  # of equals, the nearest
    best = (cost + near).argmin(0)
    moves = np.asarray(steps, np.float32)[best] + _between(cost.reshape(len(span), len(span), *best.shape), best)
    return moves + np.array(shift, np.float32), np.minimum((cost.mean(0) - cost.min(0)) / 12, 1)


def _between(cost: Plane, best: NDArray[np.intp]) -> Plane:
    """What the best whole step (rows, columns) of costs (steps, steps, rows, columns) is off, by a parabola."""
    steps = len(cost)
    rows, columns = np.indices(best.shape)
    at = np.stack(np.divmod(best, steps))
    off = []
    for axis in np.eye(2, dtype=int)[:, :, None, None]:
        before, here, after = (cost[(*np.clip(at + k * axis, 0, steps - 1), rows, columns)] for k in (-1, 0, 1))
        bend = before + after - 2 * here
        off.append(np.clip((before - after) / np.maximum(2 * bend, 1e-3), -0.5, 0.5))
    return np.stack(off, -1)


def _means(picture: Plane) -> Plane:
    """Of each block."""
    sums = np.pad(picture.astype(np.float64).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    blocks = sums[_BLOCK:, _BLOCK:] - sums[:-_BLOCK, _BLOCK:] - sums[_BLOCK:, :-_BLOCK] + sums[:-_BLOCK, :-_BLOCK]
    return (blocks[::_STEP, ::_STEP] / _BLOCK**2).astype(np.float32)
