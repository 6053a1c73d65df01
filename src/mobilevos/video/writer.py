"""H.264 video files."""

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import ClassVar

import av
import numpy as np
from av.codec.context import ThreadType
from av.container import OutputContainer
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from mobilevos.errors import OutputError
from mobilevos.video.address import ffmpeg_name
from mobilevos.video.codec_threads import keep_to_limit
from mobilevos.video.files import discard, output_error, part_name, settled
from mobilevos.video.playback import Playback

_BT709 = 1  # FFmpeg's number for it as primaries, transfer and matrix
_MAX_RATE_TERM = 100_000  # MP4 time scales are 32-bit


def tag_bt709(codec: VideoCodecContext) -> None:
    """Say that a stream has the colours of ordinary video, in limited range."""
    codec.color_primaries = codec.color_trc = codec.colorspace = _BT709
    codec.color_range = ColorRange.MPEG


class VideoWriter:
    """Write RGB frames to an H.264 MP4 that browsers play (yuv420p, BT.709, index first), or the same in Matroska.

    Odd sizes get their last row or column repeated, since 4:2:0 needs even ones. The file appears under
    ``path`` when it is closed; a ``with`` block that raises leaves nothing.

    Args:
        path: the ``.mp4`` or ``.mkv`` to write, in a folder that exists.
        fps: exact frames per second.
        size: (H, W) of the frames.
        playback: of the video that the frames come from: the file gets its pixels' shape, and its frame times and
            sound when it is closed.
        first: index, from 0, of the first frame in that video.
        silent: leave out the sound.
        timecode: label of the first frame, such as 01:00:00:00.

    Raises:
        OutputError: from any method: no permission, disk full, or FFmpeg cannot encode.
    """

    _takes = "frames", 3
    """What ``write`` is given, and its channels."""
    # Next to "veryfast": the same error at two thirds of the time, in files a fifth larger.
    _x264: ClassVar[dict[str, str]] = {"preset": "superfast", "crf": "20"}

    def __init__(
        self,
        path: str | Path,
        fps: Fraction,
        size: tuple[int, int],
        playback: Playback | None = None,
        first: int = 0,
        *,
        silent: bool = False,
        timecode: str | None = None,
    ) -> None:
        self.path = Path(path)
        self._size = size
        self._playback, self._first, self._silent = playback, first, silent
        self._pixel_aspect = Fraction(1) if playback is None else playback.pixel_aspect
        self._part = part_name(self.path)
        self._frames = 0
        self._open = True
        try:
            self._container, self._stream = self._opened(Fraction(fps).limit_denominator(_MAX_RATE_TERM))
            if timecode is not None:
                self._container.metadata["timecode"] = timecode
            codec = self._stream.codec_context
            keep_to_limit(codec)
            codec.height, codec.width = self._stored()
            codec.sample_aspect_ratio = self._pixel_aspect
            self._container.start_encoding()
        except (FFmpegError, OSError) as error:
            discard(self._part)
            raise output_error(self.path, error) from error

    def _opened(self, rate: Fraction) -> tuple[OutputContainer, VideoStream]:
        """The file, and its stream but for the size."""
        kind = "matroska" if self.path.suffix.lower() == ".mkv" else "mp4"
        options = {"movflags": "+faststart"} if kind == "mp4" else {}
        container = av.open(ffmpeg_name(self._part), "w", format=kind, options=options)
        stream = container.add_stream("libx264", rate=rate, options=dict(self._x264))
        codec = stream.codec_context
        codec.thread_type = ThreadType.FRAME  # slices, the default, cost quality with every thread
        codec.pix_fmt = "yuv420p"
        tag_bt709(codec)
        return container, stream

    def _stored(self) -> tuple[int, int]:
        """(H, W) of the pictures in the file."""
        height, width = self._size
        return height + height % 2, width + width % 2

    def _picture(self, frame: np.ndarray) -> av.VideoFrame:
        """A frame of the right shape, as the encoder wants it."""
        height, width = self._size
        if height % 2 or width % 2:
            frame = np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        return self._converted(np.ascontiguousarray(frame))

    def _converted(self, frame: np.ndarray) -> av.VideoFrame:
        """An RGB frame of the file's size in the file's colours."""
        return av.VideoFrame.from_ndarray(frame, "rgb24").reformat(
            format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
        )

    def _append(self, picture: av.VideoFrame) -> None:
        """Encode a picture and write what comes of it."""
        self._container.mux(self._stream.encode(picture))

    def _finished(self) -> None:
        """What is left to do to the closed file before it gets its name."""

    def write(self, frame: np.ndarray) -> None:
        """Append an (H, W, 3) uint8 RGB frame."""
        (height, width), (what, channels) = self._size, self._takes
        if frame.shape != (height, width, channels):
            raise OutputError(f"{self.path} takes {what} of {width}x{height}, not of shape {frame.shape}.")
        picture = self._picture(frame)
        picture.pts = None
        try:
            self._append(picture)
        except (FFmpegError, OSError) as error:
            self.discard()
            raise output_error(self.path, error) from error
        self._frames += 1

    def close(self) -> None:
        """Finish the file and give it its name; without a frame there is no file. Later calls do nothing."""
        if not self._open:
            return
        if not self._frames:
            self.discard()
            return
        try:
            with settled(self._part):
                self._container.mux(self._stream.encode(None))
                self._container.close()
            try:
                if self._playback is not None:
                    self._playback.join(self._part, self._first, self._frames, self._silent)
            finally:  # an interrupt costs sound and times alone
                self._finished()
                self._part.replace(self.path)
        except (FFmpegError, OSError) as error:
            self.discard()
            raise output_error(self.path, error) from error
        self._open = False

    def discard(self) -> None:
        """Remove what was written."""
        self._open = False
        with suppress(FFmpegError, OSError):  # the file goes anyway
            self._container.close()
        discard(self._part)

    def __enter__(self) -> "VideoWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()
