"""Where each object should be: who looks alike is told apart by place.

When objects that look alike meet and part again, a network that knows them by their looks puts one mask on both of
them. But an object is in one place: it goes on as it went, and does not double. So of a mask on two bodies the one
stays that lies where the object was expected; the other goes to an object that has been out of sight since, if that
fits, or to nobody.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np

from mobilevos.engine.cells import Cells, grown, large_pieces
from mobilevos.engine.region import Mask
from mobilevos.engine.sighting import Look, Sighting

_LARGE = 0.3
"""Parts of a mask that have less of the largest one's area are no bodies."""
_WHOLE = 0.5, 2.0
"""A body has so many times an object's usual area, at least and at most."""
_BOTH = 1.5
"""A mask on two bodies has so many times the usual area, at least."""
_NEAR, _FARTHER = 1.0, 0.8
"""The own body lies so near to the expected place, at most, and others so much farther; square root of the area."""
_KNOWN = 0.5
"""The permanent frames know the own body at least so well as they know the other."""
_ALIKE = 0.4
"""They know another object in the other body so well as the one whose mask is on it, at least; or it is expected."""
_GONE = 0.4
"""Less than so much of its usual area is as good as nothing."""
_FRAMES = 3
"""So many frames tell how an object moves."""
_USUAL, _UNUSUAL = (0.75, 1.25), 25
"""A mask of so many times the usual area is on its object alone; others are believed after so many frames."""
_LEAP, _LEAPT = 0.6, 3
"""So far from the expected place, in square roots of the area, an object is only believed after so many frames."""
_FADING = 2
"""Cells around a body in which its mask fades out."""
_LASTING, _STEADY, _SLOWING = 0.8, 0.7, 0.98
"""What stays from frame to frame of the usual area, of the speed, and of an unseen speed."""


@dataclass
class _Track:
    """What is known of an object's ways."""

    area: float
    """Usual, in pixels of the source."""
    centre: complex
    """x + y j, px of the source."""
    speed: complex = 0j
    frames: int = 1
    """In which it was seen by itself."""
    doubts: int = 0
    """Frames since in which it seems to be somewhere or something else."""

    @property
    def expected(self) -> complex:
        """Where it should be next."""
        return self.centre + self.speed

    @property
    def side(self) -> float:
        """Square root of the area, px."""
        return sqrt(self.area)

    def may_be_at(self, centre: complex) -> bool:
        """Whether the object can have come there; nothing is known of its pace at first."""
        return self.frames == 1 or abs(centre - self.expected) <= _LEAP * self.side

    def learn(self, area: float, centre: complex) -> None:
        """Take in a place at which the object is by itself."""
        moved = centre - self.centre
        self.speed = moved if self.frames == 1 else _STEADY * self.speed + (1 - _STEADY) * moved
        self.area = _LASTING * self.area + (1 - _LASTING) * area
        self.centre, self.frames, self.doubts = centre, self.frames + 1, 0

    def go_on(self) -> None:
        """Move on as before."""
        self.centre = self.expected
        self.speed *= _SLOWING


class Whereabouts:
    """Of all objects of a video, by their rows."""

    def __init__(self) -> None:
        self._tracks: list[_Track | None] = []

    def forget(self, row: int) -> None:
        """An object's mask was corrected: where it was before says nothing."""
        if row < len(self._tracks):
            self._tracks[row] = None

    def drop_object(self, row: int) -> None:
        """Forget an object; those after it move up."""
        del self._tracks[row : row + 1]

    def settle(self, seen: Sighting[Look], recognised: Callable[[Look], Mask]) -> bool:
        """Leave every mask on one body, and learn where the objects are. Called once a frame.

        Args:
            seen: of the frame; its masks may change, and the homes of objects that are found again.
            recognised: masks (K, *grid) of a look by the permanent frames in memory alone.

        Returns:
            Whether anything was changed.
        """
        self._tracks += [None] * (len(seen.homes) - len(self._tracks))
        changed = [self._keep_one(row, seen, recognised) for row in range(len(self._tracks))]
        self._follow(seen)
        return any(changed)

    def _keep_one(self, row: int, seen: Sighting[Look], recognised: Callable[[Look], Mask]) -> bool:
        track, look = self._tracks[row], seen.home(row)
        inside = look.masks[row] > 0.5
        if track is None or track.frames < _FRAMES or look.area(inside) < _BOTH * track.area:
            return False
        bodies = [part for part in large_pieces(inside, _LARGE) if look.area(part) >= _WHOLE[0] * track.area]
        away = [abs(_centre(part, look) - track.expected) / track.side for part in bodies]
        if len(bodies) < 2:
            return False
        nearest = int(np.argmin(away))
        own = bodies[nearest]
        if away[nearest] > _NEAR or look.area(own) > _WHOLE[1] * track.area:
            return False
        known = recognised(look)
        others = [
            part
            for part, far in zip(bodies, away, strict=True)
            if far - away[nearest] >= _FARTHER and known[row][own].mean() >= _KNOWN * known[row][part].mean()
        ]
        for part in others:
            fading = grown(part, _FADING) & ~grown(own, 1)
            owner = self._owner(part, row, seen, known)
            if owner is not None:
                found = np.where(fading, np.maximum(look.masks[row], look.masks[owner]), 0)
                for other in seen.looks:
                    other.masks[owner] = 0
                look.masks[owner] = found
                seen.homes[owner] = seen.homes[row]
                look.rows = sorted({*look.rows, owner})
            look.masks[row] *= ~fading
        return bool(others)

    def _owner(self, body: Cells, row: int, seen: Sighting[Look], known: Mask) -> int | None:
        """Row of the nearest object out of sight to which a body in the mask of another may belong."""
        look, fitting = seen.home(row), {}
        for other, track in enumerate(self._tracks):
            if track is None or seen.home(other).area(seen.mask(other)) > _GONE * track.area:
                continue
            away = abs(_centre(body, look) - track.expected)
            fits = _WHOLE[0] * track.area <= look.area(body) <= _WHOLE[1] * track.area
            alike = known[other][body].mean() >= _ALIKE * known[row][body].mean()
            if other != row and fits and (alike or away <= _NEAR * track.side):
                fitting[other] = away
        return min(fitting, key=fitting.__getitem__, default=None)

    def _follow(self, seen: Sighting[Look]) -> None:
        """Learn from what can be believed; the others go on as before."""
        for row, track in enumerate(self._tracks):
            look = seen.home(row)
            inside = look.masks[row] > 0.5
            if not inside.any():
                if track:
                    track.go_on()
                continue
            area, centre = look.area(inside), _centre(inside, look)
            believed = track is not None and _USUAL[0] <= area / track.area <= _USUAL[1]
            if track is not None and believed and track.may_be_at(centre):
                track.learn(area, centre)
            elif track is None or track.doubts >= (_LEAPT if believed else _UNUSUAL):
                self._tracks[row] = _Track(area, centre)
            else:
                track.go_on()
                track.doubts += 1


def _centre(cells: Cells, look: Look) -> complex:
    """x + y j, px of the source."""
    rows, columns = np.nonzero(cells)
    (height, width), (down, across) = look.region.box_size, look.region.grid
    x, y = (
        look.region.left + (columns.mean() + 0.5) * width / across,
        look.region.top + (rows.mean() + 0.5) * height / down,
    )
    return complex(x, y)
