"""Video files with transparency."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.error import FFmpegError
from av.video.stream import VideoStream

from mobilevos.errors import OutputError
from mobilevos.video.files import discard, output_error, part_name
from mobilevos.video.writer import VideoWriter


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

    Otherwise like `VideoWriter`; odd sizes get a transparent row or column.

    Args:
        path: the ``.webm`` or ``.mov`` to write, in a folder that exists.
        fps: exact frames per second.
        size: (H, W) of the frames.
    """

    def __init__(self, path: str | Path, fps: Fraction, size: tuple[int, int]) -> None:
        self.path = Path(path)
        self._size = size
        self._part = part_name(self.path)
        self._frames = 0
        self._open = True
        kind = _KINDS[self.path.suffix.lower()]
        try:
            self._container = av.open(str(self._part), "w")
            rate = Fraction(fps).limit_denominator(100_000)
            self._stream = cast(VideoStream, self._container.add_stream(kind.codec, rate=rate, options=kind.options))
            codec = self._stream.codec_context
            codec.height, codec.width = (side + side % 2 for side in size)
            codec.pix_fmt = kind.pixels
            self._container.start_encoding()
        except (FFmpegError, OSError) as error:
            discard(self._part)
            raise output_error(self.path, error) from error

    def write(self, frame: np.ndarray) -> None:
        """Append an (H, W, 4) uint8 RGBA frame."""
        height, width = self._size
        if frame.shape != (height, width, 4):
            raise OutputError(f"{self.path} takes RGBA frames of {width}x{height}, not of shape {frame.shape}.")
        padded = np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)))
        picture = av.VideoFrame.from_ndarray(padded, "rgba")
        picture.pts = None
        try:
            self._container.mux(self._stream.encode(picture))
        except (FFmpegError, OSError) as error:
            self.discard()
            raise output_error(self.path, error) from error
        self._frames += 1
