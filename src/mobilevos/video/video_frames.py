"""Frames from video files, through FFmpeg's decoders."""

from collections import deque
from collections.abc import Generator, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.stream import VideoStream

from mobilevos.errors import InputError, TruncatedVideo
from mobilevos.video.container import is_cut_off
from mobilevos.video.source import DEFAULT_FPS, FrameSource, width_x_height

_NOT_VIDEO_FORMATS = frozenset({"tty", "image2"})  # FFmpeg plays text files and pictures too
_HELD_DAMAGED = 8


class VideoFrames(FrameSource):
    """The first video track of a file; quarter turns of its display matrix are applied.

    Iterating yields all frames that decode. It then raises `TruncatedVideo` if the decoder gave up, if the
    last frames came out damaged (those are not yielded), or if the container declares more bytes than the
    file has. Damage that the decoder conceals and gets over is passed on, as in any player.

    Raises:
        InputError: not a video, no video track, no frame that decodes, or a frame size that changes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = path.stem
        with self._open() as container:
            stream = self._stream(container)
            self.fps = Fraction(stream.average_rate or stream.guessed_rate or DEFAULT_FPS)
            self.frame_count = _estimated_count(container, stream, self.fps)
        frames = self._frames()
        first = next(frames, None)
        frames.close()
        if first is None:
            raise InputError(f"{path} has no frame that can be decoded; give another video.")
        self.size = first.shape[:2]

    def __iter__(self) -> Iterator[np.ndarray]:
        for index, frame in enumerate(self._frames()):
            if frame.shape[:2] != self.size:
                raise InputError(
                    f"frame {index} of {self._path} is {width_x_height(frame.shape)} but the first one is "
                    f"{width_x_height(self.size)}; all frames must be of one size."
                )
            yield frame

    def stem(self, index: int) -> str:
        return f"{index:05d}"

    def _frames(self) -> Generator[np.ndarray]:
        read = 0
        damaged: deque[np.ndarray] = deque()
        broken: FFmpegError | None = None
        with self._open() as container:
            stream = self._stream(container)
            try:
                for frame, intact in _decode(container, stream):
                    damaged.append(_upright_rgb(frame))
                    # A damaged frame waits for what follows: an intact frame clears it, the end drops it.
                    release = len(damaged) if intact else len(damaged) - _HELD_DAMAGED
                    for _ in range(release):
                        read += 1
                        yield damaged.popleft()
            except FFmpegError as error:
                broken = error
            missing = is_cut_off(self._path) and not 0 < stream.frames <= read
        if read and (broken or damaged or missing):
            total = f" of about {self.frame_count}" if (self.frame_count or 0) > read else ""
            raise TruncatedVideo(
                f"{self._path} is cut off or damaged: decoding stopped after {read}{total} frames.", read
            ) from broken

    def _open(self) -> InputContainer:
        try:
            container = av.open(str(self._path), metadata_errors="ignore")
        except FFmpegError as error:
            if isinstance(error, OSError):
                raise InputError(f"{self._path} cannot be opened: {error.strerror}.") from error
            why = "its end is missing, and with it the index" if is_cut_off(self._path) else error.strerror
            raise InputError(f"{self._path} cannot be read as a video: {why}.") from error
        if container.format.name in _NOT_VIDEO_FORMATS or container.format.name.endswith("_pipe"):
            container.close()
            raise InputError(f"{self._path} is not a video; give a video file or a folder of frames.")
        return container

    def _stream(self, container: InputContainer) -> VideoStream:
        for stream in container.streams.video:
            if not stream.disposition & Disposition.attached_pic:
                return stream
        raise InputError(f"{self._path} has no video track; give a video file or a folder of frames.")


def _decode(container: InputContainer, stream: VideoStream) -> Iterator[tuple[av.VideoFrame, bool]]:
    """All frames in display order, and whether each is intact.

    Once frames flow, a demuxer's or decoder's error ends them and is raised. Earlier ones are skipped:
    recordings that join a broadcast begin with undecodable packets.
    """
    packets = container.demux(stream)
    incomplete: set[int] = set()  # times of packets that the demuxer knows to lack data
    started = False
    broken: FFmpegError | None = None
    while broken is None:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            if packet.is_corrupt and packet.pts is not None:
                incomplete.add(packet.pts)
            frames = packet.decode()
        except FFmpegError as error:
            if not started:
                continue
            broken, frames = error, _flush(stream)
        started = started or bool(frames)
        for frame in frames:
            intact = not frame.is_corrupt and frame.pts not in incomplete
            incomplete.discard(frame.pts)
            yield frame, intact
    raise broken


def _flush(stream: VideoStream) -> list[av.VideoFrame]:
    """The frames that the decoder still holds."""
    try:
        return stream.codec_context.decode(None)
    except FFmpegError:
        return []


def _upright_rgb(frame: av.VideoFrame) -> np.ndarray:
    rgb = frame.to_ndarray(format="rgb24")
    quarter_turns = round(frame.rotation / 90) % 4  # counterclockwise, as numpy counts
    return np.ascontiguousarray(np.rot90(rgb, quarter_turns))


def _estimated_count(container: InputContainer, stream: VideoStream, fps: Fraction) -> int | None:
    if stream.frames:
        return stream.frames
    if stream.duration and stream.time_base:
        return round(stream.duration * stream.time_base * fps)
    return round(Fraction(container.duration, av.time_base) * fps) if container.duration else None
