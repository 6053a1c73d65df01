"""Time per frame and memory of several trackers that take turns on the same video."""

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from mobilevos import sample
from mobilevos.benchmark.process_memory import peak_mb, resident_mb
from mobilevos.errors import InputError
from mobilevos.runtimes.registry import model_card
from mobilevos.tracker import Tracker
from mobilevos.video.masks import load_mask
from mobilevos.video.reader import open_frames

FRAME_SIZE = (480, 854)
"""The usual size for comparisons in this field (DAVIS 480p)."""
WARM_UP = 10
"""First frames that count neither for time nor for memory growth."""


@dataclass(frozen=True)
class Row:
    """One contestant's result."""

    name: str
    median_ms: float
    """Of ``Tracker.step`` alone, without decoding."""
    p90_ms: float
    slowdown: float
    """Median of the last third of the frames over that of the first third."""
    peak_mb: float | None
    """Peak resident memory of the process, MiB: with several contestants, of all of them together."""
    growth_mb: float | None
    """Resident memory of the process at the end minus that after the first tenth of the frames, MiB."""
    params_m: float

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
) -> list[Row]:
    """Run every size on every runtime, frame by frame in turn, on the embedded sample enlarged to 480 x 854.

    The sample plays forwards and backwards until there are enough frames. One object is followed.

    Raises:
        InputError: too few frames to say anything, or a senseless size.
        ModelNotFound: no such model, or a damaged file.
        RuntimeUnavailable: a runtime is not installed.
    """
    if frames < 3 * WARM_UP:
        raise InputError(f"{frames} frames are too few to measure; give at least {3 * WARM_UP}.")
    parameters = model_card(model)["parameters_m"]
    video, mask = _sample()
    trackers = {
        f"{model} {size} {runtime}": Tracker(model, runtime, threads, size) for size in sizes for runtime in runtimes
    }
    for tracker in trackers.values():
        tracker.start(video[0], mask)
    order = [*range(1, len(video)), *range(len(video) - 2, -1, -1)]
    times: dict[str, list[float]] = {name: [] for name in trackers}
    early: float | None = None
    for index in range(frames):
        frame = video[order[index % len(order)]]
        for name, tracker in trackers.items():
            begin = perf_counter()
            tracker.step(frame)
            times[name].append(1000 * (perf_counter() - begin))
        if index == max(WARM_UP, frames // 10):
            early = resident_mb()
        if progress:
            progress(index + 1, frames)
    late, peak = resident_mb(), peak_mb()
    growth = None if early is None or late is None else late - early
    return [_row(name, np.array(values[WARM_UP:]), peak, growth, parameters) for name, values in times.items()]


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


def _sample() -> tuple[list[np.ndarray], np.ndarray]:
    from PIL import Image

    size = FRAME_SIZE[::-1]
    video = [
        np.asarray(Image.fromarray(frame).resize(size, Image.Resampling.BILINEAR))
        for frame in open_frames(sample.clip_path())
    ]
    mask = load_mask(sample.mask_path()) == 1
    return video, np.asarray(Image.fromarray(mask.astype(np.uint8)).resize(size, Image.Resampling.NEAREST))


def _row(name: str, ms: np.ndarray, peak: float | None, growth: float | None, parameters: float) -> Row:
    third = len(ms) // 3
    slowdown = float(np.median(ms[-third:]) / np.median(ms[:third]))
    return Row(name, float(np.median(ms)), float(np.percentile(ms, 90)), slowdown, peak, growth, parameters)
