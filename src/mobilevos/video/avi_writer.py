"""AVI, for old and simple readers."""

from fractions import Fraction

import av
import numpy as np
from av.codec.context import Flags
from av.container import OutputContainer
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from mobilevos.video.address import ffmpeg_name
from mobilevos.video.writer import VideoWriter

_QUALITY = 3 * 118  # of 1 to 31, the best first, in FFmpeg's units


class AviWriter(VideoWriter):
    """Write RGB frames to an AVI of JPEG images, which every reader of AVI knows; sound is MP3.

    Otherwise like `VideoWriter`. AVI has one rate: where that of the source varies, frames are repeated or left out so
    that each is shown at its time.
    """

    _slots = 0
    _previous: av.VideoFrame | None = None

    def _opened(self, rate: Fraction) -> tuple[OutputContainer, VideoStream]:
        container = av.open(ffmpeg_name(self._part), "w", format="avi")
        stream = container.add_stream("mjpeg", rate=rate)
        codec = stream.codec_context
        codec.pix_fmt = "yuvj420p"
        codec.flags |= Flags.qscale
        codec.global_quality = _QUALITY
        return container, stream

    def _converted(self, frame: np.ndarray) -> av.VideoFrame:
        return av.VideoFrame.from_ndarray(frame, "rgb24").reformat(
            format="yuvj420p", dst_colorspace=Colorspace.ITU601, dst_color_range=ColorRange.JPEG
        )

    def _append(self, picture: av.VideoFrame) -> None:
        slot = self._slots
        if self._playback is not None:
            times, first = self._playback.times, self._first
            slot = round((times.of(first + self._frames) - times.of(first)) * float(times.fps))
        while self._previous is not None and self._slots < slot:
            self._encode(self._previous)
        if slot >= self._slots:
            self._encode(picture)
        self._previous = picture

    def _encode(self, picture: av.VideoFrame) -> None:
        picture.pts = self._slots
        picture.time_base = 1 / self._stream.codec_context.rate
        super()._append(picture)
        self._slots += 1
