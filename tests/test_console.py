"""What commands show, on a terminal and without one."""

import io
from collections.abc import Callable
from contextlib import redirect_stderr

import pytest

from mobilevos import console
from mobilevos.console import Progress, missing_module, print_table


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(console, "QUIET_SECONDS", 0.0)


def shown(stream: io.StringIO, work: Callable[[], None]) -> str:
    """What some work writes on standard error while that is the given stream."""
    with redirect_stderr(stream):
        work()
    return stream.getvalue()


def segment(quiet: bool = False) -> None:
    with Progress("Segmenting", quiet=quiet) as progress:
        for done in range(1, 4):
            progress(done, 3)


def fail() -> None:
    with Progress("Segmenting") as progress:
        progress(1, None)
        raise ZeroDivisionError


def train() -> None:
    with Progress("Training") as progress:
        progress.figures(40)(20, {"loss": 0.51234, "iou": 0.7})


def test_bar_shows_on_a_terminal() -> None:
    text = shown(Terminal(), segment)
    assert all(part in text for part in ("Segmenting", "3/3", "FPS"))


def test_short_work_shows_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "QUIET_SECONDS", 2.0)
    assert "Segmenting" not in shown(Terminal(), segment)


def test_no_bar_when_quiet_or_without_a_terminal() -> None:
    assert shown(Terminal(), lambda: segment(quiet=True)) == ""
    assert shown(io.StringIO(), segment) == ""


def test_bar_goes_when_the_work_fails() -> None:
    terminal = Terminal()
    with pytest.raises(ZeroDivisionError):
        shown(terminal, fail)
    assert "Segmenting" in terminal.getvalue()
    assert terminal.getvalue().endswith("\x1b[2K"), "the bar's line is erased at the end"


def test_figures_beside_the_bar_or_as_lines() -> None:
    beside = shown(Terminal(), train)
    assert "20/40" in beside
    assert "loss 0.5123 iou 0.7" in beside
    assert shown(io.StringIO(), train) == "20/40 loss 0.5123 iou 0.7\n"


def test_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("clip", "J"), [["bear", "9.1"], ["a-camel", "82.0"]])
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines == ["clip        J", "bear      9.1", "a-camel  82.0"]


@pytest.mark.parametrize(("module", "advice"), [("PIL.Image", "pip install mobilevos."), ("torch._C", "[train]'.")])
def test_missing_module(module: str, advice: str) -> None:
    sentence = missing_module(ModuleNotFoundError(name=module))
    assert sentence.startswith(f"This needs {module.partition('.')[0]}, which is not installed")
    assert sentence.endswith(advice)
