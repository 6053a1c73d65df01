"""Line charts as inline SVG, without another package: legible from the width of a phone on, light and dark."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

COLOURS = 8
"""Series beyond so many share colours; their lines are dashed and their points hollow."""
STYLE = """
.chart { width: 100%; max-width: 44rem; height: auto; display: block; }
.chart text { font: 11px system-ui, sans-serif; fill: currentColor; }
.chart .grid { stroke: currentColor; stroke-opacity: .18; }
.chart polyline { fill: none; stroke: var(--c); stroke-width: 1.6; stroke-linejoin: round; }
.chart circle { fill: var(--c); stroke: var(--c); stroke-width: 1.2; }
.again polyline { stroke-dasharray: 5 3; } .again circle { fill: none; }
.legend { list-style: none; padding: 0; font-size: .85rem; }
.legend i { display: inline-block; width: .8em; height: .8em; margin-right: .5em; border: 2px solid var(--c); }
.legend i { background: var(--c); } .legend .again i { background: none; border-style: dashed; }
.c0 { --c: #0072b2; } .c1 { --c: #d55e00; } .c2 { --c: #00805d; } .c3 { --c: #b0488a; }
.c4 { --c: #806600; } .c5 { --c: #3a7fd5; } .c6 { --c: #7a5195; } .c7 { --c: #666666; }
@media (prefers-color-scheme: dark) {
.c0 { --c: #56b4e9; } .c1 { --c: #ff8c42; } .c2 { --c: #3fd0a4; } .c3 { --c: #ee9bcb; }
.c4 { --c: #f0e442; } .c5 { --c: #9dbcff; } .c6 { --c: #c9a0ff; } .c7 { --c: #b8b8b8; }
}
"""
"""What a page with charts needs in its style sheet."""
_WIDTH, _HEIGHT = 360, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 14, 12, 40
_MOST_TICKS = 6


@dataclass(frozen=True)
class Series:
    """Points (x, y) in the order in which a line connects them."""

    name: str
    points: Sequence[tuple[float, float]]
    labels: Sequence[str] = ()
    """A word beside each point, or an empty one."""
    dots: bool = True
    """Show each point, and not the line alone."""


def chart(series: Sequence[Series], x_label: str, y_label: str, *, y_from_zero: bool = True) -> str:
    """An SVG element and the list that tells the series apart; x begins at 0.

    Args:
        series: at least one, with at least one point each.
        x_label: quantity and unit along the horizontal axis.
        y_label: the same of the vertical axis; it is also what a screen reader reads.
        y_from_zero: begin at 0; otherwise below the smallest value.
    """
    xs = [x for one in series for x, _ in one.points]
    ys = [y for one in series for _, y in one.points]
    x_ticks, y_ticks = _ticks(0, max(xs)), _ticks(0 if y_from_zero else min(ys), max(ys))

    def place(x: float, y: float) -> tuple[float, float]:
        across = (x - x_ticks[0]) / (x_ticks[-1] - x_ticks[0])
        up = (y - y_ticks[0]) / (y_ticks[-1] - y_ticks[0])
        return (
            round(_LEFT + across * (_WIDTH - _LEFT - _RIGHT), 1),
            round(_HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM), 1),
        )

    parts = []
    for tick in y_ticks:
        _, y = place(x_ticks[0], tick)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text x="{_LEFT - 5}" y="{y + 4}" text-anchor="end">{tick:g}</text>')
    for tick in x_ticks:
        x, y = place(tick, y_ticks[0])
        parts.append(f'<line class="grid" x1="{x}" x2="{x}" y1="{_TOP}" y2="{y}"/>')
        parts.append(f'<text x="{x}" y="{y + 14}" text-anchor="middle">{tick:g}</text>')
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{_HEIGHT - 6}" text-anchor="middle">{escape(x_label)}</text>')
    half = (_TOP + _HEIGHT - _BOTTOM) / 2
    turn = f'transform="rotate(-90 11 {half})"'
    parts.append(f'<text x="11" y="{half}" text-anchor="middle" {turn}>{escape(y_label)}</text>')
    for index, one in enumerate(series):
        placed = [place(*point) for point in one.points]
        parts.append(f'<g class="{_colour(index)}"><title>{escape(one.name)}</title>')
        parts.append(f'<polyline points="{" ".join(f"{x},{y}" for x, y in placed)}"/>')
        parts += [f'<circle cx="{x}" cy="{y}" r="3"/>' for x, y in placed if one.dots]
        for (x, y), label in zip(placed, one.labels, strict=False):
            if not label:
                continue
            beside, anchor = (x - 6, "end") if x > middle else (x + 6, "start")
            parts.append(f'<text x="{beside}" y="{y - 5}" text-anchor="{anchor}">{escape(label)}</text>')
        parts.append("</g>")
    described = escape(f"{y_label} against {x_label}")
    svg = f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{described}">'
    legend = "".join(f'<li class="{_colour(index)}"><i></i>{escape(one.name)}</li>' for index, one in enumerate(series))
    return "\n".join([svg, *parts, "</svg>", f'<ul class="legend">{legend}</ul>'])


def _colour(index: int) -> str:
    return f"c{index % COLOURS}{' again' * (index // COLOURS % 2)}"


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers at equal distances, the first at most ``low`` and the last at least ``high``."""
    span = max(high - low, 1e-9 + 0.01 * abs(high))
    decade = 10.0 ** floor(log10(span / _MOST_TICKS))
    step = next(factor * decade for factor in (1, 2, 5, 10, 20) if span / (factor * decade) <= _MOST_TICKS - 1)
    first = floor(low / step + 1e-9)
    last = max(ceil(high / step - 1e-9), first + 1)
    return [round(index * step, 10) for index in range(first, last + 1)]
