"""Animated GIF."""

from collections import deque
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.container import OutputContainer
from av.error import FFmpegError
from av.filter import Graph
from av.video.stream import VideoStream
from PIL import Image

from mobilevos.errors import OutputError
from mobilevos.video.address import ffmpeg_name
from mobilevos.video.files import output_error
from mobilevos.video.playback import Playback
from mobilevos.video.times import FrameTimes
from mobilevos.video.writer import VideoWriter

_TICKS = 100
"""A second, as GIF counts."""
_SHORTEST = 2
"""Ticks; browsers show what is meant to be shorter five times as long."""


class GifWriter(VideoWriter):
    """Write RGB frames to an animated GIF without sound, each with 256 colours of its own, for ever.

    Otherwise like `VideoWriter`. Pixels become square, and frames that follow another one by less than 1/50 s are left
    out.
    """

    def __init__(
        self,
        path: str | Path,
        fps: Fraction,
        size: tuple[int, int],
        playback: Playback | None = None,
        first: int = 0,
    ) -> None:
        aspect = Fraction(1) if playback is None else playback.pixel_aspect
        self._given, self._begin = size, first
        self._times = FrameTimes(Fraction(fps)) if playback is None else playback.times
        self._waiting: deque[int] = deque()
        self._newest: int | None = None
        self._graph: Graph | None = None
        super().__init__(path, fps, (size[0], max(1, round(size[1] * aspect))))

    def _opened(self, rate: Fraction) -> tuple[OutputContainer, VideoStream]:
        last = max(_SHORTEST, round(_TICKS / rate))
        container = av.open(ffmpeg_name(self._part), "w", format="gif", options={"final_delay": str(last)})
        stream = container.add_stream("gif", rate=_TICKS)
        stream.codec_context.pix_fmt = "pal8"
        return container, stream

    def _stored(self) -> tuple[int, int]:
        return self._size

    def write(self, frame: np.ndarray) -> None:
        """Append an (H, W, 3) uint8 RGB frame."""
        if frame.shape != (*self._given, 3):
            raise OutputError(f"{self.path} takes frames of {self._given[1]}x{self._given[0]}, not {frame.shape}.")
        seconds = self._times.of(self._begin + self._frames) - self._times.of(self._begin)
        self._frames += 1
        tick = round(_TICKS * seconds)
        if self._newest is not None and tick < self._newest + _SHORTEST:
            return
        self._newest = tick
        if self._size != self._given:
            frame = np.asarray(Image.fromarray(frame).resize(self._size[::-1], Image.Resampling.BILINEAR))
        self._waiting.append(tick)
        self._push(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), "rgb24"))

    def close(self) -> None:
        if self._open and self._graph is not None:
            self._push(None)
        super().close()

    def _push(self, frame: av.VideoFrame | None) -> None:
        """Write what a frame, or None for their end, makes ready."""
        try:
            self._graph = self._graph or self._reducing()
            self._graph.push(frame)
            self._drain(self._graph)
        except (FFmpegError, OSError) as error:
            self.discard()
            raise output_error(self.path, error) from error

    def _reducing(self) -> Graph:
        """Filters that choose each frame's colours; what lies between is a fixed pattern, which does not flicker."""
        height, width = self._size
        graph = Graph()
        source = graph.add_buffer(
            width=width, height=height, format=av.VideoFormat("rgb24"), time_base=Fraction(1, _TICKS)
        )
        split = graph.add("split")
        colours = graph.add("palettegen", "stats_mode=single:reserve_transparent=0")
        reduced = graph.add("paletteuse", "new=1:dither=bayer:bayer_scale=3")
        source.link_to(split)
        split.link_to(reduced, 0, 0)
        split.link_to(colours, 1, 0)
        colours.link_to(reduced, 0, 1)
        reduced.link_to(graph.add("buffersink"))
        graph.configure()
        return graph

    def _drain(self, graph: Graph) -> None:
        while self._waiting:
            try:
                picture = cast(av.VideoFrame, graph.pull())
            except (BlockingIOError, EOFError):
                return
            picture.pts, picture.time_base = self._waiting.popleft(), Fraction(1, _TICKS)
            self._container.mux(self._stream.encode(picture))
