"""Which writer a video file's suffix means."""

from collections.abc import Iterable
from pathlib import Path

from mobilevos.errors import InputError
from mobilevos.video.avi_writer import AviWriter
from mobilevos.video.gif_writer import GifWriter
from mobilevos.video.writer import VideoWriter

WRITERS: dict[str, type[VideoWriter]] = {
    ".mp4": VideoWriter,
    ".mkv": VideoWriter,
    ".avi": AviWriter,
    ".gif": GifWriter,
}


def writer_for(path: Path) -> type[VideoWriter]:
    """The writer of a file.

    Raises:
        InputError: its suffix is that of no video that is written.
    """
    known = WRITERS.get(path.suffix.lower())
    if known is None:
        raise InputError(f"{path.name} is no {one_of(WRITERS)} file; give such a name.")
    return known


def one_of(suffixes: Iterable[str]) -> str:
    """As a sentence names them: ``.a, .b or .c``."""
    *most, last = suffixes
    return f"{', '.join(most)} or {last}"
