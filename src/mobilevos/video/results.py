"""Files of a run, one a frame or more. The next run into the folder can tell which are results, and removes those.

A PNG says in its header whose it is; files of other kinds are in a list beside them, as long as nobody changed them.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from PIL import Image, PngImagePlugin

from mobilevos.json_text import parse_json
from mobilevos.video.files import atomic, discard, make_folder, output_error
from mobilevos.video.masks import PNG_COMPRESSION
from mobilevos.video.stills import IMAGE_ERRORS

_KEY = "Software"
_LIST = ".mobilevos-results"


def save_result(path: Path, image: Image.Image) -> None:
    """Write a frame's PNG, complete or not at all, and its folder if missing.

    Raises:
        OutputError: the file cannot be written.
    """
    about = PngImagePlugin.PngInfo()
    about.add_text(_KEY, _mark(path))
    with atomic(make_folder(path.parent) / path.name) as part:
        image.save(part, format="PNG", pnginfo=about, **PNG_COMPRESSION)


def is_result(path: Path) -> bool:
    """Whether `save_result` wrote this file under this very name; only its header is read."""
    if path.suffix.lower() != ".png" or path.is_symlink():
        return False
    try:
        with Image.open(path) as image:
            return bool(image.info.get(_KEY) == _mark(path))
    except IMAGE_ERRORS:
        return False


class ResultFolder:
    """Writes files of any kind to a folder and to folders within it, and lists them.

    Args:
        path: the folder, made with the first file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def save(self, name: str) -> Iterator[Path]:
        """Yield the path to write a file to; complete or not at all.

        Args:
            name: relative to the folder, with ``/``.

        Raises:
            OutputError: the file cannot be written.
        """
        path = self.path / name
        make_folder(self.path)
        with atomic(make_folder(path.parent) / path.name) as part:
            yield part
        self.add(name)

    def add(self, name: str) -> None:
        """List a file that is complete under its name.

        Raises:
            OutputError: the list cannot be written.
        """
        path = self.path / name
        try:
            at = path.stat()
            with (self.path / _LIST).open("a") as file:
                file.write(f"{at.st_size} {at.st_mtime_ns} {json.dumps(name)}\n")
        except OSError as error:
            raise output_error(path, error) from error


def remove_results(folder: Path, *, within: bool = False) -> None:
    """Remove what earlier runs wrote to a folder, and nothing else; what cannot be removed is left.

    Args:
        folder: need not exist.
        within: also PNG files in folders within it; those that are listed go in any case.
    """
    pictures = [path for path in (folder.rglob("*") if within else _files(folder)) if is_result(path)]
    for path in (*pictures, *listed_results(folder)):
        discard(path)
        for parent in path.relative_to(folder).parents[:-1]:
            with suppress(OSError):  # only an empty one can be removed
                (folder / parent).rmdir()
    discard(folder / _LIST)


def listed_results(folder: Path) -> list[Path]:
    """The files that `ResultFolder` wrote and that are as they were."""
    try:
        lines = (folder / _LIST).read_text().splitlines()
    except (OSError, ValueError):
        return []
    found: dict[Path, None] = {}
    for line in lines:
        size, time, name = (*line.split(" ", 2), "", "")[:3]
        with suppress(OSError, ValueError, TypeError):
            path = folder / parse_json(name)
            at = path.lstat()
            if ".." not in path.parts and (at.st_size, at.st_mtime_ns) == (int(size), int(time)):
                found[path] = None
    return list(found)


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from folder.iterdir()


def _mark(path: Path) -> str:
    return f"MobileVOS {path.name.encode('ascii', 'xmlcharrefreplace').decode()}"
