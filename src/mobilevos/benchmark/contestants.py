"""Who takes part in a benchmark: our trackers in this process, and peers in theirs."""

from importlib.util import find_spec
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mobilevos import sample
from mobilevos.benchmark.macs import counted
from mobilevos.benchmark.peers import Peer
from mobilevos.runtimes import Runtime, load_runtime
from mobilevos.runtimes.base import Features
from mobilevos.tracker import Tracker
from mobilevos.video.masks import load_mask
from mobilevos.video.reader import open_frames


class Film:
    """The embedded sample, enlarged, with one object; it plays forwards and backwards without end."""

    def __init__(self, size: tuple[int, int]) -> None:
        """Scale to ``size``, (height, width)."""
        to = size[::-1]
        self._frames = [
            np.asarray(Image.fromarray(frame).resize(to, Image.Resampling.BILINEAR))
            for frame in open_frames(sample.clip_path())
        ]
        mask = (load_mask(sample.mask_path()) == 1).astype(np.uint8)
        self.mask = np.asarray(Image.fromarray(mask).resize(to, Image.Resampling.NEAREST))
        """(H, W) uint8, 0 or 1, of frame 0."""
        self._order = [*range(len(self._frames)), *range(len(self._frames) - 2, 0, -1)]

    def __getitem__(self, index: int) -> NDArray[np.uint8]:
        """Frame (H, W, 3), for any ``index`` from 0."""
        return self._frames[self._order[index % len(self._order)]]


class Ours:
    """A tracker of ours; ``follow`` as in ``Tracker``."""

    def __init__(
        self, name: str, film: Film, model: str, runtime: str, threads: int | None, size: int, follow: bool
    ) -> None:
        self.name = name
        self.times: list[float] = []
        """Milliseconds of every step."""
        self._film, self._model, self._threads, self._size, self._follow = film, model, threads, size, follow
        self._watch = _Watch(load_runtime(model, runtime, threads))
        self._tracker = Tracker(runtime=self._watch, size=size, follow=follow)
        self._tracker.start(film[0], film.mask)

    def step(self, index: int) -> None:
        """Run and time frame ``index`` of the film."""
        frame = self._film[index]
        begin = perf_counter()
        self._tracker.step(frame)
        self.times.append(1000 * (perf_counter() - begin))

    @property
    def input_size(self) -> tuple[int, int]:
        """(height, width) that the network saw of the frame that is median in area."""
        seen = sorted(self._watch.seen, key=lambda size: size[0] * size[1])
        return seen[len(seen) // 2]

    def gmacs(self) -> float | None:
        """Thousand million multiply-accumulate operations of the second step; None unless the train extra is there."""
        if not (find_spec("torch") and find_spec("timm")):
            return None
        runtime = load_runtime(self._model, "torch", self._threads)
        tracker = Tracker(runtime=runtime, size=self._size, follow=self._follow)
        tracker.start(self._film[0], self._film.mask)
        tracker.step(self._film[1])
        return counted(lambda: tracker.step(self._film[2]))[1]


class Guest:
    """A peer, with a film of the size that peers see."""

    def __init__(self, peer: Peer, film: Film) -> None:
        self.name = peer.name
        self.times: list[float] = []
        """Milliseconds of every step."""
        self.peer, self._film = peer, film
        self.gmacs = peer.start(film.mask, *(film[index] for index in range(3)))
        self.input_size = peer.input_size or film.mask.shape

    def step(self, index: int) -> None:
        """Run and time frame ``index`` of the film."""
        self.times.append(self.peer.step(self._film[index]))


class _Watch:
    """A runtime that remembers (height, width) of all that it was shown."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.seen: list[tuple[int, int]] = []
        self.key, self.read, self.memorise = runtime.key, runtime.read, runtime.memorise

    def query(self, frame: NDArray[np.uint8]) -> Features:
        """See ``Runtime``."""
        self.seen.append((frame.shape[0], frame.shape[1]))
        return self._runtime.query(frame)
