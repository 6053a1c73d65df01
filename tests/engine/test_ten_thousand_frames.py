"""Memory is flat however long a video is, with objects that come and go."""

import os

import numpy as np
import pytest

from mobilevos.machine.memory import resident
from mobilevos.tracker import Tracker
from scale import WHOLE

FRAMES = 10_000 if WHOLE else 2_500
SETTLED = FRAMES // 5
EVERY = 40
"""Frames from one object that leaves to the next; another comes in its place."""
SIZE = (48, 64)
LOST = 2 << 10
"""Bytes a frame that would be noticed."""


def place(slot: int) -> tuple[slice, slice]:
    """Where an object is: one of twenty boxes of 8 x 10 pixels."""
    top, left = 12 * (slot // 5), 12 * (slot % 5)
    return np.s_[top + 1 : top + 9, left + 1 : left + 11]


@pytest.mark.slow
@pytest.mark.skipif(resident(os.getpid()) is None, reason="the system does not tell how much memory is used")
@pytest.mark.parametrize("count", [1, 5, 20])
def test_thousands_of_frames(count: int) -> None:
    rng = np.random.default_rng(count)
    base = rng.integers(0, 90, (*SIZE, 3), dtype=np.uint8)
    labels = np.zeros(SIZE, np.uint8)
    for slot in range(count):
        labels[place(slot)] = slot + 1
        base[place(slot)] = rng.integers(120, 256, 3)
    frames = [np.roll(base, shift, axis=1) for shift in (0, 1, 2, 1)]
    tracker = Tracker(mode="fast", size=64, threads=1)
    tracker.start(frames[0], labels)
    alive = [*range(1, count + 1)]
    used: list[int] = []
    for number in range(1, FRAMES + 1):
        tracker.step(frames[number % 4])
        if number % EVERY == 0:
            alive.append(alive[-1] % 254 + 1)
            mask = np.zeros(SIZE, np.uint8)
            mask[place((number // EVERY - 1) % count)] = alive[-1]
            if count > 1:
                tracker.remove(alive.pop(0))
                tracker.add(mask)
            else:  # one has to stay
                tracker.add(mask)
                tracker.remove(alive.pop(0))
            assert sorted(tracker.objects) == sorted(alive)
        if number >= SETTLED and number % (FRAMES // 20) == 0:
            used.append(resident(os.getpid()) or 0)
    assert max(used[1:]) - used[0] < LOST * (FRAMES - SETTLED), used
