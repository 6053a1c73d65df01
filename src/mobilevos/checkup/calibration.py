"""The best quality that holds a frame rate on this machine: a measurement of half a second, remembered."""

import json
import platform
from contextlib import suppress
from math import lcm, sqrt
from pathlib import Path
from time import perf_counter

import numpy as np

from mobilevos import __version__
from mobilevos.engine.modes import DEFAULT_MODE, LIVE
from mobilevos.engine.region import STRIDE
from mobilevos.errors import InputError
from mobilevos.json_text import parse_json
from mobilevos.machine.cache import cache_folder
from mobilevos.machine.cores import core_quota, cores
from mobilevos.runtimes import Runtime, load_runtime
from mobilevos.tracker import Tracker
from mobilevos.weights.store import has_fixed_shapes, model_folder

FRAME_SIZE = (480, 854)
PROBES = tuple(mode.size for mode in LIVE.values())
"""Internal sizes that are timed; a frame's time is a constant and a part that grows with the size squared."""
TURN = lcm(*(mode.refresh for mode in LIVE.values()))
"""Frames after which every mode has renewed its memory as often as any other time."""
WARM_UP, TIMED = 3, 3 * TURN
HEADROOM = 0.75
"""Share of a frame's time for the tracker; the rest is for decoding, showing or writing, and for a busy machine."""
SMALLEST = 96
"""Internal size below which masks are of no use."""


def size_for(fps: float, model: str = "lite0", runtime: str = "auto", threads: int | None = None) -> int:
    """The largest internal size, px, up to the best mode's, at which one object is followed at ``fps`` frames a second.

    Args:
        fps: of a 480p video, decoding included.
        model: as in ``Tracker``.
        runtime: as in ``Tracker``.
        threads: as in ``Tracker``.

    Raises:
        InputError: a senseless rate, or one that this machine does not reach.
        ModelNotFound: no such model.
        RuntimeUnavailable: the runtime is not installed.
    """
    if not fps > 0:
        raise InputError(f"The frame rate is {fps:g}; it must be above 0.")
    constant, per_pixel = _remembered(model, runtime, threads)
    left = HEADROOM * 1000 / fps - constant
    if left < per_pixel * SMALLEST**2:
        most = HEADROOM * 1000 / (constant + per_pixel * SMALLEST**2)
        raise InputError(f"This machine does not reach {fps:g} FPS with {model}; it can hold about {most:.0f}.")
    return min(int(sqrt(left / per_pixel)) // STRIDE * STRIDE, LIVE[DEFAULT_MODE].size)


def measure(runtime: Runtime) -> tuple[float, float]:
    """Milliseconds of a frame: a constant, and a factor of the internal size squared."""
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (2, *FRAME_SIZE, 3), dtype=np.uint8)
    mask = np.zeros(FRAME_SIZE, np.uint8)
    mask[120:360, 300:540] = 1
    trackers = [Tracker(runtime=runtime, size=size, follow=False) for size in PROBES]
    times = np.zeros((TIMED, len(PROBES)))
    for tracker in trackers:
        tracker.start(frames[0], mask)
    for turn in range(-WARM_UP, TIMED):
        for column, tracker in enumerate(trackers):
            begin = perf_counter()
            tracker.step(frames[turn % 2])
            times[max(turn, 0), column] = 1000 * (perf_counter() - begin)
    turns = times.reshape(-1, TURN, len(PROBES)).mean(1)  # only one frame of each turn is memorised
    slope, constant = np.polyfit(np.square(PROBES), np.median(turns, 0), 1)
    return max(float(constant), 0.0), max(float(slope), 1e-9)


def _remembered(model: str, runtime: str, threads: int | None) -> tuple[float, float]:
    """As ``measure``; from the cache if this model was measured before on these cores, with this quota of them."""
    place = (Path(model) if model.endswith(".safetensors") else model_folder(model)).resolve()
    if has_fixed_shapes(place):
        raise InputError(f"{model} was exported for one size, so there is none to choose for a frame rate.")
    written = max((path.stat().st_mtime_ns for path in (place, *place.glob("*")) if path.exists()), default=0)
    told = (__version__, platform.node(), cores(), core_quota(), place, written, runtime, threads)
    key = " | ".join(map(str, told))
    path = cache_folder() / "speed.json"
    known: dict[str, list[float]] = {}
    with suppress(OSError, ValueError):
        known = parse_json(path.read_text())
    with suppress(KeyError, TypeError, ValueError):
        constant, per_pixel = map(float, known[key])
        return constant, per_pixel
    found = measure(load_runtime(model, runtime, threads))
    with suppress(OSError):  # a cache that cannot be written costs half a second the next time
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({**known, key: found} if isinstance(known, dict) else {key: found}))
    return found
