"""Table, notes, JSON and page say what the rows say."""

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from mobilevos.benchmark import Contestant, Report, Row, page
from mobilevos.benchmark.chart import Series, chart
from mobilevos.benchmark.process import Step
from mobilevos.benchmark.row import row_of_ours, row_of_peer, with_comparisons
from mobilevos.engine.modes import MODES

_CARD = {"modes": {"fast": {"size": 176, "DAVIS-2016 val": 79.5}, "best": {"size": 384, "DAVIS-2016 val": 84.0}}}


def row(size: str = "best", ms: float = 30.0, frames: int = 100, exceeded: str | None = None, **other: object) -> Row:
    """A result of so many ms for each frame."""
    one = Contestant("lite0", size, "onnxruntime", **other)  # type: ignore[arg-type]
    steps = [Step(ms, 100.0, 140.0)] * frames
    return row_of_ours(one.name, one, steps, exceeded, None if exceeded else (352, 416), 1.06, 25.0)


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> Report:
    monkeypatch.setattr(page, "model_card", lambda _: _CARD)
    rows = [
        row("fast", 8.0),
        row(str(MODES["fast"].size), 8.5),
        row("best", 30.0),
        row("best", 39.0, objects=2),
        row("best", 66.0, objects=4),
        row("300", 20.0),
        row("best", 99.0, memory="infinite", exceeded="memory", frames=40),
        row("whole", 71.0),
        row_of_peer("stcn", [Step(2100.0, 900.0, 900.0)] * 5, (480, 864), 54.4, 160.0),
    ]
    return Report("A machine & its <cores>", with_comparisons(rows))


def test_figures_of_known_times() -> None:
    """10 frames to warm up, then 60 from 10 to 21.8 ms; memory grows by 1 MB a frame."""
    times = [500.0] * 10 + [10 + 0.2 * index for index in range(60)]
    steps = [Step(ms, 100.0 + index, 150.0) for index, ms in enumerate(times)]
    one = Contestant("lite0", "fast", "onnxruntime")
    result = row_of_ours("name", one, steps, None, (96, 160), 1.0, None)
    assert (result.name, result.input, result.frames) == ("name", "160x96", 60)
    assert result.median_ms == pytest.approx(15.9)
    assert result.p90_ms == pytest.approx(20.62)
    assert result.last_ms == pytest.approx(21.3)
    assert result.slowdown == pytest.approx(19.9 / 11.9)
    assert (result.peak_mb, result.growth_mb) == (150.0, 59.0)
    assert (result.curve[0], result.curve[-1]) == ((11, 10.0), (70, 21.8))
    many = row_of_ours("name", one, [*steps[:10], *steps[10:] * 20], None, (96, 160), 1.0, None)
    assert len(many.curve) == 60
    assert many.curve[0][0] == pytest.approx(20.5, abs=1)


def test_what_only_every_third_frame_does_counts() -> None:
    steps = [Step(9.0 if index % 3 == 0 else 6.0, 100.0, 100.0) for index in range(70)]
    result = row_of_ours("name", Contestant("lite0", "fast", "onnxruntime"), steps, None, (96, 160), 1.0, None)
    assert (result.median_ms, result.p90_ms) == (pytest.approx(7), 9)


def test_cost_of_an_object() -> None:
    rows = [
        row("best", 40.0, objects=1),
        row("best", 50.0, objects=2),
        row("best", 82.0, objects=8),
        row("fast", 99.0, objects=2),
        row("best", 50.0, objects=2, threads=1),
    ]
    shares = [one.object_share for one in with_comparisons(rows)]
    assert shares == [None, pytest.approx(0.25), pytest.approx(0.15), None, None]  # like is compared with like


def test_peers_are_compared_with_what_is_like_them(report: Report) -> None:
    factors = [one.speedups.get("stcn") for one in report.rows]
    assert factors == [pytest.approx(2100 / ms) for ms in (8, 8.5, 30)] + [None, None, 105, None, 2100 / 71, None]


def test_table_and_notes(report: Report) -> None:
    cells = {line[0]: line[1:] for line in report.table()}
    assert cells["lite0 best onnxruntime"] == [
        "416x352",
        "30.0",
        "30.0",
        "30.0",
        "33.3",
        "25.0",
        "140",
        "0.00",
        "1.06",
        "-",
    ]
    assert cells["lite0 best onnxruntime, infinite memory"] == [
        "-",
        "X",
        "X",
        "X",
        "X",
        "X",
        "140",
        "0.00",
        "1.06",
        "-",
    ]
    assert cells["stcn"] == ["864x480", "2100", "2100", "-", "0.48", "-", "900", "-", "54.4", "160"]
    notes = report.notes()
    assert "lite0 best onnxruntime, infinite memory: left after 30 frames, over the limit of memory" in notes
    assert (
        "lite0 best onnxruntime: cost of each further object, in parts of the first one's: 0.30 with 2, 0.40 with 4"
        in notes
    )
    assert "lite0 best onnxruntime: 70.0 x as fast as stcn" in notes
    assert notes[-1] == "A machine & its <cores>"
    started = Report("", [replace(report.rows[0], startup_s=0.812)]).notes()
    assert "Start to first mask, lite0 onnxruntime: 0.81 s" in started


def test_json_is_flat_and_keeps_its_names(report: Report) -> None:
    found = report.to_dict()
    assert set(found) == {"machine", "rows"}
    for one in found["rows"]:
        assert {"name", "median_ms", "p90_ms", "params_m", "peak_mb", "end_to_end_fps", "startup_s"} <= set(one)
        assert "contestant" not in one
    assert found["rows"][3]["objects"] == 2
    assert found["rows"][6]["exceeded"] == "memory"


def test_page_has_a_point_for_each_row(report: Report) -> None:
    text = page.page(report, "mobilevos benchmark --frames 100 --mask 'a & b'")
    root = ElementTree.fromstring(text.removeprefix("<!DOCTYPE html>"))
    words = " ".join("".join(root.itertext()).split())
    assert "A machine & its <cores>" in words
    assert "mobilevos benchmark --frames 100 --mask 'a & b'" in words
    assert len(root.findall(".//tbody/tr")) == len(report.rows)
    assert "http" not in text
    assert "<script" not in text
    quality, time, objects = root.iter("svg")
    assert len(list(quality.iter("circle"))) == 3  # whose J&F is known: fast, its size in pixels, best
    assert len(list(time.iter("polyline"))) == 8  # all but the peer
    assert len(list(objects.iter("circle"))) == 3
    assert not list(Report("", []).rows)
    assert "<svg" not in page.page(Report("", [report.rows[-1]]), "")


def test_chart_puts_points_where_they_belong() -> None:
    drawn = chart([Series("one <&>", [(0, 0), (10, 40), (20, 80)], ["a", "", "c"])], "x", "y")
    root = ElementTree.fromstring(f"<div>{drawn}</div>")
    svg = root.find("svg")
    assert svg is not None
    dots = np.array([[float(dot.get(name, "")) for name in ("cx", "cy")] for dot in svg.iter("circle")])
    np.testing.assert_allclose(dots[1], (dots[0] + dots[2]) / 2, atol=0.1)
    words = [(text.text, float(text.get("x", "")), float(text.get("y", ""))) for text in svg.iter("text")]
    assert [word for word, _, _ in words if word in "ac"] == ["a", "c"]
    numbers = {word: (x, y) for word, x, y in words if re.fullmatch(r"\d+", word or "")}
    assert numbers["20"][0] == pytest.approx(dots[2][0])
    assert numbers["80"][1] == pytest.approx(dots[2][1] + 4, abs=0.2)
    width, height = (float(side) for side in svg.get("viewBox", "").split()[2:])
    assert all(0 <= x <= width and 0 <= y <= height for _, x, y in words)
    assert "".join(root.find("ul").itertext()) == "one <&>"  # type: ignore[union-attr]


@pytest.mark.parametrize("values", [(0.0, 0.0), (81.2, 81.2), (79.4, 80.1), (0.003, 1200.0), (3.0, 1e-7)])
def test_chart_of_any_range(values: tuple[float, float]) -> None:
    for from_zero in (True, False):
        drawn = chart([Series("s", [(1, value) for value in values])], "x", "y", y_from_zero=from_zero)
        heights = [float(y) for y in re.findall(r'cy="([\d.]+)"', drawn)]
        assert len(heights) == 2
        assert all(10 <= y <= 202 for y in heights)
        ticks = re.findall(r'text-anchor="end">([^<]+)<', drawn)
        assert 2 <= len(ticks) <= 8
        assert len(set(ticks)) == len(ticks)


def test_command_prints_and_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], report: Report
) -> None:
    from mobilevos.commands.measure import benchmark

    monkeypatch.setattr("mobilevos.benchmark.measure", lambda *_: report.rows)
    monkeypatch.setenv("COLUMNS", "80")
    benchmark(report=tmp_path / "page.html")
    out = capsys.readouterr().out
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "stcn 864x480 2100 2100 - 0.48 - 900 - 54.4 160" in lines
    assert all(len(line) <= 80 for line in out.splitlines()[:10])
    assert "<svg" in (tmp_path / "page.html").read_text()


def test_a_size_alone_is_not_the_finest_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which sees frames from both sides: its score is no other's."""
    monkeypatch.setattr(page, "model_card", lambda _: {"modes": {"finest": {"size": 512, "DAVIS-2016 val": 84.7}}})
    text = page.page(Report("A machine", [row("512", 60.0)]), "mobilevos benchmark")
    assert "Quality against speed" not in text
    text = page.page(Report("A machine", [row("finest", 120.0)]), "mobilevos benchmark")
    assert "Quality against speed" in text
