"""For editors and compositors: each object as a matte or as a cut-out with alpha, in video or images."""

from fractions import Fraction
from pathlib import Path
from typing import ClassVar

import av
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream
from PIL import Image

from mobilevos.formats.format import Format
from mobilevos.formats.layers import file_name, layer_names, number_of, opacity, to_bytes
from mobilevos.formats.timecode import moved
from mobilevos.video.address import ffmpeg_name
from mobilevos.video.alpha_video import AlphaWriter
from mobilevos.video.files import make_folder
from mobilevos.video.results import ResultFolder, save_result
from mobilevos.video.sink import Clip, Result
from mobilevos.video.sinks import Output
from mobilevos.video.webm_aspect import ROOM_FOR_ASPECT, set_pixel_aspect
from mobilevos.video.writer import VideoWriter


class _Luma(VideoWriter):
    """H.264 whose luma is the matte, at a quality that keeps it within 2 of 255."""

    _x264: ClassVar[dict[str, str]] = {"preset": "superfast", "crf": "12"}


class _Lossless(VideoWriter):
    """FFV1 in Matroska: grey, bit by bit."""

    _takes = "mattes", 1

    def _opened(self, rate: Fraction) -> tuple[OutputContainer, VideoStream]:
        container = av.open(ffmpeg_name(self._part), "w", format="matroska")
        stream = container.add_stream("ffv1", rate=rate, options={"level": "3", "slicecrc": "1"})
        stream.codec_context.pix_fmt = "gray"
        stream.metadata.update(ROOM_FOR_ASPECT)
        return container, stream

    def _picture(self, frame: np.ndarray) -> av.VideoFrame:
        height, width = self._size
        padded = np.pad(frame[..., 0], ((0, height % 2), (0, width % 2)), mode="edge")
        return av.VideoFrame.from_ndarray(padded, "gray")

    def _finished(self) -> None:
        set_pixel_aspect(self._part, self._pixel_aspect)


class LayerVideos(Output):
    """A folder with one video a layer, of the source's size and times, with its time code where it has one."""

    wants_soft = True
    kind: type[VideoWriter]
    suffix: str

    def picture(self, frame: np.ndarray | None, alpha: np.ndarray) -> np.ndarray:
        """What the writer takes, from the frame and an (H, W) uint8 matte."""
        return np.repeat(alpha[..., None], 3, axis=2)

    def __init__(self, path: Path, clip: Clip) -> None:
        super().__init__(path, clip)
        self._layers = layer_names(clip)
        self._writers: dict[int, VideoWriter] = {}

    def write(self, result: Result) -> None:
        clip = self.clip
        for object_id, name in self._layers.items():
            if object_id not in self._writers:
                label = moved(clip.timecode, result.index, clip.fps) if clip.timecode else None
                target = make_folder(self.path) / f"{name}{self.suffix}"
                self._writers[object_id] = self.kind(
                    target, clip.fps, clip.size, clip.playback, result.index, silent=True, timecode=label
                )
            self._writers[object_id].write(self.picture(result.frame, to_bytes(opacity(result, object_id))))

    def close(self) -> None:
        for writer in self._writers.values():
            writer.close()
            ResultFolder(self.path).add(writer.path.name)


class LumaSink(LayerVideos):
    """``luma/<object>.mp4``: H.264 in which white is the object; a track matte for any editor."""

    kind, suffix = _Luma, ".mp4"


class LosslessSink(LayerVideos):
    """``ffv1/<object>.mkv``: the matte without loss, for archives, Blender and what is built on FFmpeg."""

    kind, suffix = _Lossless, ".mkv"

    def picture(self, frame: np.ndarray | None, alpha: np.ndarray) -> np.ndarray:
        return alpha[..., None]


class ProResSink(LayerVideos):
    """``prores/<object>.mov``: the cut-out as ProRes 4444 with straight alpha, for Resolve, After Effects, Nuke."""

    kind, suffix = AlphaWriter, ".mov"

    def picture(self, frame: np.ndarray | None, alpha: np.ndarray) -> np.ndarray:
        assert frame is not None
        return np.dstack([frame, alpha])


class WebMSink(ProResSink):
    """``vp9/<object>.webm``: the same for browsers and OBS."""

    suffix = ".webm"


class SequenceSink(Output):
    """``mattes/<object>/<clip>.<number>.png``: grey 8-bit images, without loss, numbered as the shot is."""

    in_order = False
    wants_soft = True

    def __init__(self, path: Path, clip: Clip) -> None:
        super().__init__(path, clip)
        self._layers = layer_names(clip)
        self.folders = [path, *(path / layer for layer in self._layers.values())]
        self._folder = ResultFolder(path)

    def write(self, result: Result) -> None:
        name = f"{file_name(self.clip.name)}.{number_of(self.clip, result):04d}.png"
        for object_id, layer in self._layers.items():
            save_result(self.path / layer / name, Image.fromarray(to_bytes(opacity(result, object_id))))
            self._folder.add(f"{layer}/{name}")


ALL = (
    Format("luma", "luma", LumaSink, whole=True),
    Format("prores", "prores", ProResSink, pictures=True, whole=True),
    Format("ffv1", "ffv1", LosslessSink, whole=True),
    Format("vp9", "vp9", WebMSink, pictures=True, whole=True),
    Format("mattes", "mattes", SequenceSink),
)
