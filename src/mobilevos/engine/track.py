"""Where an object goes: its size, its place and its pace, learnt from frames in which it is seen by itself."""

from dataclasses import dataclass
from math import sqrt

_STEADY_AFTER = 3
"""So many frames tell how an object moves."""
_WHOLE = 0.5, 2.0
"""A body has so many times an object's usual area, at least and at most."""
_USUAL = 0.75, 1.25
"""A mask of so many times the usual area is on its object alone."""
_FULL = 0.9, 1.15
"""And one of so many times that nothing hides in part, which would seem to move it."""
_GONE = 0.4
"""Less than so much of its usual area is as good as nothing."""
_LEAP = 0.6
"""So far from the expected place, in sides, an object is only believed after some frames."""
_LASTING, _STEADY, _SLOWING = 0.8, 0.7, 0.98
"""What stays from frame to frame of the usual area, of the speed, and of an unseen speed."""


@dataclass
class Track:
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

    @property
    def is_known(self) -> bool:
        """Whether enough was seen to tell how it moves."""
        return self.frames >= _STEADY_AFTER

    def away(self, place: complex) -> float:
        """How far a place is from the expected one, in sides."""
        return abs(place - self.expected) / self.side

    def is_whole(self, area: float) -> bool:
        """Whether a body of so many pixels may be the object."""
        return _WHOLE[0] <= area / self.area <= _WHOLE[1]

    def is_in(self, area: float) -> bool:
        """Whether so many pixels are enough for the object to be among them."""
        return area >= _WHOLE[0] * self.area

    def is_gone(self, area: float) -> bool:
        """Whether so many pixels are too few to be in sight."""
        return area <= _GONE * self.area

    def is_usual(self, area: float) -> bool:
        """Whether a mask of so many pixels is on the object alone."""
        return _USUAL[0] <= area / self.area <= _USUAL[1]

    def may_be_at(self, centre: complex) -> bool:
        """Whether the object can have come there; nothing is known of its pace at first."""
        return self.frames == 1 or self.away(centre) <= _LEAP

    def learn(self, area: float, centre: complex, crowded: bool) -> None:
        """Take in a place at which the object is by itself; in a crowd, its pace only if nobody hides a part of it."""
        moved = centre - self.centre
        if not crowded or _FULL[0] <= area / self.area <= _FULL[1]:
            self.speed = moved if self.frames == 1 else _STEADY * self.speed + (1 - _STEADY) * moved
        self.area = _LASTING * self.area + (1 - _LASTING) * area
        self.centre, self.frames, self.doubts = centre, self.frames + 1, 0

    def go_on(self, shift: complex = 0j) -> None:
        """Move on as before, and by so much besides."""
        self.centre = self.expected + shift
        self.speed *= _SLOWING
