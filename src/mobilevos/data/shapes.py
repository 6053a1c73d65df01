"""Random silhouettes: smooth blobs, polygons, thin and branched shapes, rings, holes and compounds."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mobilevos.data.types import Labels

_SIDE = 256  # px: shapes are drawn this large, then scaled
_MIDDLE = _SIDE / 2
_SUBPIXEL = 4  # bits

Points = NDArray[np.float64]


def silhouette(rng: np.random.Generator, area: float, limit: float) -> Labels:
    """A random shape as coverage: (h, w) uint8 with 255 inside and smooth edges, cropped to the shape.

    Args:
        rng: decides everything.
        area: wanted size, px.
        limit: longest side, px; a thin shape stays smaller than `area` to keep it.
    """
    canvas = _blank()
    kind = _KINDS[rng.choice(len(_KINDS), p=_KIND_SHARES)]
    kind(rng, canvas)
    if kind in (_blob, _polygon, _compound) and rng.random() < 0.15:
        _pierce(rng, canvas)
    return _scaled(canvas, area, limit)


def limb(rng: np.random.Generator, length: float) -> Labels:
    """A straight limb that grows from its left end, in the form of `silhouette`."""
    canvas = _blank()
    thick, taper = rng.uniform(30, 70), rng.uniform(0.3, 1)
    along = np.linspace(0, 1, 9)
    _stroke(canvas, np.stack([40 + 176 * along, np.full(9, _MIDDLE)], axis=1), thick * (1 - taper * along / 2))
    return _scaled(canvas, np.inf, length)


def lattice(rng: np.random.Generator, length: float) -> Labels:
    """Something thin to look past, `length` px long: a twig, or some parallel bars, in the form of `silhouette`."""
    canvas = _blank()
    if rng.random() < 0.5:
        _branches(rng, canvas, thickness=(2, 9))
    else:
        step, thick = rng.uniform(25, 90), int(rng.integers(2, 12))
        for x in np.arange(rng.uniform(8, step), _SIDE - 8, step):
            _stroke(canvas, np.array([[x, 4], [x + rng.normal(0, 4), _SIDE - 4]]), np.full(2, thick))
    return _scaled(canvas, np.inf, length)


def _blank() -> Labels:
    return np.zeros((_SIDE, _SIDE), np.uint8)


def _scaled(canvas: Labels, area: float, limit: float) -> Labels:
    x, y, width, height = cv2.boundingRect(canvas)
    scale = min((area / cv2.countNonZero(canvas)) ** 0.5, limit / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(canvas[y : y + height, x : x + width], size, interpolation=method)


def _fill(canvas: Labels, points: Points, value: int = 255) -> None:
    fixed = np.rint(points * 2**_SUBPIXEL).astype(np.int32)
    cv2.fillPoly(canvas, [fixed], value, cv2.LINE_AA, _SUBPIXEL)


def _stroke(canvas: Labels, points: Points, widths: NDArray[np.float64]) -> None:
    """A line along (n, 2) points with a width at each, round at its ends."""
    fixed = np.rint(points * 2**_SUBPIXEL).astype(int).tolist()
    for start, end, width in zip(fixed[:-1], fixed[1:], widths[:-1], strict=True):
        cv2.line(canvas, start, end, 255, max(1, round(width)), cv2.LINE_AA, _SUBPIXEL)


def _turned(rng: np.random.Generator, points: Points, slimmest: float) -> Points:
    """Points about 0, made slimmer across a random direction."""
    angle = rng.uniform(0, 2 * np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return points * [1, np.exp(rng.uniform(np.log(slimmest), 0))] @ turn


def _outline(rng: np.random.Generator, radius: float, slimmest: float = 0.3) -> Points:
    """(72, 2) closed curve about 0 whose radius is a sum of a few harmonics (Fourier descriptors)."""
    around = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    order = np.arange(2, 8)
    strength = rng.normal(0, 0.3, 6) / order ** rng.uniform(0.5, 1.5)
    waves = np.cos(np.outer(around, order) + rng.uniform(0, 2 * np.pi, 6)) @ strength
    reach = radius * np.exp(waves) / np.exp(waves).max()
    return _turned(rng, reach[:, None] * np.stack([np.cos(around), np.sin(around)], axis=1), slimmest)


def _blob(rng: np.random.Generator, canvas: Labels) -> None:
    _fill(canvas, _MIDDLE + _outline(rng, 120))


def _polygon(rng: np.random.Generator, canvas: Labels) -> None:
    """Three to eight corners, or a star."""
    corners = int(rng.integers(3, 9))
    star = rng.random() < 0.3
    count = 2 * corners if star else corners
    angles = (np.arange(count) + rng.uniform(-0.3, 0.3, count)) * 2 * np.pi / count
    reach = rng.uniform(70, 120, count)
    if star:
        reach[::2] *= rng.uniform(0.3, 0.6)
    points = reach[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    _fill(canvas, _MIDDLE + _turned(rng, points, 0.35))


def _elongated(rng: np.random.Generator, canvas: Labels) -> None:
    """A slim bent body: a snake, a bottle, a rope."""
    angles = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, rng.choice([0.05, 0.25, 0.5]), 14))
    points = np.cumsum(np.stack([np.cos(angles), np.sin(angles)], axis=1), axis=0)
    low, high = points.min(axis=0), points.max(axis=0)
    points = _MIDDLE + (points - (low + high) / 2) * (180 / (high - low).max())
    profile = np.sin(np.pi * np.linspace(0.12, 0.95, 14)) ** rng.uniform(0, 1)
    _stroke(canvas, points, np.exp(rng.uniform(np.log(8), np.log(50))) * profile)


def _branches(rng: np.random.Generator, canvas: Labels, thickness: tuple[int, int] = (8, 40)) -> None:
    """Arms from the middle: a starfish, a hand, a twig."""
    arms = int(rng.integers(3, 7))
    widths = rng.uniform(*thickness) * np.linspace(1, rng.uniform(0.3, 1), 5)
    for turn in (np.arange(arms) + rng.uniform(-0.3, 0.3, arms)) * 2 * np.pi / arms:
        bent = turn + np.cumsum(rng.normal(0, 0.25, 5))
        steps = rng.uniform(14, 26) * np.stack([np.cos(bent), np.sin(bent)], axis=1)
        _stroke(canvas, _MIDDLE + np.cumsum(steps, axis=0) - steps[0], widths)


def _ring(rng: np.random.Generator, canvas: Labels) -> None:
    outline = _outline(rng, 105, slimmest=0.5)
    _stroke(canvas, _MIDDLE + np.concatenate([outline, outline[:1]]), np.full(73, rng.uniform(10, 40)))


def _compound(rng: np.random.Generator, canvas: Labels) -> None:
    """A body with two to four lobes that reach out of it."""
    _fill(canvas, _MIDDLE + _outline(rng, 70))
    for _ in range(rng.integers(2, 5)):
        angle = rng.uniform(0, 2 * np.pi)
        place = _MIDDLE + rng.uniform(30, 60) * np.array([np.cos(angle), np.sin(angle)])
        _fill(canvas, place + _outline(rng, rng.uniform(25, 60)))


def _pierce(rng: np.random.Generator, canvas: Labels) -> None:
    """Cut one to three holes where the shape is thickest."""
    for _ in range(rng.integers(1, 4)):
        depth = cv2.distanceTransform(canvas, cv2.DIST_L2, 3)
        _, deepest, _, place = cv2.minMaxLoc(depth)
        _fill(canvas, np.array(place) + _outline(rng, deepest * rng.uniform(0.4, 0.75), slimmest=0.6), 0)


_KINDS = (_blob, _polygon, _elongated, _branches, _ring, _compound)
_KIND_SHARES = (0.34, 0.16, 0.16, 0.1, 0.06, 0.18)
