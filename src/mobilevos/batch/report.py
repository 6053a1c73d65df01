"""What a run tells while it works: a bar or lines for people, events for machines."""

import json
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from mobilevos.console import Progress
from mobilevos.errors import OutputError
from mobilevos.json_text import parse_json
from mobilevos.video.files import output_error

_EVENTS_EVERY = 10.0
_LINES_EVERY = 60.0
_BAR_EVERY = 0.5
_LONGEST_EVENT = 1 << 16


class Report:
    """Tells how far a run is.

    Args:
        events: file that gets a line of JSON for each event; None for none.
        quiet: nothing for people.

    Raises:
        OutputError: the file of events cannot be written, or is a file of something else.
    """

    def __init__(self, events: Path | None = None, *, quiet: bool = False) -> None:
        self._stack = ExitStack()
        self._quiet, self._path = quiet, events
        if events is not None and not _takes_events(events):
            raise OutputError(f"{events} holds something else than events; choose another name.")
        try:
            self._file = None if events is None else self._stack.enter_context(events.open("a"))
        except OSError as error:
            raise output_error(Path(str(events)), error) from error
        self._bar = self._stack.enter_context(Progress("Videos", quiet=quiet))
        now = time.monotonic()
        self._next_bar = now + (_BAR_EVERY if sys.stderr.isatty() else _LINES_EVERY)
        self._next_event = now + _EVENTS_EVERY

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *about: object) -> None:
        self._stack.close()

    def event(self, name: str, **values: Any) -> None:
        """Note that something happened."""
        if self._file is not None:
            print(json.dumps({"event": name, "time": round(time.time(), 3), **values}), file=self._file, flush=True)

    def progress(self, counts: dict[str, Any]) -> None:
        """Show how far it is, if it is time to.

        Args:
            counts: ``done``, ``truncated``, ``failed``, ``total`` and ``fps``.
        """
        now = time.monotonic()
        if now >= self._next_event:
            self._next_event = now + _EVENTS_EVERY
            self.event("progress", **counts)
        if now >= self._next_bar and not self._quiet:
            terminal = sys.stderr.isatty()
            self._next_bar = now + (_BAR_EVERY if terminal else _LINES_EVERY)
            through = counts["done"] + counts["truncated"] + counts["failed"]
            figures = {"failed": counts["failed"], "frames/s": counts["fps"]}
            self._bar.figures(counts["total"])(through, figures)


def _takes_events(path: Path) -> bool:
    """Whether events may be added to a file: there is none yet, it is empty or no plain file, or it begins with one."""
    if not path.is_file():
        return True
    try:
        with path.open("rb") as file:
            line = file.readline(_LONGEST_EVENT)
        return not line or "event" in parse_json(line)
    except OSError:
        return True  # opening it for writing tells why
    except (ValueError, TypeError):
        return False
