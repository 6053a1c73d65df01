"""JSON files of any length in constant memory."""

import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from mobilevos.video.files import discard, output_error, part_name


class JsonFile:
    """One JSON object with lists that grow on disk: complete under its name once closed, or absent.

    Args:
        path: the file, in a folder that exists.
        lists: keys of the lists; the first is written in place, the others wait in files of their own beside it.

    Raises:
        OutputError: from any method, after removing what was written.
    """

    def __init__(self, path: Path, *lists: str) -> None:
        self.path = path
        self._parts = {
            name: part_name(path if name == lists[0] else path.with_name(f"{path.stem}-{name}{path.suffix}"))
            for name in lists
        }
        self._files: dict[str, IO[str]] = {}
        self._whole = True

    def append(self, **entries: list[Any]) -> None:
        """Add to the lists what belongs together: all of it, or none if this is interrupted."""
        lines = {name: list(map(json.dumps, values)) for name, values in entries.items()}
        self._whole = False
        try:
            started = bool(self._files)
            for name, part in self._parts.items():
                if name not in self._files:
                    self._files[name] = part.open("w+" if self._files else "w")
            if not started:
                for name, file in self._files.items():
                    file.write(f'{"{" if file is self._first else ""}"{name}": [')
                self._filled = dict.fromkeys(self._parts, False)
            for name, values in lines.items():
                for line in values:
                    self._files[name].write((",\n" if self._filled[name] else "\n") + line)
                    self._filled[name] = True
        except OSError as error:
            self._discard()
            raise output_error(self.path, error) from error
        self._whole = True

    def close(self, **rest: Any) -> None:
        """Finish with further keys; without any `append` there is no file."""
        if not self._files:
            return
        first, *others = self._files.values()
        try:
            if self._whole:
                for file in others:
                    file.seek(0)
                    first.write("\n],\n")
                    shutil.copyfileobj(file, first)
                first.write("\n]")
                for name, value in rest.items():
                    first.write(f",\n{json.dumps(name)}: {json.dumps(value)}")
                first.write("}\n")
                first.close()
                part_name(self.path).replace(self.path)
        except OSError as error:
            raise output_error(self.path, error) from error
        finally:
            self._discard()

    @property
    def _first(self) -> IO[str]:
        return next(iter(self._files.values()))

    def _discard(self) -> None:
        for file in self._files.values():
            with suppress(OSError):  # the file goes anyway
                file.close()
        self._files = {}
        for part in self._parts.values():
            discard(part)
