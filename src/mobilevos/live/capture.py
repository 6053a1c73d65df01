"""Where live frames come from: cameras, streams, the screen, and files played as if they were a camera."""

import glob
import os
import re
import sys
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.error import EOFError as EndOfStream
from av.error import FFmpegError
from av.video.stream import VideoStream

from mobilevos.errors import InputError
from mobilevos.video.address import existing_path, is_address
from mobilevos.video.picture import Upright
from mobilevos.video.reader import open_frames
from mobilevos.video.source import DEFAULT_FPS
from mobilevos.video.tracks import video_track

OPEN_SECONDS, SILENT_SECONDS = 10.0, 10.0
"""How long a stream may take to answer, and to send its next packet."""
_PLAUSIBLE_FPS = (1, 120)
_MOST_AWAITED = 64


@dataclass(frozen=True)
class Shot:
    """A frame (H, W, 3) uint8 RGB, and when it was there, on the clock of ``time.perf_counter``."""

    image: np.ndarray
    at: float


@dataclass(frozen=True)
class Capture:
    """An open source.

    Attributes:
        shots: the frames as they come; broken streams raise `InputError`. Closing it closes the source.
        fps: frames per second that the source announces.
        name: of the source, for messages.
        pixel_aspect: width of a pixel, in its heights.
    """

    shots: Generator[Shot]
    fps: Fraction
    name: str
    pixel_aspect: Fraction = Fraction(1)


def open_capture(source: str) -> Capture:
    """Open a live source.

    Args:
        source: a camera's number ("0"), device file ("/dev/video0") or, on Windows, name ("video=NAME"); "screen"; an
            address ("rtsp://...", "http://..."); or a video file, folder or pattern of images, played at its own speed.

    Raises:
        InputError: no such camera, a stream that does not answer, no display, or nothing of that name.
    """
    if source.lower().startswith("file://"):
        source = str(existing_path(source))
    if is_address(source):
        options = {"rtsp_transport": "tcp"} if source.startswith("rtsp") else {}
        return _opened(source, source, None, options)
    if source == "screen":
        return _opened("the screen", *_screen())
    if source.isdecimal() or source.startswith(("/dev/", "video=")):
        return _opened(f"camera {source}", *_camera(source), {})
    if not Path(source).exists() and not glob.has_magic(source):
        raise InputError(
            f"{source} is no camera, address or file; give a camera's number, rtsp://..., screen, or a video file."
        )
    frames = open_frames(source)
    pixel_aspect = Fraction(1) if frames.playback is None else frames.playback.pixel_aspect
    return Capture(_paced(frames.forward(), frames.fps), frames.fps, frames.name, pixel_aspect)


def _camera(source: str) -> tuple[str, str]:
    """What libavdevice calls a camera, and its input format."""
    if sys.platform == "darwin":
        return source, "avfoundation"
    if sys.platform == "win32":
        if source.isdecimal():
            raise InputError(f"camera {source} has a name on Windows; give it as video=NAME.")
        return source, "dshow"
    device = f"/dev/video{source}" if source.isdecimal() else source
    if not Path(device).exists():
        known = ", ".join(sorted(map(str, Path("/dev").glob("video*")))) or "none"
        raise InputError(f"there is no camera {device}; the cameras here are: {known}.")
    return device, "v4l2"


def _screen() -> tuple[str, str, dict[str, str]]:
    rate = {"framerate": "30"}
    if sys.platform == "darwin":
        return "Capture screen 0", "avfoundation", rate
    if sys.platform == "win32":
        return "desktop", "gdigrab", rate
    display = os.environ.get("DISPLAY")
    if not display:
        raise InputError(
            "the screen cannot be captured because there is no display; set DISPLAY to that of an X server."
        )
    return display, "x11grab", rate


def _opened(name: str, url: str, kind: str | None, options: dict[str, str]) -> Capture:
    try:
        container = av.open(url, format=kind, options=options, timeout=(OPEN_SECONDS, SILENT_SECONDS))
    except (FFmpegError, OSError) as error:
        raise InputError(f"{name} cannot be opened: {_why(error)}.") from error
    stream = video_track(container)
    if stream is None:
        container.close()
        raise InputError(f"{name} has no video; give a source that sends pictures.")
    rate, pixel_aspect = stream.average_rate, Fraction(stream.sample_aspect_ratio or 1)
    plausible = rate is not None and _PLAUSIBLE_FPS[0] <= rate <= _PLAUSIBLE_FPS[1]
    fps = Fraction(rate) if rate is not None and plausible else DEFAULT_FPS
    shots = _received(container, stream, name)
    if container.duration:  # a recording behind an address comes as fast as the network gives it
        shots = _paced((shot.image for shot in shots), fps, shots.close)
    return Capture(shots, fps, name, pixel_aspect)


def _received(container: InputContainer, stream: VideoStream, name: str) -> Generator[Shot]:
    """Frames as they arrive; their time is that of their packet, so that decoding counts as latency."""
    arrivals: dict[int | None, float] = {}
    upright = Upright(int(stream.codec_context.color_trc))
    with container:
        try:
            for packet in container.demux(stream):
                now = time.perf_counter()
                if len(arrivals) == _MOST_AWAITED:
                    arrivals.clear()  # of packets that gave no frame
                arrivals[packet.pts] = now
                for frame in packet.decode():
                    yield Shot(upright(frame), arrivals.pop(frame.pts, now))
        except EndOfStream:
            return
        except (FFmpegError, OSError) as error:
            raise InputError(f"{name} broke off: {_why(error)}.") from error


def _paced(images: Generator[np.ndarray], fps: Fraction, close: Callable[[], None] = lambda: None) -> Generator[Shot]:
    """Frames at their own speed; one that is late comes at once."""
    began = time.perf_counter()
    try:
        for index, image in enumerate(images):
            time.sleep(max(0.0, began + float(index / fps) - time.perf_counter()))
            yield Shot(image, time.perf_counter())
    finally:
        images.close()
        close()


def _why(error: BaseException) -> str:
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return re.sub(r"\.$", "", reason)
