"""The chart of docs/results.md: J&F on DAVIS-2016 val against frames per second on two cores.

    python benchmarks/chart.py -o docs/chart.svg

Our J&F and all times are those of docs/results.md (2026-11-30, Intel Xeon with AVX-512 and AMX, 2 cores; one run).
The others' J&F are their authors' own, of trained weights, which are not needed to take the time.
"""

from html import escape
from math import log10
from pathlib import Path
from typing import Annotated, NamedTuple

from cyclopts import Parameter
from script import run


class System(NamedTuple):
    """One point."""

    name: str
    milliseconds: float
    score: float
    source: str
    """Of a score that is not ours."""

    @property
    def fps(self) -> float:
        """Frames per second."""
        return 1000 / self.milliseconds


SYSTEMS = (
    System("STM", 2149, 89.3, "ICCV 2019"),
    System("STCN", 1595, 91.7, "README of its code, with BL30K"),
    System("XMem", 1706, 91.5, "docs/RESULTS.md of its code"),
    System("AOT-T", 1183, 87.5, "MODEL_ZOO.md of its code"),
    System("MobileVOS best", 21.7, 83.7, ""),
    System("balanced", 16.9, 83.3, ""),
    System("fast", 8.59, 76.5, ""),
)
WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 60, 30, 30, 60
SLOWEST, FASTEST = 0.2, 400.0
LOWEST, HIGHEST = 65.0, 95.0
REAL_TIME = 25


def across(fps: float) -> float:
    """Pixels from the left of a rate."""
    share = log10(fps / SLOWEST) / log10(FASTEST / SLOWEST)
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def down(score: float) -> float:
    """Pixels from the top of a J&F."""
    return HEIGHT - BOTTOM - (score - LOWEST) / (HIGHEST - LOWEST) * (HEIGHT - TOP - BOTTOM)


def chart() -> str:
    """The chart as SVG."""
    bottom, right, live = HEIGHT - BOTTOM, WIDTH - RIGHT, across(REAL_TIME)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        ' font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<rect x="{live:.1f}" y="{TOP}" width="{right - live:.1f}" height="{bottom - TOP}" fill="#e9f5ee"/>',
        _text(live + 6, bottom - 8, "real time", "start", "#2c7a4b"),
    ]
    for fps in (0.3, 1, 3, 10, 30, 100, 300):
        x = across(fps)
        parts += [_line(x, TOP, x, bottom), _text(x, bottom + 18, f"{fps:g}")]
    for score in range(int(LOWEST), int(HIGHEST) + 1, 5):
        y = down(score)
        parts += [_line(LEFT, y, right, y), _text(LEFT - 8, y + 4, str(score), "end")]
    parts += [
        _text((LEFT + right) / 2, HEIGHT - 16, "frames per second on two CPU cores, 480p (logarithmic)"),
        f'<g transform="rotate(-90 18 {(TOP + bottom) / 2})">'
        f"{_text(18, (TOP + bottom) / 2, 'J&F on DAVIS-2016 val')}</g>",
    ]
    for system in SYSTEMS:
        x, y = across(system.fps), down(system.score)
        colour = "#888" if system.source else "#c8321f"
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{colour}"/>',
            _label(system, x, y, colour),
        ]
    return "\n".join([*parts, "</svg>", ""])


def _label(system: System, x: float, y: float, colour: str) -> str:
    """A name beside its point: ours on the side where there is room, the others', which crowd, on their own heights."""
    if not system.source:
        before = system is SYSTEMS[4]
        return _text(x - 11 if before else x + 11, y + 4, system.name, "end" if before else "start", colour)
    lift = {"STCN": -4, "XMem": 12}.get(system.name, 4)
    return _text(x + 11, y + lift, system.name, "start", "#555")


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#ddd"/>'


def _text(x: float, y: float, words: str, anchor: str = "middle", colour: str = "#333") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'


def main(*, out: Annotated[Path, Parameter(name=("--out", "-o"))] = Path("chart.svg")) -> None:
    """Draw the chart, and print what it shows.

    Parameters
    ----------
    out
        SVG file.
    """
    out.write_text(chart(), encoding="utf-8")
    for system in SYSTEMS:
        source = f" ({system.source})" if system.source else ""
        print(f"{system.name}: {system.fps:.2f} FPS, J&F {system.score}{source}")


if __name__ == "__main__":
    run(main)
