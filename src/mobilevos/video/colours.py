"""Soft edges of mask images, and the few flat colours behind them.

A mask has a few flat colours. Drawing programs blend them along the edges (anti-aliasing) and JPEG scatters
them; taken as they are, such blends would become objects of their own. A colour is *dominant* if it fills
areas; a *blend* is a rare colour close to a dominant one or on the line between two of them. What is too thin to fill
an area is an object all the same where it lies on a single dominant colour.
"""

from itertools import combinations

import numpy as np

from mobilevos.errors import InputError
from mobilevos.video.palette import DAVIS_IDS, PALETTE

SAME = 32.0
"""Colours closer than this are one, scattered by compression; palette colours are 63 apart."""
PALETTE_TOLERANCE = 8
_ON_LINE = 24.0  # distance from the line between two colours up to which a colour is their blend
_MIN_SOLID = 4  # centres of uniform 3x3 blocks that a dominant colour has: a 4x4 square
_MIN_FILL = 0.15  # share of a dominant colour's pixels that are such centres
_MAX_COLOURS = 1024
_MIN_BLENDS = 0.25  # share of the pixels in rare colours that blends have in a soft image
_MIN_THIN = 3  # pixels of a thin or tiny object
_MIN_CROSSING = 8  # ... that touches several colours
_FLAT = 0.3  # share of the strong pixels of a thin object that have its very colour, unless they are all blends
_AMONG = 0.1  # share of the pixels of an object wider than two that lie among four others of it
_UNKNOWN = -1
_LIGHT = np.array([0.299, 0.587, 0.114, 0.0])  # of R, G, B and alpha, as JPEG and WebP weigh them
_SEARCH_RADII = (3, 12)  # pixels within which an edge pixel looks for the colours it is blended from


def premultiplied(rgba: np.ndarray) -> np.ndarray:
    """(..., 4) uint8 colours times their alpha, so that transparent is the same as no colour."""
    if rgba[..., 3].min(initial=255) == 255:
        return rgba
    alpha = rgba[..., 3:].astype(np.uint16)
    return np.concatenate([(rgba[..., :3] * alpha + 127) // 255, alpha], axis=-1).astype(np.uint8)


def indexed(colours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(H, W) indices into the (N, 4) colours that occur in an (H, W, 4) uint8 image."""
    packed = np.ascontiguousarray(colours).view("<u4")[..., 0]
    values, inverse = np.unique(packed, return_inverse=True)
    return inverse.reshape(packed.shape), values.astype("<u4").view(np.uint8).reshape(-1, 4)


def is_soft(index: np.ndarray, colours: np.ndarray, *, lossy: bool = False) -> bool:
    """Whether colours that fill no area are, for the most part, blends of what is beside them.

    Args:
        index: (H, W) integers.
        colours: (N, 4) uint8 by index.
        lossy: of a file whose compression scatters colours: any that is not dominant is soft.
    """
    counts = np.bincount(index.ravel(), minlength=len(colours))
    if np.count_nonzero(counts) <= 2:
        return False
    if np.count_nonzero(counts) > _MAX_COLOURS:
        return True
    solid = _solid_counts(index, len(colours))
    if lossy:
        return len(_dominant(colours.astype(np.float64), counts, solid)) < int(np.count_nonzero(counts))
    rare = (counts > 0) & ~_fills_areas(counts, solid)
    # A tiny object in a palette colour is no blend, but that palette's grey is the middle of white on black.
    rare &= (palette_ids(colours) < 0) | (np.ptp(colours[:, :3], axis=1) == 0)
    y, x = np.nonzero(rare[index])
    if not len(y):
        return False
    own = colours[index[y, x]].astype(np.float64)
    padded = np.pad(index, 1, mode="edge")
    around = [colours[padded[y + dy, x + dx]].astype(np.float64) for dy in range(3) for dx in range(3)]
    between = np.zeros(len(y), bool)
    for a, b in combinations(around, 2):
        between |= _is_between(own, a, b)
    return bool(between.mean() > _MIN_BLENDS)


def snapped(index: np.ndarray, colours: np.ndarray, name: str, *, lossy: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """The same with every pixel given to a dominant colour: (H, W) indices into (K, 4) uint8.

    Args:
        index, colours, lossy: as for `is_soft`.
        name: for messages.

    Raises:
        InputError: the image is a picture, not a mask.
    """
    colours = colours.astype(np.float64)
    counts = np.bincount(index.ravel(), minlength=len(colours))
    main = colours[_dominant(colours, counts, _solid_counts(index, len(colours)))]
    labels = _nearest(colours, main)[index]
    if (labels == _UNKNOWN).mean() > 0.5:
        number = np.count_nonzero(counts)
        raise InputError(f"{name} looks like a picture, not a mask: its {number} colours do not gather around a few.")
    believed = labels == _UNKNOWN
    labels, main = _with_thin(labels, index, colours, main, lossy)
    believed &= labels != _UNKNOWN
    solid = np.zeros(labels.shape, bool)
    solid[1:-1, 1:-1] = _uniform_3x3(labels)
    for k in range(len(main)):
        others = np.delete(main, k, axis=0)
        if any(_line_distance(main[k : k + 1], a, b)[0][0] <= _ON_LINE for a, b in combinations(others, 2)):
            # This colour may also be a blend of two others: believe it only where it fills an area.
            labels[(labels == k) & ~_dilate(solid & (labels == k)) & ~believed] = _UNKNOWN
    y, x = np.nonzero(labels == _UNKNOWN)
    resolved = np.full(len(y), _UNKNOWN)
    for radius in _SEARCH_RADII:
        left = np.flatnonzero(resolved == _UNKNOWN)
        around = _labels_around(labels, y[left], x[left], radius, len(main))
        left, around = left[around.any(axis=1)], around[around.any(axis=1)]
        resolved[left] = _unblend(colours[index[y[left], x[left]]], main, around)
    left = np.flatnonzero(resolved == _UNKNOWN)
    resolved[left] = _unblend(colours[index[y[left], x[left]]], main, np.ones((len(left), len(main)), bool))
    labels[y, x] = resolved
    return labels, np.rint(main).astype(np.uint8)


def palette_ids(colours: np.ndarray) -> np.ndarray:
    """(N,) id 1..21 of the DAVIS palette colour that each of (N, 3 or 4) colours is, or -1."""
    gaps = np.abs(colours[:, None, :3].astype(np.int64) - PALETTE[None, 1:DAVIS_IDS]).max(axis=2)
    return np.where(gaps.min(axis=1) <= PALETTE_TOLERANCE, gaps.argmin(axis=1) + 1, -1)


def _solid_counts(index: np.ndarray, count: int) -> np.ndarray:
    """(count,) centres of uniform 3x3 blocks by index."""
    return np.bincount(index[1:-1, 1:-1][_uniform_3x3(index)], minlength=count)


def _uniform_3x3(index: np.ndarray) -> np.ndarray:
    """(H - 2, W - 2) bool: the block centred here has one value."""
    row = (index[:, :-2] == index[:, 1:-1]) & (index[:, 2:] == index[:, 1:-1])
    centre = index[:, 1:-1]
    return row[:-2] & row[1:-1] & row[2:] & (centre[:-2] == centre[1:-1]) & (centre[2:] == centre[1:-1])


def _fills_areas(counts: np.ndarray, solid: np.ndarray) -> np.ndarray:
    return (solid >= _MIN_SOLID) & (solid >= _MIN_FILL * counts)


def _dominant(colours: np.ndarray, counts: np.ndarray, solid: np.ndarray) -> list[int]:
    """Indices of the dominant colours, largest first."""
    candidates = np.flatnonzero(_fills_areas(counts, solid))
    chosen: list[int] = []
    for candidate in candidates[np.argsort(-solid[candidates], kind="stable")]:
        if not chosen or _distance(colours[candidate], colours[chosen]).min() > SAME:
            chosen.append(int(candidate))
    return chosen


def _nearest(colours: np.ndarray, main: np.ndarray) -> np.ndarray:
    """(N,) index of the first of (K, 4) colours that each is the same as, or `_UNKNOWN`."""
    nearest = np.full(len(colours), _UNKNOWN)
    for k in reversed(range(len(main))):
        nearest[_distance(colours, main[k]) <= SAME] = k
    return nearest


def _with_thin(
    labels: np.ndarray, index: np.ndarray, colours: np.ndarray, main: np.ndarray, lossy: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Labels and (K, 4) colours, with objects added that are too thin to fill an area.

    A connected part of the rest that touches one dominant colour alone is no edge between two: its strongest colour is
    an object's, and what has half of that strength belongs to it. A part that touches several holds such an object if
    no blend of those explains it.
    """
    y, x = np.nonzero(labels == _UNKNOWN)
    if not len(y):
        return labels, main
    part = _connected(y, x, labels.shape)
    touched = np.zeros((part.max(initial=-1) + 1, len(main)), bool)
    np.logical_or.at(touched, part, _labels_around(labels, y, x, 1, len(main)))
    order = np.argsort(part, kind="stable")
    for number, inside in enumerate(np.split(order, np.searchsorted(part[order], np.arange(1, len(touched))))):
        grounds = main[: touched.shape[1]][touched[number]]
        own = index[y[inside], x[inside]]
        strength = _unexplained(colours[own], grounds, lossy)
        strong = strength > 2 * SAME
        if not len(grounds) or np.count_nonzero(strong) < (_MIN_THIN if len(grounds) == 1 else _MIN_CROSSING):
            continue
        usual = np.bincount(own[strong]).argmax()
        flat = np.count_nonzero(own[strong] == usual) > _FLAT * np.count_nonzero(strong)
        flat &= strength[own == usual][0] > 0.9 * strength.max()
        kept = strength >= strength.max() / 2 if len(grounds) == 1 else strong
        flat |= len(grounds) == 1 and _is_thick(y[inside[kept]], x[inside[kept]])
        colour = colours[usual if flat else own[strength.argmax()]]
        near = _distance(main, colour) <= SAME
        if not flat and len(grounds) == 1:
            near |= [_line_distance(colour[None], grounds[0], other)[0][0] <= _ON_LINE for other in main]
            near &= _distance(main, grounds[0]) > SAME
        if not near.any():
            main, near = np.vstack([main, colour]), np.append(near, True)
        if len(grounds) == 1:
            labels[y[inside], x[inside]] = np.flatnonzero(touched[number])[0]
        labels[y[inside[kept]], x[inside[kept]]] = near.argmax()
    return labels, main


def _is_thick(y: np.ndarray, x: np.ndarray) -> bool:
    """Whether pixels are more than a line blended with its ground: some lie among four others."""
    area = np.zeros((np.ptp(y) + 3, np.ptp(x) + 3), bool)
    area[y - y.min() + 1, x - x.min() + 1] = True
    among = area[:-2, 1:-1] & area[2:, 1:-1] & area[1:-1, :-2] & area[1:-1, 2:]
    return bool((area[1:-1, 1:-1] & among).sum() > _AMONG * len(y))


def _connected(y: np.ndarray, x: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """(N,) number, from 0, of the 8-connected part that each pixel belongs to; pixels in reading order."""
    place = np.full((size[0] + 2, size[1] + 2), -1)
    place[y + 1, x + 1] = np.arange(len(y))
    pairs = []
    for dy, dx in ((0, 1), (1, -1), (1, 0), (1, 1)):
        other = place[y + 1 + dy, x + 1 + dx]
        pairs.append(np.stack([np.flatnonzero(other >= 0), other[other >= 0]], axis=1))
    a, b = np.concatenate(pairs).T
    root = np.arange(len(y))
    while len(a):
        low, high = np.minimum(root[a], root[b]), np.maximum(root[a], root[b])
        np.minimum.at(root, high, low)
        while (root != root[root]).any():
            root = root[root]
        apart = root[a] != root[b]
        a, b = a[apart], b[apart]
    return np.unique(root, return_inverse=True)[1]


def _unexplained(pixels: np.ndarray, grounds: np.ndarray, lossy: bool) -> np.ndarray:
    """(N,) distance of (N, 4) colours from the one of (M, 4) colours, or from the nearest blend of two of them.

    Lossy files hold colour without its light in half as many rows and columns: it is blended where light is not.
    """
    distances = [_distance(pixels, grounds[0])] if len(grounds) == 1 else []
    for a, b in combinations(grounds, 2):
        distance = _line_distance(pixels, a, b)[0]
        if lossy:
            light, dark, bright = pixels @ _LIGHT, *sorted((a @ _LIGHT, b @ _LIGHT))
            hue = _line_distance(_hue(pixels), _hue(a), _hue(b))[0]
            distance = np.minimum(distance, np.hypot(hue, light - light.clip(dark, bright)))
        distances.append(distance)
    return np.min(distances, axis=0, initial=np.inf)


def _hue(colours: np.ndarray) -> np.ndarray:
    """(..., 3) of (..., 4) colours: what they have beyond the grey of their light."""
    return colours[..., :3] - (colours @ _LIGHT)[..., None]


def _labels_around(labels: np.ndarray, y: np.ndarray, x: np.ndarray, radius: int, count: int) -> np.ndarray:
    """(N, count) bool: which labels occur within ``radius`` of each pixel."""
    padded = np.pad(labels, radius, constant_values=_UNKNOWN)
    present = np.zeros((len(y), count + 1), bool)
    rows = np.arange(len(y))
    for dy in range(2 * radius + 1):
        for dx in range(2 * radius + 1):
            present[rows, padded[y + dy, x + dx]] = True
    return present[:, :count]  # unknown ones, -1, are in the last column


def _unblend(pixels: np.ndarray, main: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """For each pixel the larger part of the two allowed colours whose blend explains it best."""
    distance = np.where(allowed, _distance(pixels[:, None], main[None]), np.inf)
    label = distance.argmin(axis=1)
    best = distance.min(axis=1)
    for a, b in combinations(range(len(main)), 2):
        residual, share = _line_distance(pixels, main[a], main[b])
        better = allowed[:, a] & allowed[:, b] & (residual < best - 1e-9)
        label[better] = np.where(share < 0.5, a, b)[better]
        best[better] = residual[better]
    return label


def _is_between(pixels: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(N,) bool: each of (N, 4) colours is a blend of its two others, and neither of them."""
    along = b - a
    length = (along * along).sum(axis=1)
    share = ((pixels - a) * along).sum(axis=1) / np.maximum(length, 1)
    off_line = _distance(pixels, a + share[:, None] * along)
    return (length > 0) & (share > 0) & (share < 1) & (off_line <= np.minimum(_ON_LINE, np.sqrt(length) / 4))


def _distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.linalg.norm(a - b, axis=-1)


def _line_distance(points: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance of (N, 4) points to the segment from ``a`` to ``b``, and where along it (0..1) they fall."""
    along = b - a
    share = np.clip((points - a) @ along / max(along @ along, 1e-9), 0.0, 1.0)
    return _distance(points, a + share[:, None] * along), share


def _dilate(mask: np.ndarray) -> np.ndarray:
    """Binary dilation by a 3x3 block."""
    padded = np.pad(mask, 1)
    rows = padded[:-2] | padded[1:-1] | padded[2:]
    return rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:]
