"""Nothing that a command reads is overwritten, or removed, by what it writes."""

import os
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from mobilevos.errors import InputError
from mobilevos.video.address import is_elsewhere
from mobilevos.video.reader import images_of, located
from mobilevos.video.results import is_result, listed_results
from mobilevos.video.source import FrameSource

Identities = dict[tuple[int, int] | str, str | Path]
Names = Callable[[str], bool]
"""Whether a file of a name is written to a folder."""


def protect(
    inputs: Iterable[str | Path | None],
    *,
    files: Iterable[Path] = (),
    folders: Iterable[tuple[Path, Names]] = (),
) -> None:
    """Refuse outputs that lie over inputs, whatever links and spellings their paths go through.

    Args:
        inputs: videos, images, folders of images, patterns; None and what is no path are passed over.
        files: to be written or removed.
        folders: that get files, each with what tells their names; earlier results in them are removed.

    Raises:
        InputError: a file to be written, or to be removed, is an input; or a folder is one.
    """
    read: Identities = {}
    within: Identities = {}
    for source in inputs:
        if source is None:
            continue
        for path in _read_of(source):
            read.update(dict.fromkeys(_identities(path), source))
            if path.is_dir():
                within.update(dict.fromkeys(_identities(path), source))
    for file in files:
        _refuse(file, _identities(file), read)
    for folder, names in folders:
        _refuse(folder, _identities(folder), within)
        listed = set(listed_results(folder))
        for path in (*(folder.iterdir() if folder.is_dir() else ()), *listed):
            if path in listed or names(path.name) or is_result(path):
                _refuse(path, _identities(path), read)


def frame_names(frames: FrameSource) -> Names:
    """Names of the PNG files that are written for frames."""

    def is_one(name: str) -> bool:
        stem = name[: -len(".png")]
        index = frames.index_of(stem) if name.lower().endswith(".png") else None
        return index is not None and frames.stem(index) == stem

    return is_one


def _read_of(source: str | Path) -> Iterator[Path]:
    """The files of an input, and the folders that it is about."""
    if isinstance(source, str) and is_elsewhere(source):
        return
    path = located(source)
    if path.exists():
        yield path
    if not path.is_file():
        images = images_of(path)
        yield from images
        yield from {image.parent for image in images}


def _identities(path: Path) -> list[tuple[int, int] | str]:
    """A file is the same if it is so on disk, or if its name is but for upper and lower case."""
    found: list[tuple[int, int] | str] = [unicodedata.normalize("NFC", os.path.realpath(path)).casefold()]
    try:
        at = path.stat()
    except OSError:
        return found
    return [*found, (at.st_dev, at.st_ino)]


def _refuse(output: Path, identities: Iterable[tuple[int, int] | str], read: Identities) -> None:
    for identity in identities:
        if identity in read:
            raise InputError(
                f"the output {output} would overwrite the input {read[identity]}; choose another name for it."
            )
