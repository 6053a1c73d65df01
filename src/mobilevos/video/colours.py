"""From the colours of a mask image to object ids.

A mask has a few flat colours. Drawing programs blend them along the edges (anti-aliasing) and JPEG scatters
them; taken as they are, such blends would become objects of their own. A colour is *dominant* if it fills
areas; a *blend* is a rare colour close to a dominant one or on the line between two of them.
"""

from itertools import combinations

import numpy as np

from mobilevos.errors import InputError
from mobilevos.video.palette import DAVIS_IDS, PALETTE

_SAME = 32.0  # colours closer than this are one, scattered by compression; palette colours are 63 apart
_ON_LINE = 24.0  # distance from the line between two colours up to which a colour is their blend
_MIN_SOLID = 4  # centres of uniform 3x3 blocks that a dominant colour has: a 4x4 square
_MIN_FILL = 0.15  # share of a dominant colour's pixels that are such centres
_MAX_COLOURS = 1024
_SEARCH_RADII = (3, 12)  # pixels within which an edge pixel looks for the colours it is blended from
_PALETTE_TOLERANCE = 8


def labels_from_colours(rgba: np.ndarray, name: str, *, snap: bool) -> np.ndarray:
    """Object ids of a colour image.

    Black is background; so is whatever is transparent (black is an object if it is the only colour on a
    transparent ground). DAVIS palette colours keep their ids 1..21, unless all objects are grey; other
    colours get the lowest free ids in order of first appearance, row by row.

    Args:
        rgba: (H, W, 4) uint8, alpha not premultiplied.
        name: of the file, for messages.
        snap: give blended pixels to the dominant colours around them instead of refusing the image.

    Returns:
        (H, W) uint8 label map, 0 = background.

    Raises:
        InputError: blends without ``snap``, no background, over 255 objects, or a picture that is no mask.
    """
    index, colours = _index(rgba)
    solid = np.bincount(index[1:-1, 1:-1][_uniform_3x3(index)], minlength=len(colours))
    dominant = _dominant(colours, np.bincount(index.ravel()), solid)
    if _has_blends(colours, dominant):
        if not snap:
            raise InputError(
                f"{name} has {len(colours)} colours and looks anti-aliased; "
                "pass --snap to snap them to the dominant ones."
            )
        index, colours = _snap(index, colours, dominant, name)
    return _number(index, colours, name)


def solid_share(index: np.ndarray) -> float:
    """Share of the values in an (H, W) integer map that fill at least one 3x3 block."""
    inner = index[1:-1, 1:-1][_uniform_3x3(index)]
    return len(np.unique(inner)) / len(np.unique(index))


def _index(rgba: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(H, W) indices into (N, 4) float premultiplied colours, where transparent is the same as no colour."""
    if rgba[..., 3].min() < 255:
        alpha = rgba[..., 3:].astype(np.uint16)
        rgba = np.concatenate([(rgba[..., :3] * alpha + 127) // 255, alpha], axis=2).astype(np.uint8)
    packed = np.ascontiguousarray(rgba).view("<u4")[..., 0]
    values, inverse = np.unique(packed, return_inverse=True)
    return inverse.reshape(packed.shape), values.astype("<u4").view(np.uint8).reshape(-1, 4).astype(np.float64)


def _uniform_3x3(index: np.ndarray) -> np.ndarray:
    """(H - 2, W - 2) bool: the block centred here has one value."""
    row = (index[:, :-2] == index[:, 1:-1]) & (index[:, 2:] == index[:, 1:-1])
    centre = index[:, 1:-1]
    return row[:-2] & row[1:-1] & row[2:] & (centre[:-2] == centre[1:-1]) & (centre[2:] == centre[1:-1])


def _dominant(colours: np.ndarray, counts: np.ndarray, solid: np.ndarray) -> np.ndarray:
    """Indices of the dominant colours, largest first."""
    candidates = np.flatnonzero((solid >= _MIN_SOLID) & (solid >= _MIN_FILL * counts))
    chosen: list[int] = []
    for candidate in candidates[np.argsort(-solid[candidates], kind="stable")]:
        if not chosen or _distance(colours[candidate], colours[chosen]).min() > _SAME:
            chosen.append(int(candidate))
    return np.array(chosen, np.int64)


def _has_blends(colours: np.ndarray, dominant: np.ndarray) -> bool:
    if len(colours) <= 2:
        return False
    if len(colours) > _MAX_COLOURS:
        return True
    rest = np.delete(colours, dominant, axis=0)
    # A tiny object in a palette colour is no blend, but that palette's grey is the middle of white on black.
    rest = rest[(_palette_ids(rest) < 0) | _is_grey(rest)]
    if not len(dominant) or not len(rest):
        return bool(len(rest))
    main = colours[dominant]
    near = _distance(rest[:, None], main[None]).min(axis=1) <= _SAME
    for a, b in combinations(main, 2):
        near |= _line_distance(rest, a, b)[0] <= _ON_LINE
    return bool(near.any())


def _snap(index: np.ndarray, colours: np.ndarray, dominant: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Indices and colours with every pixel given to a dominant colour."""
    main = colours[dominant]
    unknown = len(main)
    nearest = np.full(len(colours), unknown)
    for k in reversed(range(len(main))):
        nearest[_distance(colours, main[k]) <= _SAME] = k
    labels = nearest[index]
    if (labels == unknown).mean() > 0.5:
        raise InputError(
            f"{name} looks like a picture, not a mask: its {len(colours)} colours do not gather around a few."
        )
    solid = np.zeros(labels.shape, bool)
    solid[1:-1, 1:-1] = _uniform_3x3(labels)
    for k in range(len(main)):
        others = np.delete(main, k, axis=0)
        if any(_line_distance(main[k : k + 1], a, b)[0][0] <= _ON_LINE for a, b in combinations(others, 2)):
            # This colour may also be a blend of two others: believe it only where it fills an area.
            labels[(labels == k) & ~_dilate(solid & (labels == k))] = unknown
    y, x = np.nonzero(labels == unknown)
    resolved = np.full(len(y), unknown)
    for radius in _SEARCH_RADII:
        left = np.flatnonzero(resolved == unknown)
        around = _labels_around(labels, y[left], x[left], radius, unknown)
        left, around = left[around.any(axis=1)], around[around.any(axis=1)]
        resolved[left] = _unblend(colours[index[y[left], x[left]]], main, around)
    left = np.flatnonzero(resolved == unknown)
    resolved[left] = _unblend(colours[index[y[left], x[left]]], main, np.ones((len(left), unknown), bool))
    labels[y, x] = resolved
    return labels, main


def _labels_around(labels: np.ndarray, y: np.ndarray, x: np.ndarray, radius: int, unknown: int) -> np.ndarray:
    """(N, K) bool: which labels occur within ``radius`` of each pixel."""
    padded = np.pad(labels, radius, constant_values=unknown)
    present = np.zeros((len(y), unknown + 1), bool)
    rows = np.arange(len(y))
    for dy in range(2 * radius + 1):
        for dx in range(2 * radius + 1):
            present[rows, padded[y + dy, x + dx]] = True
    return present[:, :unknown]


def _unblend(pixels: np.ndarray, main: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """For each pixel the larger part of the two allowed colours whose blend explains it best."""
    distance = np.where(allowed, _distance(pixels[:, None], main[None]), np.inf)
    label = distance.argmin(axis=1)
    best = distance.min(axis=1)
    for a, b in combinations(range(len(main)), 2):
        residual, part = _line_distance(pixels, main[a], main[b])
        better = allowed[:, a] & allowed[:, b] & (residual < best - 1e-9)
        label[better] = np.where(part < 0.5, a, b)[better]
        best[better] = residual[better]
    return label


def _number(index: np.ndarray, colours: np.ndarray, name: str) -> np.ndarray:
    clear = colours[:, 3] < _SAME
    black = (colours[:, :3].max(axis=1) < _PALETTE_TOLERANCE) & (colours[:, 3] >= 255 - _PALETTE_TOLERANCE)
    only_black = clear.any() and bool((black | clear).all())
    background = clear if only_black else clear | black
    if not background.any() and len(colours) > 1:
        raise InputError(f"{name} has no background; paint it black or make it transparent.")
    first = np.full(len(colours), index.size)
    np.minimum.at(first, index.ravel(), np.arange(index.size))
    objects = np.flatnonzero(~background)
    objects = objects[np.argsort(first[objects])]
    if len(objects) > 255:
        raise InputError(f"{name} has {len(objects)} colours, but 255 objects are the most; use fewer colours.")
    grey = _is_grey(colours[objects]).all()
    wanted = np.full(len(objects), -1) if grey else _palette_ids(colours[objects])
    ids = np.zeros(len(colours), np.uint8)
    free = (i for i in range(1, 256) if i not in set(wanted.tolist()))
    for colour, palette_id in zip(objects, wanted, strict=True):
        ids[colour] = palette_id if palette_id > 0 and palette_id not in ids else next(free)
    return ids[index]


def _palette_ids(colours: np.ndarray) -> np.ndarray:
    """(N,) id 1..21 of the DAVIS palette colour, or -1."""
    gaps = np.abs(colours[:, None, :3] - PALETTE[None, 1:DAVIS_IDS]).max(axis=2)
    return np.where(gaps.min(axis=1, initial=np.inf) <= _PALETTE_TOLERANCE, gaps.argmin(axis=1) + 1, -1)


def _is_grey(colours: np.ndarray) -> np.ndarray:
    return np.ptp(colours[:, :3], axis=1) == 0


def _distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.linalg.norm(a - b, axis=-1)


def _line_distance(points: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance of (N, 4) points to the segment from ``a`` to ``b``, and where along it (0..1) they fall."""
    along = b - a
    part = np.clip((points - a) @ along / (along @ along), 0.0, 1.0)
    return _distance(points, a + part[:, None] * along), part


def _dilate(mask: np.ndarray) -> np.ndarray:
    """Binary dilation by a 3x3 block."""
    padded = np.pad(mask, 1)
    rows = padded[:-2] | padded[1:-1] | padded[2:]
    return rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:]
