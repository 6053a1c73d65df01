"""Results of a benchmark."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilevos.benchmark.grid import SAMPLE, Contestant
from mobilevos.benchmark.process import Step
from mobilevos.engine.modes import mode_of

WARM_UP = 10
"""First frames of ours that count neither for time nor for memory growth."""
CURVE = 60
"""Most places at which the time per frame is reported."""


@dataclass(frozen=True)
class Row:
    """One contestant's result."""

    name: str
    contestant: Contestant | None
    """None for a peer."""
    input: str | None
    """Width x height of what the network sees; where it follows the object, of the frame that is median in area.
    None if a limit was exceeded."""
    frames: int
    """How many were timed."""
    exceeded: str | None
    """"memory" or "time": the limit at which the contestant had to leave; its times then count for nothing."""
    median_ms: float | None
    """Of one step alone, without decoding; of ours, with its share of what only every third does, see ``_typical``.
    None if a limit was exceeded."""
    p90_ms: float | None
    last_ms: float | None
    """Median of the last tenth of the frames; None for peers, which run too few."""
    slowdown: float | None
    """Median of the last third of the frames over that of the first third; None for peers."""
    peak_mb: float | None
    """Peak resident memory of the contestant's own process, MiB, Python and libraries included."""
    growth_mb: float | None
    """Resident memory of the process at the end minus that after the first tenth of the frames, MiB; not for peers."""
    params_m: float
    gmacs: float | None = None
    """Multiply-accumulate operations of the second step, in thousand millions; None where PyTorch is not there."""
    end_to_end_fps: float | None = None
    """Frames per second from opening an H.264 file to the last label map; None for noise and peers."""
    startup_s: float | None = None
    """Seconds from a fresh Python process to the first frame's mask; None for peers."""
    object_share: float | None = None
    """Cost of each object after the first, in units of the first one's; None with one object."""
    speedups: dict[str, float] = field(default_factory=dict)
    """How many times as fast as each peer; only for rows that are like them."""
    curve: list[tuple[int, float]] = field(default_factory=list)
    """Frame number and ms around it, at some places all over the video."""

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for JSON, with those of the contestant among them."""
        own = asdict(self)
        settings = own.pop("contestant") or {}
        return {"name": own.pop("name"), **settings, **own}


def with_comparisons(rows: Sequence[Row]) -> list[Row]:
    """The rows with ``object_share`` and ``speedups``, each taken from rows that differ in just that."""
    alone = {row.contestant: row for row in rows if row.contestant and row.contestant.objects == 1}
    peers = [row for row in rows if row.contestant is None]
    return [replace(row, object_share=_share(row, alone), speedups=_speedups(row, peers)) for row in rows]


def row_of_ours(
    name: str,
    contestant: Contestant,
    steps: Sequence[Step],
    exceeded: str | None,
    size: tuple[int, int] | None,
    parameters_m: float,
    end_to_end_fps: float | None,
) -> Row:
    """What the steps of a contestant say; ``size`` is (height, width) of its input."""
    times = np.array([step.ms for step in steps[WARM_UP:]])
    turn = mode_of(contestant.mode, contestant.model).refresh
    third, tenth = len(times) // 3, max(1, len(times) // 10)
    early, late = steps[min(max(WARM_UP, len(steps) // 10), len(steps) - 1)], steps[-1]
    growth = None if early.resident_mb is None or late.resident_mb is None else late.resident_mb - early.resident_mb
    fair = exceeded is None
    return Row(
        name=name,
        contestant=contestant,
        input=f"{size[1]}x{size[0]}" if size else None,
        frames=len(times),
        exceeded=exceeded,
        median_ms=_typical(times, turn) if fair else None,
        p90_ms=float(np.percentile(times, 90)) if fair else None,
        last_ms=_typical(times[-tenth:], turn) if fair else None,
        slowdown=_typical(times[-third:], turn) / _typical(times[:third], turn) if fair else None,
        peak_mb=late.peak_mb,
        growth_mb=growth,
        params_m=parameters_m,
        end_to_end_fps=end_to_end_fps,
        curve=_curve(times),
    )


def row_of_peer(
    name: str, steps: Sequence[Step], size: tuple[int, int], parameters_m: float, gmacs: float | None
) -> Row:
    """What the steps of a peer say; ``size`` is (height, width) of its input."""
    times = np.array([step.ms for step in steps])
    return Row(
        name=name,
        contestant=None,
        input=f"{size[1]}x{size[0]}",
        frames=len(times),
        exceeded=None,
        median_ms=float(np.median(times)),
        p90_ms=float(np.percentile(times, 90)),
        last_ms=None,
        slowdown=None,
        peak_mb=steps[-1].peak_mb,
        growth_mb=None,
        params_m=parameters_m,
        gmacs=gmacs,
    )


def _typical(times: NDArray[np.float64], turn: int) -> float:
    """Median of the means of consecutive frames: only one in so many is memorised, which a plain median would miss."""
    turn = min(turn, len(times))
    return float(np.median(np.convolve(times, np.full(turn, 1 / turn), "valid")))


def _curve(times: NDArray[np.float64]) -> list[tuple[int, float]]:
    """Median ms of up to ``CURVE`` equal stretches, each with the number of the frame in its middle."""
    stretches = np.array_split(np.arange(len(times)), min(CURVE, len(times))) if len(times) else []
    return [(int(WARM_UP + 1 + part.mean()), round(float(np.median(times[part])), 3)) for part in stretches]


def _share(row: Row, alone: dict[Contestant, Row]) -> float | None:
    if row.contestant is None or row.contestant.objects == 1 or row.median_ms is None:
        return None
    first = alone.get(replace(row.contestant, objects=1))
    if first is None or first.median_ms is None:
        return None
    return (row.median_ms - first.median_ms) / (row.contestant.objects - 1) / first.median_ms


def _speedups(row: Row, peers: Sequence[Row]) -> dict[str, float]:
    one = row.contestant
    if one is None or row.median_ms is None or (one.objects, one.memory, one.video) != (1, "finite", SAMPLE):
        return {}
    return {peer.name: peer.median_ms / row.median_ms for peer in peers if peer.median_ms is not None}
