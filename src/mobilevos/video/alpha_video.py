"""Video files with transparency."""

from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import av
import numpy as np
from av.container import OutputContainer
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from mobilevos.video.address import ffmpeg_name
from mobilevos.video.webm_aspect import ROOM_FOR_ASPECT, set_pixel_aspect
from mobilevos.video.writer import VideoWriter, tag_bt709


@dataclass(frozen=True)
class _Kind:
    codec: str
    pixels: str
    options: dict[str, str]


_KINDS = {
    ".webm": _Kind(  # alternate reference frames cannot have alpha
        "libvpx-vp9", "yuva420p", {"deadline": "realtime", "cpu-used": "8", "crf": "24", "b": "0", "auto-alt-ref": "0"}
    ),
    ".mov": _Kind("prores_ks", "yuva444p10le", {"profile": "4444"}),
}
ALPHA_SUFFIXES = tuple(_KINDS)


class AlphaWriter(VideoWriter):
    """Write RGBA frames to a VP9 WebM, for browsers, or a ProRes 4444 MOV, for video editors.

    Otherwise like `VideoWriter`, ``write`` takes (H, W, 4) uint8 RGBA; odd sizes get a transparent row or column.

    Args:
        path: the ``.webm`` or ``.mov`` to write, in a folder that exists.
        fps: exact frames per second.
        size: (H, W) of the frames.
        playback, first: as for `VideoWriter`.
    """

    _takes = "RGBA frames", 4

    def _opened(self, rate: Fraction) -> tuple[OutputContainer, VideoStream]:
        kind = _KINDS[self.path.suffix.lower()]
        container = av.open(ffmpeg_name(self._part), "w")
        stream = cast(VideoStream, container.add_stream(kind.codec, rate=rate, options=kind.options))
        stream.codec_context.pix_fmt = kind.pixels
        tag_bt709(stream.codec_context)
        if kind.codec == "libvpx-vp9":
            stream.metadata.update(ROOM_FOR_ASPECT)
        return container, stream

    def _picture(self, frame: np.ndarray) -> av.VideoFrame:
        height, width = self._size
        padded = np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)))
        return av.VideoFrame.from_ndarray(padded, "rgba").reformat(
            format=_KINDS[self.path.suffix.lower()].pixels,
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
        )

    def _finished(self) -> None:
        if self.path.suffix.lower() == ".webm":
            set_pixel_aspect(self._part, self._pixel_aspect)
