"""Sources, trackers and displays simple enough to be foretold, for tests of live video."""

import time
from collections.abc import Callable, Generator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from mobilevos.live.capture import Capture, Shot
from mobilevos.tracker import ObjectState
from mobilevos.video.writer import VideoWriter
from waiting import wait_until

HEIGHT, WIDTH = 64, 96


def picture(index: int) -> np.ndarray:
    """Its grey tells its number below 64, also after compression."""
    return np.full((HEIGHT, WIDTH, 3), 4 * (index % 64), np.uint8)


def number_of(frame: np.ndarray) -> int:
    return round(float(frame[-16:].mean()) / 4)


def save_clip(path: Path, count: int = 40, fps: int = 40) -> Path:
    with VideoWriter(path, Fraction(fps), (HEIGHT, WIDTH)) as writer:
        for index in range(count):
            writer.write(picture(index))
    return path


def mask() -> np.ndarray:
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    labels[4:20, 4:20] = 3
    return labels


class Slow:
    """Takes its time; its objects stay where they are. It notes the number of each frame."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._seconds = seconds
        self.seen: list[int] = []
        self.labels = np.zeros((HEIGHT, WIDTH), np.uint8)

    @property
    def objects(self) -> dict[int, ObjectState]:
        return {i: ObjectState("visible", 1.0, 1) for i in np.unique(self.labels).tolist() if i}

    def start(self, frame: np.ndarray, labels: np.ndarray) -> np.ndarray:
        self.labels = labels
        return self.step(frame)

    def step(self, frame: np.ndarray) -> np.ndarray:
        self.seen.append(number_of(frame))
        time.sleep(self._seconds)
        return self.labels


class Late(Slow):
    """Does not answer before the source has gone on by four frames, or is at its end.

    Args:
        capture: the source; use `capture` of this tracker in its place.
        count: of its frames.
    """

    def __init__(self, capture: Capture, count: int, seconds: float = 0.0) -> None:
        super().__init__(seconds)
        self._came, self._count = 0, count
        self.capture = replace(capture, shots=self._watched(capture.shots))

    def _watched(self, shots: Generator[Shot]) -> Generator[Shot]:
        for shot in shots:
            self._came += 1
            yield shot

    def step(self, frame: np.ndarray) -> np.ndarray:
        labels = super().step(frame)
        wait_until(lambda: self._came >= min(self.seen[-1] + 5, self._count))
        return labels


def camera(
    count: int,
    error: Exception | None = None,
    *,
    may: Callable[[int], object] = lambda index: True,
    clock: Callable[[int], float] = lambda index: time.perf_counter(),
) -> Capture:
    """A source of ``count`` frames that then ends, or breaks off with an error.

    Args:
        may: whether a frame may come already; by itself it comes a hundredth of a second after the one before.
        clock: when a frame was there.
    """

    def shots() -> Generator[Shot]:
        for index in range(count):
            time.sleep(0.01)
            wait_until(lambda: may(index))  # noqa: B023 (it is called at once)
            yield Shot(picture(index), clock(index))
        if error is not None:
            raise error

    return Capture(shots(), Fraction(25), "the test camera")
