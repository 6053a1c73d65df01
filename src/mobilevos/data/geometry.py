"""Motion and warping: smooth random paths, affine poses, and free-form bends of a layer.

Points are (x, y) in pixels; a pose is a (3, 3) matrix that maps a source point to a point of the frame.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mobilevos.data.types import Floats

Matrices = NDArray[np.float64]
Box = tuple[int, int, int, int]
"""left, top, right, bottom in pixels; right and bottom are exclusive."""

BEND_NODES = 4
"""Control points a side of a bend (cubic Bernstein basis)."""

_MAX_ZOOM = 0.7  # natural logarithm: half to double the first size


def swing(
    rng: np.random.Generator,
    frames: int,
    start: float,
    speed: float,
    jitter: float,
    shape: tuple[int, ...] = (),
) -> Matrices:
    """A smooth random signal, (frames, *shape): start + a slow oscillation + jitter.

    Over few frames the oscillation is a steady drift; over many it turns and comes back, so that objects
    leave the frame and return. `start`, `speed` (per frame) and `jitter` are standard deviations.
    """
    omega = 2 * np.pi / rng.uniform(8, 32)
    phase = rng.uniform(0, 2 * np.pi)
    wave = (np.sin(omega * np.arange(frames) + phase) - np.sin(phase)) / omega
    steady = rng.normal(0, start, shape) + np.multiply.outer(wave, rng.normal(0, speed, shape))
    return steady + rng.normal(0, jitter, (frames, *shape))


@dataclass(frozen=True)
class Temper:
    """How freely something moves.

    Attributes:
        tilt: standard deviation of the first angle, radians; the first shear has half of it.
        spin: standard deviation of the turn per frame, radians.
        reach: limit of the distance from the first position along x and y, in sides of the frame.
    """

    tilt: float
    spin: float
    reach: float


@dataclass(frozen=True)
class Path:
    """Where a layer is in each frame: position (T, 2) px, scale (T,), angle (T,) and shear (T,) radians."""

    position: Matrices
    scale: Matrices
    angle: Matrices
    shear: Matrices

    @classmethod
    def random(
        cls,
        rng: np.random.Generator,
        frames: int,
        position: tuple[float, float],
        size: int,
        energy: float,
        temper: Temper,
    ) -> "Path":
        """A path that starts at `position`.

        Args:
            frames: T.
            size: side of the frame, px: the unit of displacements.
            energy: factor on all speeds and on the jitter.
            temper: what kind of thing moves.
        """
        travel = swing(rng, frames, 0, 0.07 * energy, 0.008 * energy, (2,))
        zoom = swing(rng, frames, 0, 0.07 * energy, 0.01 * energy)
        return cls(
            position=np.array(position) + size * _limited(travel - travel[0], temper.reach),
            scale=np.exp(_limited(zoom, _MAX_ZOOM)),
            angle=swing(rng, frames, temper.tilt, temper.spin * energy, 0.15 * temper.spin * energy),
            shear=swing(rng, frames, temper.tilt / 2, 0.05 * energy, 0.01 * energy),
        )

    def poses(self, anchor: tuple[float, float]) -> Matrices:
        """(T, 3, 3) matrices that put the source point `anchor` at `position`."""
        return np.stack(
            [
                pose(anchor, point, scale, angle, shear)
                for point, scale, angle, shear in zip(self.position, self.scale, self.angle, self.shear, strict=True)
            ]
        )


def pose(anchor: tuple[float, float], position: Matrices, scale: float, angle: float = 0, shear: float = 0) -> Matrices:
    """(3, 3) matrix that shears, turns and scales about `anchor` and moves it to `position`."""
    cos, sin = np.cos(angle), np.sin(angle)
    matrix = np.eye(3)
    matrix[:2, :2] = scale * np.array([[cos, -sin], [sin, cos]]) @ np.array([[1, np.tan(shear)], [0, 1]])
    matrix[:2, 2] = position - matrix[:2, :2] @ anchor
    return matrix


def random_bends(rng: np.random.Generator, frames: int, extent: float, strength: float) -> Matrices:
    """(T, BEND_NODES, BEND_NODES, 2) px: a bend that changes smoothly; `extent` is the size of what bends."""
    amount = strength * extent * rng.choice([0, 0.5, 1, 1.5])
    return amount * swing(rng, frames, 0.05, 0.025, 0.004, (BEND_NODES, BEND_NODES, 2))


def crossing(rng: np.random.Generator, place: Matrices, sides: float) -> Matrices:
    """(T, 2) positions that pass over the positions `place`, (T, 2), in a random direction.

    `sides` is the sum of the sizes, px, of what passes and what is passed.
    """
    reach = sides / 2 * rng.uniform(0.7, 1.4)
    angle = rng.uniform(0, 2 * np.pi)
    return place + np.linspace(-reach, reach, len(place))[:, None] * [np.cos(angle), np.sin(angle)]


def _limited(values: Matrices, limit: float) -> Matrices:
    """`values`, bent smoothly so that they stay within +-limit."""
    return limit * np.tanh(values / limit)


def mirror(size: int) -> Matrices:
    """(3, 3) matrix that swaps left and right in a frame of side `size`."""
    return np.array([[-1.0, 0, size - 1], [0, 1, 0], [0, 0, 1]])


def bounds(matrix: Matrices, width: int, height: int) -> tuple[Matrices, Matrices]:
    """Smallest and largest (x, y) that a posed source of `width` x `height` reaches."""
    corners = np.array([[0, width, 0, width], [0, 0, height, height], [1, 1, 1, 1]])
    points = (matrix @ corners)[:2]
    return points.min(axis=1), points.max(axis=1)


def sampling_maps(matrix: Matrices, bend: Matrices, domain: Box, window: Box) -> tuple[Floats, Floats]:
    """Where each pixel of a window of the frame comes from in the source, for `cv2.remap`.

    Args:
        matrix: (3, 3) pose of the source.
        bend: (BEND_NODES, BEND_NODES, 2) displacements of a grid of control points, px of the frame:
            a free-form deformation (Sederberg and Parry, 1986).
        domain: box in the frame over which the control points are spread.
        window: box in the frame to compute.

    Returns:
        map_x, map_y: (bottom - top, right - left) float32.
    """
    # Each map is one product Y @ C @ X.T: besides the Bernstein polynomials the bases hold the coordinate and
    # a constant, so that C carries the affine part as well.
    left, top, right, bottom = window
    x = _basis(left, right, domain[0], domain[2])
    y = _basis(top, bottom, domain[1], domain[3])
    inverse = np.linalg.inv(matrix)
    maps = []
    for row in range(2):
        coefficients = np.zeros((BEND_NODES + 2, BEND_NODES + 2), np.float32)
        coefficients[:BEND_NODES, :BEND_NODES] = bend @ inverse[row, :2]
        coefficients[-1, -2] = inverse[row, 0]
        coefficients[-2, -1] = inverse[row, 1]
        coefficients[-1, -1] = inverse[row, 2]
        maps.append(y @ coefficients @ x.T)
    return maps[0], maps[1]


@lru_cache(maxsize=64)
def _basis(start: int, stop: int, low: int, high: int) -> Floats:
    """(stop - start, BEND_NODES + 2) at the points start..stop: cubic Bernstein polynomials over low..high, the
    point itself, and 1. It is asked for the whole frame again and again."""
    points = np.arange(start, stop)
    u = (points - low) / (high - low)
    v = 1 - u
    columns = np.empty((BEND_NODES + 2, len(points)), np.float32)
    columns[0], columns[1], columns[2], columns[3] = v**3, 3 * u * v**2, 3 * u**2 * v, u**3
    columns[4], columns[5] = points, 1
    return np.ascontiguousarray(columns.T)
