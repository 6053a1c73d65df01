"""What is said of a benchmark: one table, a few lines under it, one JSON."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from mobilevos.benchmark.grid import Contestant, named
from mobilevos.benchmark.row import Row

HEADERS = ("contestant", "input", "ms", "p90", "last", "FPS", "file", "MB", "+MB", "M", "GMAC")
LEGEND = (
    "FPS: tracker alone; file: FPS from the H.264 file to the label map; last: ms in the last tenth of the frames; "
    "MB: peak memory of the contestant's process; +MB: its growth; M: million parameters; "
    "X: a limit of memory or time was exceeded"
)


@dataclass(frozen=True)
class Report:
    """Results and where they come from."""

    machine: str
    """See ``describe_machine``."""
    rows: Sequence[Row]

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return {"machine": self.machine, "rows": [row.to_dict() for row in self.rows]}

    def table(self) -> list[list[str]]:
        """One line of cells for each row, under ``HEADERS``."""
        return [_cells(row) for row in self.rows]

    def notes(self) -> list[str]:
        """What the table does not say, line by line."""
        lines = [LEGEND]
        lines += [
            f"{row.name}: left after {row.frames} frames, over the limit of {row.exceeded}"
            for row in self.rows
            if row.exceeded
        ]
        lines += [
            f"{name}: cost of each further object, in parts of the first one's: {', '.join(parts)}"
            for name, parts in self._object_shares().items()
        ]
        lines += [
            f"{row.name}: {', '.join(f'{short(factor)} x as fast as {peer}' for peer, factor in row.speedups.items())}"
            for row in self.rows
            if row.speedups
        ]
        slowdowns = [row.slowdown for row in self.rows if row.slowdown is not None]
        if slowdowns:
            span = f"{min(slowdowns):.2f} to {max(slowdowns):.2f}"
            lines.append(f"Last third of the frames against the first: {span} of the time")
        starts = {
            f"{row.contestant.model} {row.contestant.runtime}": row.startup_s for row in self.rows if row.contestant
        }
        lines += [f"Start to first mask, {name}: {seconds:.2f} s" for name, seconds in starts.items() if seconds]
        return [*lines, self.machine]

    def _object_shares(self) -> dict[str, list[str]]:
        shares: dict[Contestant, list[str]] = {}
        for row in self.rows:
            if row.contestant and row.object_share is not None:
                part = f"{row.object_share:.2f} with {row.contestant.objects}"
                shares.setdefault(replace(row.contestant, objects=1), []).append(part)
        names = named(shares)
        return {names[one]: parts for one, parts in shares.items()}


def short(value: float | None) -> str:
    """Three digits; a dash for None."""
    return "-" if value is None else f"{value:.{2 - (abs(value) >= 10) - (abs(value) >= 100)}f}"


def _cells(row: Row) -> list[str]:
    fps = None if row.median_ms is None else 1000 / row.median_ms
    timed = [row.median_ms, row.p90_ms, row.last_ms, fps, row.end_to_end_fps]
    rest = [row.peak_mb, row.growth_mb, row.params_m, row.gmacs]
    return [row.name, row.input or "-", *("X" if row.exceeded else short(value) for value in timed), *map(short, rest)]
