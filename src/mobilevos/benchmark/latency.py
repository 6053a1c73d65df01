"""Time per frame and memory of several trackers that take turns on the same video."""

import os
import platform
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from math import prod, sqrt
from pathlib import Path
from typing import Any

import numpy as np

from mobilevos.benchmark.contestants import Film, Guest, Ours
from mobilevos.benchmark.peers import Entry, Peer
from mobilevos.benchmark.process_memory import peak_mb, resident_mb
from mobilevos.errors import InputError
from mobilevos.runtimes.registry import model_card

FRAME_SIZE = (480, 854)
"""The usual size for comparisons in this field (DAVIS 480p)."""
PEER_SIZE = (480, 864)
"""What peers see: the same at multiples of 16, to which most of them would pad it."""
WARM_UP = 10
"""First frames of ours that count neither for time nor for memory growth."""


@dataclass(frozen=True)
class Row:
    """One contestant's result."""

    name: str
    input: str
    """Width x height of what the network sees; where it follows the object, of the frame that is median in area."""
    frames: int
    """How many were timed."""
    median_ms: float
    """Of one step alone, without decoding."""
    p90_ms: float
    slowdown: float | None
    """Median of the last third of the frames over that of the first third; None for peers, which run too few."""
    peak_mb: float | None
    """Peak resident memory of the process, MiB. All of ours share one and count together; each peer has its own."""
    growth_mb: float | None
    """Resident memory of our process at the end minus that after the first tenth of the frames, MiB."""
    params_m: float
    gmacs: float | None
    """Multiply-accumulate operations of the second step, in thousand millions; None where PyTorch is not there."""

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return asdict(self)


def measure(
    model: str,
    sizes: Sequence[int],
    runtimes: Sequence[str],
    frames: int,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    peers: Sequence[Entry] = (),
    peer_frames: int = 5,
) -> list[Row]:
    """Run every size on every runtime, and peers, frame by frame in turn, on the embedded sample enlarged to 480p.

    One object is followed. Peers see the whole frame at 480 x 864; with them comes a row of ours that sees just that
    too. As a peer may take seconds for a frame, peers join ``peer_frames`` turns only, spread evenly over the run,
    after two frames each that are not timed.
    What they are asked for is thus the start of a video, before a growing memory makes some of them slower.

    Raises:
        InputError: too few frames to say anything, a senseless size, or a peer whose code fails.
        ModelNotFound: no such model, or a damaged file.
        RuntimeUnavailable: a runtime, or a package that a peer needs, is not installed.
    """
    if frames < 3 * WARM_UP:
        raise InputError(f"{frames} frames are too few to measure; give at least {3 * WARM_UP}.")
    if not 1 <= peer_frames <= frames:
        raise InputError(f"Peers cannot take part in {peer_frames} of {frames} turns; give 1 to {frames}.")
    parameters = model_card(model)["parameters_m"]
    film = Film(FRAME_SIZE)
    views = [(str(size), size, True) for size in sizes]
    if peers:
        views.append(("whole", round(sqrt(prod(PEER_SIZE))), False))
    ours = [
        Ours(f"{model} {title} {runtime}", film, model, runtime, threads, size, follow)
        for title, size, follow in views
        for runtime in runtimes
    ]
    with ExitStack() as stack:
        started = [stack.enter_context(Peer(entry, threads)) for entry in peers]
        peer_film = Film(PEER_SIZE) if started else film
        guests = [Guest(peer, peer_film) for peer in started]
        turns = {int((index + 0.5) * frames / peer_frames) for index in range(peer_frames)}
        all_of_them: list[Ours | Guest] = [*ours, *guests]
        early: float | None = None
        for index in range(frames):
            for contestant in all_of_them if index in turns else ours:
                contestant.step(index + 1)
            if index == max(WARM_UP, frames // 10):
                early = resident_mb()
            if progress:
                progress(index + 1, frames)
        late, peak = resident_mb(), peak_mb()
        growth = None if early is None or late is None else late - early
        peaks = [guest.peer.peak_mb() for guest in guests]
    rows = []
    for one in ours:  # operations are counted last: PyTorch would add to the memory
        times = np.array(one.times[WARM_UP:])
        third = len(times) // 3
        slowdown = float(np.median(times[-third:]) / np.median(times[:third]))
        rows.append(_row(one, times, slowdown, peak, growth, parameters, one.gmacs()))
    for guest, own_peak in zip(guests, peaks, strict=True):
        times = np.array(guest.times)
        rows.append(_row(guest, times, None, own_peak, None, guest.peer.parameters_m, guest.gmacs))
    return rows


def describe_machine() -> str:
    """Processor, cores and versions, in one line."""
    import onnxruntime

    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        processor = names[0] if names else processor
    return (
        f"{processor}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, "
        f"onnxruntime {onnxruntime.__version__}"
    )


def _row(
    contestant: Ours | Guest,
    times: np.ndarray,
    slowdown: float | None,
    peak: float | None,
    growth: float | None,
    parameters: float,
    gmacs: float | None,
) -> Row:
    height, width = contestant.input_size
    median, p90 = float(np.median(times)), float(np.percentile(times, 90))
    size = f"{width}x{height}"
    return Row(contestant.name, size, len(times), median, p90, slowdown, peak, growth, parameters, gmacs)
