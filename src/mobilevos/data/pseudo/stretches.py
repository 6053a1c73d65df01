"""Which frames of unlabelled videos are worth the teacher's time: short stretches, far apart, of as many videos."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

FPS = 10
"""Frames a second of a stretch, about."""
SHORTEST, LONGEST = 20, 33
"""Frames of a stretch."""
_APART = 3
"""Of so many frames of a long shot, one is taken."""


@dataclass(frozen=True)
class Stretch:
    """Every ``step``-th frame of a video, ``count`` in all, from ``start`` on; no cut in between."""

    video: str
    start: int
    step: int
    count: int

    @property
    def frames(self) -> range:
        """Numbers of its frames in the video."""
        return range(self.start, self.start + self.count * self.step, self.step)

    @property
    def name(self) -> str:
        """Of its own among all stretches of all videos."""
        return f"{self.video}_{self.start:05d}"


def stretches(video: str, shots: Sequence[tuple[int, int]], fps: float) -> list[Stretch]:
    """Stretches of a video, the middle of its longest shot first; later ones lie between those before.

    Args:
        video: its name.
        shots: first frame and the one after the last; those too short for a stretch are left out.
        fps: frames a second of the video.
    """
    found = []
    for first, end in sorted(shots, key=lambda shot: shot[0] - shot[1]):
        length = end - first
        step = max(1, min(round(fps / FPS), length // SHORTEST))
        count = min(LONGEST, length // step)
        if count < SHORTEST:
            continue
        places = max(1, length // (_APART * step * LONGEST))
        free = length - count * step
        starts = [first + round(free * (place + 0.5) / places) for place in range(places)]
        found += [Stretch(video, starts[place], step, count) for place in _middle_first(places)]
    return found


def in_turn(videos: Mapping[str, Sequence[Stretch]]) -> Iterator[Stretch]:
    """One stretch of every video, then a second one of each, and so on."""
    for turn in zip_longest(*videos.values()):
        yield from (stretch for stretch in turn if stretch is not None)


def _middle_first(count: int) -> list[int]:
    """Numbers below ``count``: the one in the middle, then those in the middle of the two halves, and so on."""
    halves, order = [(0, count)], []
    while halves:
        low, high = halves.pop(0)
        if low < high:
            middle = (low + high) // 2
            order.append(middle)
            halves += [(low, middle), (middle + 1, high)]
    return order
