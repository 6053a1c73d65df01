"""Where each object should be: who looks alike is told apart by place.

When objects that look alike meet and part again, a network that knows them by their looks puts one mask on both of
them. But an object is in one place: it goes on as it went, and does not double. So of a mask on two bodies the one
stays that lies where the object was expected; the other goes to an object that has been out of sight since, if that
fits, or to nobody.
"""

import numpy as np

from mobilevos.engine.cells import Cells, grown, large_pieces
from mobilevos.engine.entangled import Entangled, Recognised, part
from mobilevos.engine.region import Mask
from mobilevos.engine.sighting import Look, Sighting
from mobilevos.engine.track import Track

_LARGE = 0.3
"""Parts of a mask that have less of the largest one's area are no bodies."""
_BOTH = 1.5
"""A mask on two bodies has so many times the usual area, at least."""
_NEAR, _FARTHER = 1.0, 0.8
"""The own body lies so near to the expected place, at most, and others so much farther, in sides."""
_KNOWN = 0.5
"""The permanent frames know the own body at least so well as they know the other."""
_ALIKE = 0.4
"""They know another object in the other body so well as the one whose mask is on it, at least; or it is expected."""
_LEAPT, _UNUSUAL = 3, 25
"""An object is believed in an unexpected place, or with an unusual area, after so many frames."""
_FADING = 2
"""Cells around a body in which its mask fades out."""


class Whereabouts:
    """Of all objects of a video, by their rows."""

    def __init__(self) -> None:
        self._tracks: list[Track | None] = []
        self._entangled = Entangled()

    def forget(self, row: int) -> None:
        """An object's mask was corrected: where it was before says nothing, and who met it is asked again."""
        if row < len(self._tracks):
            self._tracks[row] = None

    def drop_object(self, row: int) -> None:
        """Forget an object; those after it move up."""
        del self._tracks[row : row + 1]
        self._entangled.drop_object(row)

    def settle(self, seen: Sighting[Look], recognised: Recognised) -> bool:
        """Leave every mask on one body, and learn where the objects are. Called once a frame.

        Args:
            seen: of the frame; its masks may change, and the homes of objects that are found again.
            recognised: masks (K, *grid) of a look by the permanent frames in memory alone.

        Returns:
            Whether anything was changed.
        """
        self._tracks += [None] * (len(seen.homes) - len(self._tracks))
        shifts: dict[int, complex] = {}
        changed = []
        for group in self._entangled.meet(self._tracks, seen, recognised):
            parted, shift = part(group, self._tracks, seen, recognised)
            shifts |= dict.fromkeys(group, shift)
            changed.append(parted)
        changed += [self._keep_one(row, seen, recognised) for row in range(len(self._tracks))]
        self._follow(seen, shifts)
        return any(changed)

    def _keep_one(self, row: int, seen: Sighting[Look], recognised: Recognised) -> bool:
        track, look = self._tracks[row], seen.home(row)
        inside = look.masks[row] > 0.5
        if track is None or not track.is_known or look.area(inside) < _BOTH * track.area:
            return False
        bodies = [body for body in large_pieces(inside, _LARGE) if track.is_in(look.area(body))]
        away = [track.away(look.centre(body)) for body in bodies]
        if len(bodies) < 2:
            return False
        nearest = int(np.argmin(away))
        own = bodies[nearest]
        if away[nearest] > _NEAR or not track.is_whole(look.area(own)):
            return False
        known = recognised(look)
        others = [
            body
            for body, far in zip(bodies, away, strict=True)
            if far - away[nearest] >= _FARTHER and known[row][own].mean() >= _KNOWN * known[row][body].mean()
        ]
        for body in others:
            fading = grown(body, _FADING) & ~grown(own, 1)
            owner = self._owner(body, row, seen, known)
            if owner is not None:
                look.masks[owner] = np.where(fading, np.maximum(look.masks[row], look.masks[owner]), 0)
                seen.bring_home(owner, look)
            look.masks[row] *= ~fading
        return bool(others)

    def _owner(self, body: Cells, row: int, seen: Sighting[Look], known: Mask) -> int | None:
        """Row of the nearest object out of sight to which a body in the mask of another may belong."""
        look, fitting = seen.home(row), {}
        for other, track in enumerate(self._tracks):
            if track is None or not track.is_gone(seen.home(other).area(seen.mask(other))):
                continue
            away = track.away(look.centre(body))
            alike = known[other][body].mean() >= _ALIKE * known[row][body].mean()
            if other != row and track.is_whole(look.area(body)) and (alike or away <= _NEAR):
                fitting[other] = away * track.side
        return min(fitting, key=fitting.__getitem__, default=None)

    def _follow(self, seen: Sighting[Look], shifts: dict[int, complex]) -> None:
        """Learn from what can be believed; the others go on as before, but for what look-alikes do together."""
        blurred = self._entangled.blurred(self._tracks, seen)
        for row, track in enumerate(self._tracks):
            look = seen.home(row)
            inside = look.masks[row] > 0.5
            if track and row in blurred and track.doubts < _UNUSUAL:
                track.go_on(shifts[row])
                track.doubts += 1
            elif not inside.any():
                if track:
                    track.go_on()
            else:
                area, centre = look.area(inside), look.centre(inside)
                believed = track is not None and track.is_usual(area)
                if track is not None and believed and track.may_be_at(centre):
                    track.learn(area, centre, crowded=row in shifts)
                elif track is None or track.doubts >= (_LEAPT if believed else _UNUSUAL):
                    self._tracks[row] = Track(area, centre)
                else:
                    track.go_on()
                    track.doubts += 1
