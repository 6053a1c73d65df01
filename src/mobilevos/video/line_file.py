"""Text files that grow line by line: complete under their name once closed, or absent."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO

from mobilevos.video.files import discard, output_error, part_name


class LineFile:
    """A text file that is made with the first lines.

    Args:
        path: of the file, in a folder that exists.

    Raises:
        OutputError: from any method, after removing what was written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._part = part_name(path)
        self._file: IO[str] | None = None

    def write(self, lines: Iterable[str]) -> None:
        """Add lines, each with its end."""
        try:
            if self._file is None:
                self._file = self._part.open("w")
            self._file.writelines(lines)
        except OSError as error:
            self._discard()
            raise output_error(self.path, error) from error

    def close(self) -> None:
        """Give the file its name; if nothing was written, there is none."""
        if self._file is None:
            return
        try:
            self._file.close()
            self._part.replace(self.path)
        except OSError as error:
            raise output_error(self.path, error) from error
        finally:
            self._discard()

    def _discard(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
        self._file = None
        discard(self._part)
