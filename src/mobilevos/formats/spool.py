"""What has to wait on disk until the whole video is known."""

import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from mobilevos.json_text import parse_json
from mobilevos.video.files import output_error


class Spool:
    """A list of JSON values in a nameless file.

    Args:
        folder: on whose disk the file is to be.

    Raises:
        OutputError: from any method: the file cannot be made or grow.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            self._file = tempfile.TemporaryFile("w+", dir=folder)  # noqa: SIM115 (it lives as long as this does)
        except OSError as error:
            raise output_error(folder, error) from error

    def append(self, value: Any) -> None:
        """Add to the end."""
        try:
            self._file.write(json.dumps(value) + "\n")
        except OSError as error:
            raise output_error(self._folder, error) from error

    def __iter__(self) -> Iterator[Any]:
        """All values from the beginning; nothing may be added meanwhile."""
        try:
            self._file.seek(0)
            yield from map(parse_json, self._file)
        except OSError as error:
            raise output_error(self._folder, error) from error

    def close(self) -> None:
        """Drop the file."""
        with suppress(OSError):
            self._file.close()


class Text(Protocol):
    """What text can be written to."""

    def write(self, text: str, /) -> object:
        """Add to the end."""


def write_list(file: Text, values: Iterable[Any]) -> None:
    """Write values as a JSON list, one at a time."""
    file.write("[")
    for number, value in enumerate(values):
        file.write((",\n" if number else "") + json.dumps(value))
    file.write("]")
