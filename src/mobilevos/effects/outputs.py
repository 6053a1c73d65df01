"""Where the frames of an effect go: an opaque or transparent video, or a folder of PNG images."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PIL import Image as Pillow

from mobilevos.effects.effect import Image
from mobilevos.errors import InputError
from mobilevos.video.alpha_video import ALPHA_SUFFIXES, AlphaWriter
from mobilevos.video.files import discard
from mobilevos.video.results import remove_results, save_result
from mobilevos.video.source import FrameSource
from mobilevos.video.writer import VideoWriter
from mobilevos.video.writers import WRITERS, one_of, writer_for


class Output(Protocol):
    """Takes frames in order; nothing is on disk before the first. Both methods raise `OutputError`."""

    def write(self, stem: str, frame: Image) -> None:
        """Take the next frame, (H, W, 3) or (H, W, 4) uint8; ``stem`` names it."""

    def close(self) -> None:
        """Complete the output with the frames so far."""


class _Video:
    def __init__(self, open_writer: Callable[[], VideoWriter]) -> None:
        self._open_writer = open_writer
        self._writer: VideoWriter | None = None

    def write(self, stem: str, frame: Image) -> None:
        if self._writer is None:
            self._writer = self._open_writer()
        self._writer.write(frame)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, stem: str, frame: Image) -> None:
        save_result(self._path / f"{stem}.png", Pillow.fromarray(frame))

    def close(self) -> None:
        pass


def check_output(path: Path, transparent: bool) -> None:
    """Refuse a path whose suffix does not fit what is to be written.

    Raises:
        InputError: it is none of the suffixes that can be.
    """
    suffix = path.suffix.lower()
    if transparent and suffix in WRITERS:
        raise InputError(
            f"{path.name} cannot be transparent; name a .webm, a .mov or a folder, or give a --background."
        )
    allowed = ("", *ALPHA_SUFFIXES) if transparent else ("", *WRITERS)
    if suffix not in allowed:
        raise InputError(f"{path.name} is no {one_of(allowed[1:])} file; give such a name, or a folder for PNG images.")


def remove_earlier(path: Path) -> None:
    """Remove what an earlier run left at a path: it would pass for this run's result."""
    if path.suffix:
        discard(path)
    else:
        remove_results(path)


def open_output(path: Path, frames: FrameSource, transparent: bool) -> Output:
    """The output, for what is made of ``frames``, at a path that `check_output` lets pass; its folder must exist."""
    if not path.suffix:
        return _Folder(path)
    kind = AlphaWriter if transparent else writer_for(path)
    return _Video(lambda: kind(path, frames.fps, frames.size, frames.playback))
