"""Our tracker as a contestant, in the process that is its own."""

from collections import Counter
from contextlib import closing
from itertools import islice
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from mobilevos.benchmark.grid import Contestant
from mobilevos.engine.runtime import Features, Float
from mobilevos.runtimes import Runtime, load_runtime
from mobilevos.tracker import Tracker
from mobilevos.video.pipeline import read_ahead
from mobilevos.video.reader import open_frames
from mobilevos.weights.store import model_card


class Ours:
    """An ``Adapter``; the number of objects is that of the mask."""

    def __init__(self, contestant: Contestant, threads: int | None) -> None:
        self.parameters_m: float = model_card(contestant.model)["parameters_m"]
        self._watch = _Watch(load_runtime(contestant.model, contestant.runtime, threads), contestant.noise)
        self._tracker = tracker(contestant, self._watch)

    @property
    def input_size(self) -> tuple[int, int]:
        """(height, width) that the network saw of the frame that is median in area."""
        seen = sorted(self._watch.seen.elements(), key=lambda size: size[0] * size[1])
        return seen[len(seen) // 2]

    def first(self, frame: NDArray[np.uint8], mask: NDArray[np.uint8]) -> None:
        """See ``Adapter``."""
        self._tracker.start(frame, mask)

    def step(self, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """See ``Adapter``."""
        return self._tracker.step(frame)

    def play(self, file: str, mask: NDArray[np.uint8], frames: int) -> float:
        """Frames per second from opening a video to the label map of its last frame, or of that many frames."""
        begin, done = perf_counter(), 0
        with closing(read_ahead(islice(open_frames(file), frames))) as played:
            for done, frame in enumerate(played, 1):
                if done == 1:
                    self._tracker.start(frame, mask)
                else:
                    self._tracker.step(frame)
        return done / (perf_counter() - begin)


def tracker(contestant: Contestant, runtime: Runtime) -> Tracker:
    """A tracker with the contestant's settings."""
    model, mode, follow, every = contestant.model, contestant.mode, contestant.follow, contestant.memory_every
    if isinstance(mode, int):
        return Tracker(model, runtime, size=mode, follow=follow, memory_every=every)
    return Tracker(model, runtime, mode=mode, follow=follow, memory_every=every)


class _Watch:
    """A runtime that counts (height, width) of all that it was shown.

    In noise there is nothing to find, and a tracker that has lost its objects does less: an infinite memory would not
    grow. There, the network does all its work, but the answer is that every object is where it was.
    """

    def __init__(self, runtime: Runtime, noise: bool) -> None:
        self._runtime, self._noise = runtime, noise
        self.seen: Counter[tuple[int, int]] = Counter()
        self.key, self.descriptor, self.memorise = runtime.key, runtime.descriptor, runtime.memorise

    def query(self, frame: NDArray[np.uint8]) -> Features:
        """See ``Runtime``."""
        self.seen[frame.shape[0], frame.shape[1]] += 1
        return self._runtime.query(frame)

    def read(
        self, features: Features, memory_key: Float, memory_value: Float, prior: Float, classifier: Float | None
    ) -> Float:
        """See ``Runtime``."""
        found = self._runtime.read(features, memory_key, memory_value, prior, classifier)
        return prior if self._noise else found
