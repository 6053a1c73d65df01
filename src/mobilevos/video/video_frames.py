"""Frames from video files, through FFmpeg's decoders."""

from collections import deque
from collections.abc import Generator
from contextlib import closing
from fractions import Fraction
from functools import partial
from math import inf
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from mobilevos.errors import InputError, TruncatedVideo
from mobilevos.video.address import ffmpeg_name
from mobilevos.video.codec_threads import keep_to_limit
from mobilevos.video.container import is_cut_off, is_encrypted
from mobilevos.video.decoding import Decoded, decode
from mobilevos.video.deinterlace import Shown, deinterlaced
from mobilevos.video.picture import Upright, lies_on_its_side
from mobilevos.video.playback import Playback
from mobilevos.video.rewind import rewind
from mobilevos.video.source import DEFAULT_FPS, FrameSource, beyond_end, number_in, width_x_height
from mobilevos.video.times import mean_rate
from mobilevos.video.tracks import video_track

_NOT_VIDEO_FORMATS = frozenset({"tty", "image2"})  # FFmpeg plays text files and pictures too
_MOST_HELD = 24  # above the 16 frames that a decoder may hold back


class VideoFrames(FrameSource):
    """The video track of a file that players choose, as they show it: upright, and in the colours of ordinary video.

    Iterating raises `TruncatedVideo` at the end if the decoder gave up, if the last frames came out damaged,
    or if the container declares more bytes than the file has. The frames before that are intact and without
    a gap; those that a decoder can still give for later times are not yielded. Damage that the decoder
    conceals and gets over is passed on, as in any player. Where it gives up and a key frame follows, the frame before
    stands for those that are lost, whose numbers ``damaged`` gets.

    Args:
        path: of the file.
        strict: end where frames are lost, as if the file ended there.
        called: its name in messages; None for its path.

    Raises:
        InputError: not a video, no video track, no frame that decodes, or a frame size that changes.
    """

    def __init__(self, path: Path, strict: bool = False, called: str | None = None) -> None:
        self._path, self._strict, self._called = path, strict, called or str(path)
        self.damaged: set[int] = set()
        self._interlaced = False
        self.name = path.stem
        with self._open() as container:
            if is_encrypted(path):  # asked first: such a stream may have no decoder at all
                raise InputError(f"{self._called} is encrypted (DRM); give a copy without encryption.")
            stream = self._stream(container)
            self._upright = partial(Upright, int(stream.codec_context.color_trc))
            pixel_aspect = Fraction(stream.sample_aspect_ratio or 1)
            sounding = bool(container.streams.audio)
            timecode = stream.metadata.get("timecode") or container.metadata.get("timecode")
            self.fps = mean_rate(container, stream) or DEFAULT_FPS
            self.frame_count = _estimated_count(container, stream, self.fps)
        with closing(self._pictures()) as pictures:
            first = next(pictures, None)
        if first is None:
            raise InputError(f"{self._called} has no frame that can be decoded; give another video.")
        self._interlaced = first.interlaced_frame
        self.size = self._upright()(first).shape[:2]
        upright_aspect = 1 / pixel_aspect if lies_on_its_side(first) else pixel_aspect
        self.playback: Playback = Playback(path, self.fps, upright_aspect, sounding, timecode)

    @property
    def warning(self) -> str | None:
        """One sentence on what is not as it should be, of the video or of what is made of it."""
        about = self.playback.warning
        sentences = [about.replace(str(self._path), self._called)] if about else []
        if self._interlaced:
            sentences.append(f"{self._called} is interlaced; its frames were deinterlaced.")
        if self.damaged:
            some = f"{len(self.damaged)} frame{'s' * (len(self.damaged) > 1)} of {self._called}"
            sentences.append(f"{some} could not be decoded, the first one being {min(self.damaged)}.")
        return " ".join(sentences) or None

    def forward(self, start: int = 0) -> Generator[np.ndarray]:
        upright = self._upright()
        with closing(self._shown()) as shown:
            index = -1
            for index, (picture, time) in enumerate(shown):
                self.playback.times.saw(index, time)
                if index >= start:
                    yield self._checked(index, upright(picture))
        if index < start:
            raise beyond_end(self._called, start, index + 1)

    def backward(self, last: int) -> Generator[np.ndarray]:
        with closing(rewind(str(self._path), self._pictures, self._pictures_from, last, self._upright())) as frames:
            for index, frame in zip(range(last, -1, -1), frames, strict=True):
                yield self._checked(index, frame)

    def stem(self, index: int) -> str:
        return f"{index:05d}"

    def index_of(self, stem: str) -> int | None:
        return number_in(stem)

    def _checked(self, index: int, frame: np.ndarray) -> np.ndarray:
        if frame.shape[:2] != self.size:
            raise InputError(
                f"frame {index} of {self._called} is {width_x_height(frame.shape)} but the first one is "
                f"{width_x_height(self.size)}; all frames must be of one size."
            )
        return frame

    def _pictures_from(self, time: int) -> Generator[av.VideoFrame]:
        """All pictures from about a time of the track's clock on, damaged ones too, in display order."""
        with self._open() as container:
            stream = self._stream(container)
            container.seek(time, stream=stream)
            decoded = ((one.frame, one.frame.time) for one in decode(container, stream, self._strict))
            with closing(self._progressive(decoded)) as shown:
                for picture, _ in shown:
                    yield picture

    def _pictures(self) -> Generator[av.VideoFrame]:
        with closing(self._shown()) as shown:
            for picture, _ in shown:
                yield picture

    def _shown(self) -> Generator[Shown]:
        with closing(self._as_decoded()) as decoded, closing(self._progressive(decoded)) as shown:
            yield from shown

    def _progressive(self, shown: Generator[Shown]) -> Generator[Shown]:
        return deinterlaced(shown) if self._interlaced else shown

    def _as_decoded(self) -> Generator[Shown]:
        """Each picture, and when it is shown; notes which are damaged or stand for one that is lost."""
        read = 0
        held: deque[Decoded] = deque()
        newest: Decoded | None = None
        latest, pace = -inf, inf  # time of the latest picture, and from the one before to it
        broken: FFmpegError | None = None
        with self._open() as container:
            stream = self._stream(container)
            try:
                for decoded in decode(container, stream, self._strict):
                    held.append(decoded)
                    # What is not sure waits for what follows: a sure frame clears it, a broken end drops it.
                    for _ in range(len(held) if decoded.sure else len(held) - _MOST_HELD):
                        spoilt = any(later.lost for later in held)
                        following = held.popleft()
                        if newest is not None:
                            for time in _lost_times(newest, following, latest, pace):
                                self.damaged.add(read)
                                read += 1
                                yield newest.frame, time
                        newest = following
                        if newest.frame.time is not None and newest.frame.time > latest:
                            latest, pace = newest.frame.time, newest.frame.time - latest
                        if newest.damaged and spoilt:
                            self.damaged.add(read)
                        read += 1
                        yield newest.frame, newest.frame.time
            except FFmpegError as error:
                broken = error
            all_there = 0 < stream.frames <= read + len(held)
            cut_off = is_cut_off(self._path) and not all_there
            if not (broken or cut_off or any(decoded.damaged for decoded in held)):
                for decoded in held:
                    yield decoded.frame, decoded.frame.time
                return
        if read:
            total = f" of about {self.frame_count}" if (self.frame_count or 0) > read else ""
            raise TruncatedVideo(
                f"{self._called} is cut off or damaged: decoding stopped after {read}{total} frames.", read
            ) from broken

    def _open(self) -> InputContainer:
        try:
            container = av.open(ffmpeg_name(self._path), metadata_errors="ignore")
        except FFmpegError as error:
            if isinstance(error, OSError):
                raise InputError(f"{self._called} cannot be opened: {error.strerror}.") from error
            why = "its end is missing, and with it the index" if is_cut_off(self._path) else error.strerror
            raise InputError(f"{self._called} cannot be read as a video: {why}.") from error
        if container.format.name in _NOT_VIDEO_FORMATS or container.format.name.endswith("_pipe"):
            container.close()
            raise InputError(f"{self._called} is not a video; give a video file or a folder of frames.")
        return container

    def _stream(self, container: InputContainer) -> VideoStream:
        stream = video_track(container)
        if stream is None:
            raise InputError(f"{self._called} has no video track; give a video file or a folder of frames.")
        keep_to_limit(stream.codec_context)
        return stream


def _estimated_count(container: InputContainer, stream: VideoStream, fps: Fraction) -> int | None:
    if stream.frames:
        return stream.frames
    if stream.duration and stream.time_base:
        return round(stream.duration * stream.time_base * fps)
    return round(Fraction(container.duration, av.time_base) * fps) if container.duration else None


def _lost_times(before: Decoded, after: Decoded, latest: float, pace: float) -> list[float]:
    """When frames would have been shown that are lost between two pictures, seconds.

    Args:
        before, after: the two.
        latest: time of the latest picture by now.
        pace: seconds from picture to picture before the damage.
    """
    picture = after.frame
    if picture.time is None or picture.time_base is None:
        return []
    if after.lost:
        times = [float(time * picture.time_base) for time in after.lost]
        return [time for time in times if time > latest]
    if not (after.resumed or after.damaged or before.damaged):
        return []  # the rate may vary
    return [latest + step * pace for step in range(1, round((picture.time - latest) / pace))]
