"""Time per frame and memory of several contestants that take turns on the same video."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from mobilevos.benchmark.films import Film, Sample, opened
from mobilevos.benchmark.grid import PEER_SIZE, SAMPLE, Contestant, named, random_frames
from mobilevos.benchmark.macs import counted
from mobilevos.benchmark.ours import tracker
from mobilevos.benchmark.peers import Entry
from mobilevos.benchmark.process import Process, Step
from mobilevos.benchmark.row import WARM_UP, Row, row_of_ours, row_of_peer, with_comparisons
from mobilevos.benchmark.startup import startup_s
from mobilevos.errors import InputError, ModelNotFound
from mobilevos.runtimes import load_runtime

OURS = "mobilevos.benchmark.ours:Ours"
ROUNDS = 3
"""How often each contestant plays the file from end to end; the median counts."""


@dataclass(frozen=True)
class Limits:
    """When a contestant has to leave: the X of the paper's Table 2."""

    memory_mb: float = 4096
    """Peak memory of its process, MiB."""
    time_s: float | None = None
    """Time for all frames of one video, seconds."""

    def exceeded(self, steps: Sequence[Step]) -> str | None:
        """ "memory" or "time", if one is exceeded."""
        if steps and (steps[-1].peak_mb or 0) > self.memory_mb:
            return "memory"
        if self.time_s is not None and sum(step.ms for step in steps) > 1000 * self.time_s:
            return "time"
        return None


@dataclass
class _Entrant:
    """A contestant of ours while it runs."""

    contestant: Contestant
    process: Process
    mask: NDArray[np.uint8]
    steps: list[Step] = field(default_factory=list)
    exceeded: str | None = None
    rates: list[float] = field(default_factory=list)
    """Frames per second of each time that it played the file from end to end."""

    def step(self, frame: NDArray[np.uint8], limits: Limits) -> None:
        """Run and time a frame, unless a limit is exceeded."""
        if self.exceeded is None:
            self.steps.append(self.process.step(frame))
            self.exceeded = limits.exceeded(self.steps)
            if self.exceeded:
                self.process.close()  # the others need the memory

    def row(self) -> Row:
        """What came out."""
        size = None if self.exceeded else self.process.input_size()
        parameters = self.process.parameters_m
        fps = median(self.rates) if self.rates else None
        return row_of_ours(self.process.name, self.contestant, self.steps, self.exceeded, size, parameters, fps)


class _Guest:
    """A peer while it runs, with a film of the size that peers see."""

    def __init__(self, process: Process, film: Sample) -> None:
        self.process, self._frames = process, film.frames()
        self.steps: list[Step] = []
        process.first(next(self._frames), film.mask(1))
        process.step(next(self._frames))
        self.gmacs = process.count(next(self._frames))

    def step(self) -> None:
        """Run and time the next frame: the start of the film, however far ours are."""
        self.steps.append(self.process.step(next(self._frames)))

    def row(self) -> Row:
        """What came out."""
        size = self.process.input_size() or PEER_SIZE
        return row_of_peer(self.process.name, self.steps, size, self.process.parameters_m, self.gmacs)


def measure(
    contestants: Sequence[Contestant],
    frames: int = 100,
    mask: Path | None = None,
    limits: Limits | None = None,
    peers: Sequence[Entry] = (),
    peer_frames: int = 5,
    progress: Callable[[int, int], None] | None = None,
) -> list[Row]:
    """Run contestants, each in a process of its own, frame by frame in turn, on one video after the other.

    Peers see the whole frame, filled up to 480 x 864, on the sample. As a peer may take seconds for a frame, peers join
    ``peer_frames`` turns only, spread evenly over the run, after two frames each that are not timed.
    What they are asked for is thus the start of a video, before a growing memory makes some of them slower.

    Args:
        contestants: see ``grid.contestants``.
        frames: to run of each video; noise has its own length, and a file may end earlier.
        mask: objects in the first frame of the files among the videos.
        limits: at which a contestant leaves.
        peers: other people's systems.
        peer_frames: turns of theirs.
        progress: called with the frames done and their number.

    Raises:
        InputError: too few frames to say anything, a file that does not fit, or a peer whose code fails.
        ModelNotFound: no such model, or a damaged file.
        RuntimeUnavailable: a runtime, or a package that a peer needs, is not installed.
    """
    names = named(contestants)
    lengths = {one.video: _steps(one.video, frames) for one in contestants}
    for length in lengths.values():
        if length < 3 * WARM_UP:
            raise InputError(f"{length} frames are too few to measure; give at least {3 * WARM_UP}.")
    if not 1 <= peer_frames <= frames:
        raise InputError(f"Peers cannot take part in {peer_frames} of {frames} turns; give 1 to {frames}.")
    files = [video for video in lengths if video != SAMPLE and random_frames(video) is None]
    if mask and len(files) != 1:
        raise InputError(f"{mask} is the mask of one video file, but --video names {len(files)}; let it name one.")
    rows, before = [], 0
    with ExitStack() as stack:
        films = {video: stack.enter_context(opened(video, mask)) for video in lengths}
        masks = {(one.video, one.objects): films[one.video].mask(one.objects) for one in contestants}
        for video, length in lengths.items():
            here = {one: masks[video, one.objects] for one in contestants if one.video == video}

            def show(done: int, before: int = before) -> None:
                if progress:
                    progress(before + done, sum(lengths.values()))

            beside = peers if video == SAMPLE else ()
            rows += _heat(films[video], names, here, length, limits or Limits(), beside, peer_frames, show)
            before += length
        operations = cache(lambda one: _gmacs(one, films[one.video], masks[one.video, one.objects]))
        for index, row in enumerate(rows):  # when all the rest is measured, because PyTorch takes memory
            if one := row.contestant:
                like = replace(one, runtime="torch", memory="finite", threads=None)
                rows[index] = replace(row, gmacs=operations(like))
    start = cache(startup_s)
    for index, row in enumerate(rows):
        if one := row.contestant:
            rows[index] = replace(row, startup_s=start(one.model, one.runtime, one.threads))
    ours, theirs = ([row for row in rows if (row.contestant is None) == is_peer] for is_peer in (False, True))
    return with_comparisons([*ours, *theirs])


def _steps(video: str, frames: int) -> int:
    length = random_frames(video)
    return frames if length is None else length - 1


def _heat(
    film: Film,
    names: Mapping[Contestant, str],
    contestants: Mapping[Contestant, NDArray[np.uint8]],
    length: int,
    limits: Limits,
    peers: Sequence[Entry],
    peer_frames: int,
    show: Callable[[int], None],
) -> list[Row]:
    """All contestants, each with its first mask, on one video."""
    threads = next(iter(contestants)).threads
    with ExitStack() as stack:
        ours = [
            _Entrant(
                one, stack.enter_context(Process(names[one], OURS, {"contestant": one, "threads": one.threads})), mask
            )
            for one, mask in contestants.items()
        ]
        started = [
            stack.enter_context(Process(peer.name, peer.adapter, {"path": peer.path, "threads": threads}))
            for peer in peers
        ]
        peer_film = Sample(PEER_SIZE) if started else None
        guests = [_Guest(process, peer_film) for process in started if peer_film]
        turns = {int((index + 0.5) * length / peer_frames) for index in range(peer_frames)}
        frames = film.frames()
        first = next(frames)
        for one in ours:
            one.process.first(first, one.mask)
        done = 0
        for done, frame in enumerate(islice(frames, length), 1):
            for one in ours:
                one.step(frame, limits)
            for guest in guests if done - 1 in turns else ():
                guest.step()
            show(done)
        if done < 3 * WARM_UP:
            raise InputError(f"{film.file} has only {done + 1} frames; {3 * WARM_UP + 1} are needed to measure.")
        for one in ROUNDS * ours if film.file else ():
            if one.exceeded is None:
                one.rates.append(one.process.play(str(film.file), one.mask, done + 1))
        return [*(one.row() for one in ours), *(guest.row() for guest in guests)]


def _gmacs(contestant: Contestant, film: Film, mask: NDArray[np.uint8]) -> float | None:
    """Thousand million multiply-accumulate operations of the second step; None without the train extra, or in int8."""
    if not all(map(find_spec, ("torch", "timm", "onnx"))):
        return None
    try:
        ours = tracker(contestant, load_runtime(contestant.model, "torch"))
    except ModelNotFound:  # quantised graphs run in ONNX Runtime, but no longer hold the network's weights
        return None
    frames = film.frames()
    ours.start(next(frames), mask)
    ours.step(next(frames))
    return counted(lambda: ours.step(next(frames)))[1]
