"""What commands show: progress, tables, JSON, and a mistake as one sentence."""

import io
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from cyclopts import CycloptsError, MissingArgumentError, UnknownCommandError, UnknownOptionError, UnusedCliTokensError
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

QUIET_SECONDS = 2.0
"""Work that is done sooner shows no bar."""

_BASE = ("numpy", "onnxruntime", "PIL", "av")
"""Modules that every installation has; any other belongs to the train extra."""


class Progress:
    """A bar with rate and remaining time on standard error; plain silence if it is not a terminal.

    It is itself the ``progress(done, total)`` callback that the library takes.
    """

    def __init__(self, label: str, *, quiet: bool = False, unit: str = "FPS") -> None:
        self._unit = unit
        self._began = time.perf_counter()
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total}"),
            TextColumn("{task.fields[note]}"),
            TimeRemainingColumn(),
            console=Console(file=sys.stderr),
            transient=True,
            disable=quiet or not sys.stderr.isatty(),
        )
        self._task = self._bar.add_task(label, total=None, note="")

    def __call__(self, done: int, total: int | None) -> None:
        """Show ``done`` of ``total`` (None: unknown)."""
        seconds = time.perf_counter() - self._began
        if seconds > QUIET_SECONDS:
            self._bar.start()
        self._bar.update(self._task, completed=done, total=total, note=f"{done / seconds:.1f} {self._unit}")

    def figures(self, total: int) -> Callable[[int, dict[str, float]], None]:
        """A callback for work that reports figures: shows them beside the bar, or as plain lines without one."""

        def show(done: int, values: dict[str, float]) -> None:
            note = " ".join(f"{name} {value:.4g}" for name, value in values.items())
            if self._bar.disable:
                print(f"{done}/{total} {note}", file=sys.stderr, flush=True)
            else:
                self._bar.start()
                self._bar.update(self._task, completed=done, total=total, note=note)

        return show

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._bar.disable:  # Rich before 14.3 ends with an empty line even so
            self._bar.stop()


def open_missing_streams() -> None:
    """A stream that the process was started without, as ``>&-`` has it, leads nowhere from now on.

    Otherwise the next file that is opened would get its number, and what libraries print.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115 (until the process ends)


def escape_what_cannot_be_shown() -> None:
    """From now on, characters that a stream's encoding lacks are escaped: a file's name may have any."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def print_table(headers: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Print columns on standard output: the first to the left, figures to the right."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for index, header in enumerate(headers):
        table.add_column(header, justify="right" if index else "left")
    for row in rows:
        table.add_row(*map(Text, row))  # as it is: names may look like markup
    Console().print(table)


def print_warning(sentence: str | None) -> None:
    """Print on standard error what a result lacks, if anything."""
    if sentence is not None:
        print(f"mobilevos: {sentence}", file=sys.stderr)


def print_json(value: object) -> None:
    """Print one JSON object on standard output."""
    print(json.dumps(value, indent=2), flush=True)


def usage_mistake(error: CycloptsError) -> str:
    """What is wrong with the command line, in one sentence that names the help to read."""
    command = " ".join(["mobilevos", *(error.command_chain or ())])
    match error:
        case MissingArgumentError(argument=argument) if argument is not None:
            given = error.keyword or (argument.tokens and argument.tokens[0].keyword)
            text = f"{given} needs a value" if given else f"{argument.name} is missing"
        case UnknownOptionError():
            text = f"There is no option {error.token.keyword or error.token.value}"
        case UnknownCommandError(unused_tokens=[token, *_]):
            text = f"There is no command {token!r}"
        case UnusedCliTokensError(unused_tokens=[token, *_]):
            text = f"{token!r} is one argument too many"
        case _:  # a value that does not fit, which the parser explains in up to three sentences
            text = " ".join(str(error).split()).rstrip(".")
            text = re.sub(r"\. ([A-Z])", lambda start: f"; {start[1].lower()}", text)
    return f"{text}; see `{command} --help`."


def missing_module(error: ModuleNotFoundError) -> str:
    """How to get a module that is not installed, in one sentence."""
    package = (error.name or "").partition(".")[0]
    extra = "mobilevos" if package in _BASE else "'mobilevos[train]'"
    return f"This needs {package}, which is not installed; add it with pip install {extra}."
