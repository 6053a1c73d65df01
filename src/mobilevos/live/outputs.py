"""Where live results go besides a window: a video file, a pipe, a virtual camera."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from av.error import FFmpegError

from mobilevos.errors import OutputError
from mobilevos.live.capture import Shot
from mobilevos.video.address import local_path
from mobilevos.video.files import output_error
from mobilevos.video.overlay import overlay
from mobilevos.video.pipeline import write_behind
from mobilevos.video.playback import Playback
from mobilevos.video.writer import VideoWriter

Show = Callable[[Shot, np.ndarray], None]
"""Takes a frame and its (H, W) uint8 label map."""

_LONGEST_GAP = 1.0


def open_output(
    out: str, fps: Fraction, size: tuple[int, int], pixel_aspect: Fraction = Fraction(1)
) -> AbstractContextManager[Show]:
    """Open an output for frames with their objects tinted; it is complete when its ``with`` block ends.

    Args:
        out: an ``.mp4`` to record; "-" for raw frames (RGB, 8 bits each) on standard output; or the ``/dev/videoN`` of
            a virtual camera (Linux, v4l2loopback).
        fps: of the recording: late frames are repeated, so that it plays at the speed of life.
        size: (H, W) of the frames.
        pixel_aspect: width of a pixel, in its heights.

    Raises:
        OutputError: none of these, or it cannot be written.
    """
    check_output(out)
    if out == "-":
        return _piped(sys.stdout.buffer)
    if out.startswith("/dev/"):
        return _virtual_camera(out, fps, size)
    return _recorded(local_path(out), size, Playback(local_path(out), fps, pixel_aspect))


def check_output(out: str) -> None:
    """Raise `OutputError` unless ``out`` is something that `open_output` can write."""
    if out == "-" or out.startswith("/dev/"):
        return
    path = local_path(out)
    if path.suffix.lower() != ".mp4":
        raise OutputError(f"{out} is no output for live video; give a name that ends in .mp4, /dev/videoN, or -.")
    if not path.parent.is_dir():
        raise OutputError(f"{path} cannot be written because its folder does not exist; make it first.")


@contextmanager
def _recorded(path: Path, size: tuple[int, int], playback: Playback) -> Iterator[Show]:
    fps = playback.times.fps
    with VideoWriter(path, fps, size, playback) as writer, write_behind(writer.write) as put:
        began: float | None = None
        written = 0
        newest = np.zeros((*size, 3), np.uint8)

        def show(shot: Shot, labels: np.ndarray) -> None:
            nonlocal began, written, newest
            # A pause is no more than a second of the recording.
            last = 0.0 if began is None else began + float((written - 1) / fps)
            began = shot.at if began is None else began + max(0.0, shot.at - last - _LONGEST_GAP)
            due = round((shot.at - began) * float(fps))
            for _ in range(due - written):
                put(newest)
            if due >= written:
                newest = overlay(shot.image, labels)
                put(newest)
                written = due + 1

        yield show


@contextmanager
def _piped(stream: BinaryIO) -> Iterator[Show]:
    def show(shot: Shot, labels: np.ndarray) -> None:
        stream.write(overlay(shot.image, labels).tobytes())
        stream.flush()

    yield show


@contextmanager
def _virtual_camera(device: str, fps: Fraction, size: tuple[int, int]) -> Iterator[Show]:
    try:
        container = av.open(device, "w", format="v4l2")
        stream = container.add_stream("rawvideo", rate=fps)
        stream.height, stream.width = (side - side % 2 for side in size)  # 4:2:0 needs even sizes
        stream.pix_fmt = "yuv420p"
        container.start_encoding()
    except (FFmpegError, OSError) as error:
        raise output_error(Path(device), error) from error

    def show(shot: Shot, labels: np.ndarray) -> None:
        picture = overlay(shot.image, labels)[: stream.height, : stream.width]
        try:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "rgb24")))
        except (FFmpegError, OSError) as error:
            raise output_error(Path(device), error) from error

    with container:
        yield show
