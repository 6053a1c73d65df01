"""Look-alikes that meet: while one hides the other, a network that goes by looks exchanges them, or mixes them up.

What two of them do together is seen even then: the mean of their places is that of their masks. How they lie to each
other is not; they go on as before. So once their bodies are apart again, each body goes to whom it was expected of,
if the permanent frames in memory do not know better.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from mobilevos.engine.cells import Cells, grown, pieces
from mobilevos.engine.region import Mask
from mobilevos.engine.sighting import Look, Sighting
from mobilevos.engine.track import Track

_MEET, _PART = 1.6, 4.0
"""Objects meet when they are so near, in sides, and are apart when they are so far."""
_ALIKE = 0.1
"""Where they meet, permanent frames know one of them for the other so well as for itself, at least."""
_LARGE = 0.3
"""Parts that have less of an object's usual area are no bodies."""
_TOGETHER, _OVER = (0.8, 1.2), 0.3
"""All of some objects are in sight if they cover so many times their usual area; or they are on one place."""
_RIM = 2
"""Cells around a body in which its mask fades out, and in which it may hold what is expected there."""
_PART_OF = 0.03
"""Less of a body than this is nobody's."""
_FARTHER, _NEAR = 0.8, 1.0
"""A body is so much nearer to its owner, and so near at most, in sides."""
_LOOKS, _LEAST = 0.5, 0.05
"""What a body's looks count beside its place, in sides for e times the probability; and the least of that."""
_KNOWN, _AS_WELL = 0.15, 0.4
"""The permanent frames know the owner in a body, and so much as well as they know whose mask was on it."""

Tracks = Sequence[Track | None]
Recognised = Callable[[Look], Mask]


@dataclass(frozen=True)
class _Body:
    look: Look
    cells: Cells
    area: float
    centre: complex


class Entangled:
    """Which objects of a video look alike and are near each other."""

    def __init__(self) -> None:
        self._alike: dict[tuple[int, int], bool] = {}

    def drop_object(self, row: int) -> None:
        """Forget an object; those after it move up."""
        left = {pair: alike for pair, alike in self._alike.items() if row not in pair}
        self._alike = {(a - (a > row), b - (b > row)): alike for (a, b), alike in left.items()}

    def meet(self, tracks: Tracks, seen: Sighting[Look], recognised: Recognised) -> list[list[int]]:
        """Rows of look-alikes that are near each other, in groups."""
        near = _near(tracks)
        self._alike = {pair: alike for pair, alike in self._alike.items() if pair in near}
        hidden = _not_whole({row for pair in near if pair not in self._alike for row in pair}, tracks, seen)
        groups: list[set[int]] = []
        for pair, gap in near.items():
            if pair not in self._alike and gap <= _MEET and hidden & {*pair}:
                self._alike[pair] = any(_is_taken_for(*each, seen, recognised) for each in (pair, pair[::-1]))
            if self._alike.get(pair):
                joined = [group for group in groups if group & {*pair}]
                groups = [group for group in groups if group not in joined] + [{*pair}.union(*joined)]
        return [sorted(group) for group in groups]

    def blurred(self, tracks: Tracks, seen: Sighting[Look]) -> set[int]:
        """Rows of look-alikes that are so near each other that one may hide the other, and are not both seen whole."""
        if not any(self._alike.values()):
            return set()
        met = [pair for pair, gap in _near(tracks).items() if self._alike.get(pair) and gap <= _MEET]
        hidden = _not_whole({row for pair in met for row in pair}, tracks, seen)
        return {row for pair in met if hidden & {*pair} for row in pair}


def part(group: Sequence[int], tracks: Tracks, seen: Sighting[Look], recognised: Recognised) -> tuple[bool, complex]:
    """Give the bodies of some look-alikes to whom they are expected of.

    Args:
        group: rows of the objects.
        tracks: of all objects.
        seen: of the frame; its masks may change, and homes.
        recognised: masks (K, *grid) of a look by the permanent frames in memory alone.

    Returns:
        Whether anything was changed, and by how much, x + y j, all of them are elsewhere than was expected.
    """
    known = {row: track for row in group if (track := tracks[row])}
    bodies = _bodies(known, seen)
    shift = _common(known, bodies)
    changed = False
    for body in bodies:
        held = [row for row in group if seen.home(row) is body.look]
        owner = _owner(body, held, known, shift, recognised)
        if owner is None or (seen.home(owner) is not body.look and (seen.mask(owner) > 0.5).any()):
            continue
        masks = body.look.masks
        others = np.any([other.cells for other in bodies if other.look is body.look and other is not body], 0)
        fading = grown(body.cells, _RIM) & ~others
        whole = masks[held].max(0)
        masks[np.ix_(held)] *= ~fading
        masks[owner] = np.where(fading, whole, masks[owner])
        seen.bring_home(owner, body.look)
        changed = True
    return changed, shift


def _bodies(known: dict[int, Track], seen: Sighting[Look]) -> list[_Body]:
    least = _LARGE * min(track.area for track in known.values())
    bodies = []
    for look in seen.looks:
        if held := [row for row in known if seen.home(row) is look]:
            parts = pieces(look.masks[held].max(0) > 0.5)
            bodies += [_Body(look, cells, look.area(cells), look.centre(cells)) for cells in parts]
    return [body for body in bodies if body.area >= least]


def _common(known: dict[int, Track], bodies: list[_Body]) -> complex:
    """By how much all objects together are elsewhere than expected, if all of them can be seen."""
    seen, usual = sum(body.area for body in bodies), sum(track.area for track in known.values())
    middle = sum(track.area * track.expected for track in known.values()) / usual
    are_one = all(track.away(middle) < _OVER for track in known.values())
    if not bodies or not (are_one or _TOGETHER[0] <= seen / usual <= _TOGETHER[1]):
        return 0j
    shift = sum(body.area * body.centre for body in bodies) / seen - middle
    return shift if abs(shift) <= min(track.side for track in known.values()) else 0j


def _owner(body: _Body, held: list[int], known: dict[int, Track], shift: complex, recognised: Recognised) -> int | None:
    """Row of the object that a body is to be given to, None if it stays as it is."""
    shares = dict(
        zip(held, np.bincount(body.look.masks[held][:, body.cells].argmax(0), minlength=len(held)), strict=True)
    )
    total = sum(shares.values())
    masked = [row for row, share in shares.items() if share > _PART_OF * total]
    away = {row: track.away(body.centre - shift) for row, track in known.items()}
    if masked == [min(away, key=away.__getitem__)]:
        return None
    if sum(known[row].is_in(body.area * share / total) for row, share in shares.items()) > 1:
        return None  # two that touch
    looks = recognised(body.look)
    sure = {row: float(looks[row][body.cells].mean()) for row in known}
    cost = {row: away[row] - _LOOKS * log(sure[row] + _LEAST) for row in known}
    owner = min(cost, key=cost.__getitem__)
    rim = grown(body.cells, _RIM)
    holds_another = any(row != owner and body.look.holds(rim, known[row].expected + shift) for row in known)
    if holds_another or away[owner] > _NEAR or sure[owner] < _KNOWN or not known[owner].is_whole(body.area):
        return None
    is_clear = all(
        cost[row] - cost[owner] >= _FARTHER and sure[owner] >= _AS_WELL * sure[row] for row in masked if row != owner
    )
    return owner if is_clear and masked != [owner] else None


def _near(tracks: Tracks) -> dict[tuple[int, int], float]:
    """Pairs of rows that are not apart, and how far each is from the other, in sides."""
    known = [(row, track) for row, track in enumerate(tracks) if track and track.is_known]
    if len(known) < 2:
        return {}
    places = np.array([track.expected for _, track in known])
    sides = np.array([track.side for _, track in known])
    gaps = 2 * np.abs(places[:, None] - places) / (sides[:, None] + sides)
    found = np.argwhere(np.triu(gaps <= _PART, 1)).tolist()
    return {(known[one][0], known[other][0]): float(gaps[one, other]) for one, other in found}


def _not_whole(rows: set[int], tracks: Tracks, seen: Sighting[Look]) -> set[int]:
    """Those of some rows whose masks are not of their usual size."""
    return {row for row in rows if not ((track := tracks[row]) and track.is_usual(seen.home(row).area(seen.mask(row))))}


def _is_taken_for(row: int, other: int, seen: Sighting[Look], recognised: Recognised) -> bool:
    """Whether permanent frames know another object in the body of one."""
    look = seen.home(row)
    inside = look.masks[row] > 0.5
    if not inside.any():
        return False
    known = recognised(look)
    return bool(known[other][inside].mean() >= _ALIKE * known[row][inside].mean())
