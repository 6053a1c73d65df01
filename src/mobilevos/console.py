"""What commands show while they work."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from mobilevos.errors import RuntimeUnavailable

QUIET_SECONDS = 2.0
"""Work that is done sooner shows no bar."""


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
        self._bar.stop()


@contextmanager
def needs_train_extra(what: str) -> Iterator[None]:
    """Turn the missing module of an optional dependency into a sentence that names the extra.

    Raises:
        RuntimeUnavailable: a module is missing.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise RuntimeUnavailable(
            f"{what} needs {error.name}, which is not installed; add it with pip install 'mobilevos[train]'."
        ) from error
