"""A benchmark as one static page: the table, and what only plots can say."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape

from mobilevos.benchmark.chart import STYLE, Series, chart
from mobilevos.benchmark.grid import SAMPLE, Contestant, named
from mobilevos.benchmark.report import HEADERS, Report
from mobilevos.benchmark.row import Row
from mobilevos.engine.modes import MODES, mode_of
from mobilevos.weights.store import model_card

SCORE = "DAVIS-2016 val"
"""The data set whose J&F is plotted; a model's card has it for each mode."""

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .6rem; text-align: right; white-space: nowrap; border-bottom: 1px solid #8884; }
th:first-child, td:first-child { text-align: left; }
code { overflow-wrap: anywhere; }
"""


def page(report: Report, command: str) -> str:
    """HTML that needs nothing else, and no JavaScript; ``command`` is what to type for the same.

    A plot is left out if there is nothing to show in it.
    """
    plots = [
        ("Quality against speed", _quality(report.rows), f"J&F on {SCORE}, %", "FPS (tracker alone)", False),
        ("Time over the video", _time(report.rows), "ms per frame", "frame", True),
        ("Cost of several objects", _objects(report.rows), "ms per frame", "objects", True),
    ]
    parts = [
        f"<h2>{title}</h2>\n{chart(series, x_label, y_label, y_from_zero=from_zero)}"
        for title, series, y_label, x_label, from_zero in plots
        if series
    ]
    head = "".join(f"<th>{escape(text)}</th>" for text in HEADERS)
    body = "\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in report.table())
    notes = "\n".join(f"<p>{escape(line)}</p>" for line in report.notes())
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>MobileVOS benchmark</title>
<style>{_STYLE}{STYLE}</style>
</head>
<body>
<h1>MobileVOS benchmark</h1>
<p><code>{escape(command)}</code></p>
<div class="wide"><table>
<thead><tr>{head}</tr></thead>
<tbody>
{body}
</tbody>
</table></div>
{notes}
{"".join(parts)}
</body>
</html>
"""


def _quality(rows: Sequence[Row]) -> list[Series]:
    """J&F against frames per second: a line for each model, its points the sizes whose score is known.

    Scores are those of a finite memory on videos, so no other rows are like them.
    """

    def point(one: Contestant, ms: float) -> tuple[float, float] | None:
        score = _score(one) if (one.video, one.memory, one.objects) == (SAMPLE, "finite", 1) else None
        return None if score is None else (1000 / ms, score)

    return _lines(rows, lambda one: replace(one, size=""), point, lambda one: one.size)


def _time(rows: Sequence[Row]) -> list[Series]:
    return [Series(row.name, row.curve, dots=False) for row in rows if row.curve]


def _objects(rows: Sequence[Row]) -> list[Series]:
    """Time against the number of objects, of those that ran with several numbers."""
    lines = _lines(rows, lambda one: replace(one, objects=1), lambda one, ms: (one.objects, ms), lambda _: "")
    return [line for line in lines if len(line.points) > 1]


def _lines(
    rows: Sequence[Row],
    like: Callable[[Contestant], Contestant],
    point: Callable[[Contestant, float], tuple[float, float] | None],
    label: Callable[[Contestant], str],
) -> list[Series]:
    """One line for all rows that are ``like`` each other, through their points, by x."""
    found: dict[Contestant, list[tuple[tuple[float, float], str]]] = {}
    for row in rows:
        if row.contestant is None or row.median_ms is None:
            continue
        placed = point(row.contestant, row.median_ms)
        if placed is not None:
            found.setdefault(like(row.contestant), []).append((placed, label(row.contestant)))
    names = named(found)
    return [
        Series(
            " ".join(names[one].split()), [place for place, _ in sorted(points)], [text for _, text in sorted(points)]
        )
        for one, points in found.items()
    ]


def _score(one: Contestant) -> float | None:
    """J&F of a model at a size, from its card; a size alone is as good as the mode that it amounts to."""
    for mode, known in model_card(one.model).get("modes", {}).items():
        alike = one.size == mode or (mode in MODES and mode_of(one.mode) == mode_of(mode))
        if SCORE in known and one.follow and alike:
            return float(known[SCORE])
    return None
