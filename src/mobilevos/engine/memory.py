"""Memory: a few permanent frames and the previous one, so that cost never grows with the video (unless wanted)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mobilevos.engine.runtime import Float
from mobilevos.engine.sighting import MemoryFrame, Sighting, in_sight

MAX_PERMANENT = 3
"""Permanent frames: the first, and the newest ones the user corrected or added an object in."""
MAX_ABSENT = 2
"""Older looks that are kept because they show an object that has gone since."""
LEAST_SHOWN = 0.5
"""Part of an object's area in the permanent frames that they must show: what is left at its way out misleads."""

Seen = Sighting[MemoryFrame]


def side_by_side(looks: Sequence[MemoryFrame]) -> tuple[Float, Float]:
    """Keys (key_dim, N) and values (K, value_dim, N) of some looks."""
    return np.concatenate([look.key for look in looks], 1), np.concatenate([look.value for look in looks], 2)


@dataclass
class Memory:
    """The frames that ``read`` compares with (paper: the first and the previous frame).

    Args:
        every: keep every so-many-th frame for good, as the paper's teacher does: memory then grows with the video.
    """

    every: int | None = None
    permanent: list[Seen] = field(default_factory=list)
    kept: list[Seen] = field(default_factory=list)
    previous: Seen | None = None
    absent: list[MemoryFrame] = field(default_factory=list)
    _seen: int = 0

    @property
    def lasting(self) -> list[Seen]:
        """The frames that stay."""
        return [*self.permanent, *self.kept]

    @property
    def frames(self) -> list[Seen]:
        """Every frame in memory, each once."""
        if self.previous is None or any(frame is self.previous for frame in self.lasting):
            return self.lasting
        return [*self.lasting, self.previous]

    def showing(self, rows: Sequence[int], wanted: Sequence[int]) -> list[MemoryFrame]:
        """All looks that tell of some objects.

        Args:
            rows: of the objects.
            wanted: rows for which older looks count as well, where the previous frame does not show them: what a lost
                object was must not change how others are seen.
        """
        unseen = [row for row in wanted if self.previous and not in_sight(self.previous.mask(row))]
        absent = (look for look in self.absent if any(self._shows(look, row) for row in unseen))
        return [*(look for frame in self.frames for look in frame.showing(rows)), *absent]

    def lasting_showing(self, rows: Sequence[int]) -> list[MemoryFrame]:
        """The looks of permanent frames that tell of some objects."""
        return [look for frame in self.permanent for look in frame.showing(rows)]

    def shows_all(self, seen: Seen) -> bool:
        """Whether all objects are well in sight."""
        return all(self._shows(seen.home(row), row) for row in range(len(seen.homes)))

    def greatest_area(self, row: int) -> float:
        """Pixels of the source that an object covers at most in a permanent frame; at least 1."""
        areas = (frame.home(row).area(frame.mask(row)) for frame in self.permanent)
        return max(1.0, *areas)

    def recall(self, frame: Seen, gone: Sequence[int] = ()) -> None:
        """Make a frame the previous one.

        Args:
            frame: with all objects.
            gone: rows of those that it does not show; what was known of them stays.
        """
        passing = (look for seen in self.frames[len(self.lasting) :] for look in seen.looks)
        told = [look for look in (*passing, *self.absent) if any(self._shows(look, row) for row in gone)]
        self.absent = told[:MAX_ABSENT]
        self.previous = frame
        self._seen += 1
        if self.every and self._seen % self.every == 0:
            self.kept.append(frame)

    def keep(self, frame: Seen) -> None:
        """Make a frame permanent; of those after the first, the oldest gives way when the memory is full."""
        if len(self.permanent) == MAX_PERMANENT:
            del self.permanent[1]
        self.permanent.append(frame)

    def drop_object(self, row: int) -> None:
        """Forget an object."""
        for frame in self.frames:
            frame.drop_object(row)
        for look in self.absent:
            look.drop_object(row)

    def _shows(self, look: MemoryFrame, row: int) -> bool:
        return look.area(look.masks[row]) >= LEAST_SHOWN * self.greatest_area(row)
