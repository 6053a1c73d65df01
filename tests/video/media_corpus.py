"""About 150 small videos of all sorts, made when they are needed, and what reading each of them gives."""

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from pathlib import Path

import av
import numpy as np
from av.stream import Disposition
from av.video.reformatter import ColorRange, Colorspace

from ordinary_priority import ordinary_priority

COUNT, SIZE, RATE = 8, (48, 64), Fraction(25)
CODECS = [
    *product((".mp4", ".mov", ".mkv", ".avi", ".flv", ".ts", ".m4v", ".mts", ".3gp"), ("libx264",), ("yuv420p",)),
    *product((".mp4", ".mkv"), ("libx264",), ("yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "gray", "yuvj420p")),
    *product((".mp4", ".mov", ".mkv", ".ts"), ("libx265",), ("yuv420p", "yuv420p10le", "yuv444p")),
    *product((".mp4", ".mov", ".avi", ".mkv"), ("mpeg4",), ("yuv420p",)),
    *product((".mpg", ".vob", ".ts", ".mkv", ".mxf"), ("mpeg2video",), ("yuv420p",)),
    *product((".mpg", ".mkv"), ("mpeg1video",), ("yuv420p",)),
    *product((".mov", ".mkv", ".mxf"), ("prores_ks",), ("yuv422p10le", "yuva444p10le")),
    *product((".webm", ".mkv"), ("libvpx",), ("yuv420p",)),
    *product((".webm", ".mkv"), ("libvpx-vp9",), ("yuv420p", "yuva420p", "yuv444p")),
    *product((".mkv", ".avi", ".nut"), ("ffv1",), ("yuv420p", "yuv444p", "bgr0", "gray", "yuv422p10le")),
    *product((".avi", ".mkv", ".mov"), ("mjpeg",), ("yuvj420p", "yuvj422p", "yuvj444p")),
    *product((".avi", ".nut"), ("huffyuv",), ("yuv422p", "rgb24")),
    *product((".mov",), ("qtrle",), ("rgb24", "argb")),
    *product((".mov", ".avi", ".nut"), ("png",), ("rgb24", "rgba", "gray", "rgb48be")),
    *product((".avi", ".nut"), ("rawvideo",), ("yuv420p", "bgr24")),
    *product((".mp4", ".mkv", ".webm"), ("libsvtav1",), ("yuv420p", "yuv420p10le")),
    *product((".wmv", ".asf"), ("wmv2",), ("yuv420p",)),
    *product((".avi",), ("utvideo",), ("yuv420p", "gbrp")),
    (".ogv", "libtheora", "yuv420p"),
    (".mov", "cfhd", "yuv422p10le"),
    (".mkv", "libopenjpeg", "rgb24"),
    (".gif", "gif", "rgb8"),
    (".y4m", "wrapped_avframe", "yuv420p"),
    (".avi", "zmbv", "bgr0"),
    (".avi", "cinepak", "rgb24"),
    (".flv", "flv", "yuv420p"),
]
COARSE = {"gif", "cinepak", "flv", "wmv2", "mpeg1video", "mpeg2video", "mpeg4", "libtheora", "libvpx", "libvpx-vp9"}
OPTIONS = {
    "libx264": {"preset": "ultrafast", "crf": "10"},
    "libx265": {"preset": "ultrafast", "crf": "8", "x265-params": "log-level=none:pools=1"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8"},
    "libsvtav1": {"preset": "12", "crf": "10", "svtav1-params": "lp=1"},
}
BY_QUALITY = {"mpeg4", "mpeg2video", "mpeg1video", "mjpeg", "wmv2", "flv"}


@dataclass(frozen=True)
class Film:
    """A file, and what is expected of it.

    Attributes:
        name: of the file.
        make: writes it.
        count, size, fps: of the frames; ``fps`` None where nothing tells it.
        times: of the frames after the first, seconds; None: by the rate.
        shown: what a frame looks like, made of `picture`.
        error: largest mean difference from that.
        refused: part of the sentence that it is refused with instead.
    """

    name: str
    make: Callable[[Path], object]
    count: int = COUNT
    size: tuple[int, int] = SIZE
    fps: Fraction | None = RATE
    times: Sequence[float] | None = None
    shown: Callable[[np.ndarray], np.ndarray] = field(default=lambda frame: frame)
    error: float = 8
    refused: str | None = None


def picture(index: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """(H, W, 3) uint8: soft colours that differ from corner to corner, and a square that moves."""
    height, width = size
    y, x = np.mgrid[:height, :width] / max(size)
    frame = np.dstack([70 + 90 * x, 70 + 90 * y, np.full_like(x, 110)]).astype(np.uint8)
    top, left = height // 4, (width * index) // 16
    frame[top : top + height // 3, left : left + width // 4] = (190, 180, 90)
    return frame


def write(
    path: Path,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    size: tuple[int, int] = SIZE,
    fps: Fraction = RATE,
    times: Sequence[float] | None = None,
    count: int = COUNT,
    sound: str | None = None,
    **settings: object,
) -> Path:
    """Write a video of `picture`; settings are attributes of the encoder."""
    with ordinary_priority(), av.open(str(path), "w") as container:
        heard = container.add_stream(sound, rate=48_000, layout="mono") if sound else None
        stream = container.add_stream(codec, rate=fps, options=OPTIONS.get(codec, {}))
        context = stream.codec_context
        context.height, context.width = size
        context.pix_fmt = pixels
        if codec in BY_QUALITY:
            context.qmin, context.qmax, context.bit_rate = 1, 3, 4_000_000
        if times is not None:
            context.time_base = Fraction(1, 1000)
        for name, value in settings.items():
            setattr(context, name, value)
        for index in range(count):
            frame = av.VideoFrame.from_ndarray(picture(index, size), "rgb24")
            if "rgb" not in pixels and "bgr" not in pixels and "gbr" not in pixels:
                full = "j" in pixels or codec == "png"
                frame = frame.reformat(
                    format=pixels,
                    dst_colorspace=Colorspace.ITU601,
                    dst_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
                )
            if times is not None:
                frame.pts, frame.time_base = round(times[index] * 1000), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if heard is not None:
            samples = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.float32), "fltp", "mono")
            samples.sample_rate, samples.pts = 48_000, 0
            container.mux(heard.encode(samples))
            container.mux(heard.encode(None))
    return path


def films() -> Iterator[Film]:
    """All of them."""
    yield from _codecs()
    yield from _rates_and_sizes()
    yield from _turned()
    yield from _layouts()
    yield from _damaged()


def _codecs() -> Iterator[Film]:
    for suffix, codec, pixels in CODECS:
        if codec not in av.codecs_available:
            continue
        grey = pixels.startswith("gray")
        yield Film(
            f"{codec}-{pixels}{suffix}",
            lambda path, c=codec, p=pixels: write(path, c, p),
            fps=None if codec == "gif" else RATE,
            shown=_grey if grey else lambda frame: frame,
            error=20 if codec in COARSE or pixels == "rgb8" else 8,
        )


def _grey(frame: np.ndarray) -> np.ndarray:
    return np.repeat((frame @ [0.299, 0.587, 0.114])[..., None], 3, axis=2)


def _rates_and_sizes() -> Iterator[Film]:
    for suffix in (".mp4", ".mkv", ".avi"):
        for fps in map(Fraction, ("24000/1001", "30000/1001", "60", "120", "15/2", "1")):
            name = f"rate-{fps.numerator}-{fps.denominator}{suffix}"
            yield Film(name, lambda path, r=fps: write(path, fps=r), fps=fps)
    for size in ((2, 2), (16, 16), (47, 63), (31, 128), (8, 640), (240, 18)):
        name = f"size-{size[1]}x{size[0]}.mkv"
        yield Film(name, lambda path, s=size: write(path, "ffv1", "bgr0", s), size=size)
    varying = [0.0, 0.1, 0.3, 0.34, 0.38, 0.9, 1.0, 1.5]
    for suffix in (".mp4", ".mov", ".mkv", ".flv"):
        name = f"varying{suffix}"
        yield Film(name, lambda path: write(path, times=varying, max_b_frames=0), fps=None, times=varying)
    yield Film("one-frame.mp4", lambda path: write(path, count=1), count=1)
    yield Film("anamorphic.mp4", lambda path: write(path, sample_aspect_ratio=Fraction(4, 3)))


def _turned() -> Iterator[Film]:
    turns: dict[str, tuple[tuple[int, int, int, int], Callable[[np.ndarray], np.ndarray]]] = {
        "90": ((0, 1, -1, 0), lambda frame: np.rot90(frame, -1)),
        "180": ((-1, 0, 0, -1), lambda frame: np.rot90(frame, 2)),
        "270": ((0, -1, 1, 0), np.rot90),
        "mirrored": ((-1, 0, 0, 1), lambda frame: frame[:, ::-1]),
        "flipped": ((1, 0, 0, -1), lambda frame: frame[::-1]),
        "transposed": ((0, 1, 1, 0), lambda frame: frame.transpose(1, 0, 2)),
        "transversed": ((0, -1, -1, 0), lambda frame: np.rot90(frame, 2).transpose(1, 0, 2)),
        "nothing": ((0, 0, 0, 0), lambda frame: frame),
    }
    for suffix, (name, (matrix, shown)) in product((".mp4", ".mov"), turns.items()):
        size = SIZE[::-1] if matrix[1] else SIZE
        yield Film(f"turned-{name}{suffix}", lambda path, m=matrix: _turn(write(path), m), size=size, shown=shown)


def _turn(path: Path, matrix: tuple[int, int, int, int]) -> None:
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 40 + 4
    a, b, c, d = (value << 16 for value in matrix)
    data[at : at + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)


def _layouts() -> Iterator[Film]:
    for suffix, sound in (
        (".mp4", "aac"),
        (".mkv", "libopus"),
        (".avi", "libmp3lame"),
        (".ts", "aac"),
        (".mov", "alac"),
    ):
        if sound in av.codecs_available:
            yield Film(f"sound-first{suffix}", lambda path, s=sound: write(path, sound=s))
    yield Film("small-track-first.mkv", _two_tracks)
    yield Film("sound-only.mp4", _sound_only, refused="has no video track")
    yield Film("sound-only.mp3", _sound_only, refused="has no video track")


def _two_tracks(path: Path) -> None:
    with av.open(str(path), "w") as container:
        small, full = (container.add_stream("ffv1", rate=RATE) for _ in range(2))
        for stream, (height, width) in ((small, (24, 32)), (full, SIZE)):
            stream.height, stream.width, stream.pix_fmt = height, width, "bgr0"
        small.disposition, full.disposition = Disposition(0), Disposition.default
        for index in range(COUNT):
            for stream, size in ((small, (24, 32)), (full, SIZE)):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture(index, size), "rgb24")))
        for stream in (small, full):
            container.mux(stream.encode(None))


def _sound_only(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libmp3lame" if path.suffix == ".mp3" else "aac", rate=48_000, layout="mono")
        samples = av.AudioFrame.from_ndarray(np.zeros((1, 9600), np.float32), "fltp", "mono")
        samples.sample_rate, samples.pts = 48_000, 0
        container.mux(stream.encode(samples))
        container.mux(stream.encode(None))


def _damaged() -> Iterator[Film]:
    texts = {"empty": b"", "text": b"no video at all\n" * 50, "zeros": bytes(20_000), "html": b"<!DOCTYPE html><html>"}
    for (name, data), suffix in product(texts.items(), (".mp4", ".mkv", ".avi", ".webm")):
        yield Film(f"{name}{suffix}", lambda path, d=data: path.write_bytes(d), refused=f"{name}{suffix} ")
    for suffix in (".mp4", ".mkv", ".avi", ".mov"):
        yield Film(f"cut{suffix}", _cut, refused=f"cut{suffix} ")
    yield Film("named-otherwise.mp4", lambda path: write(path.with_suffix(".mkv")).rename(path))
    yield Film("no-suffix", lambda path: write(path.with_suffix(".mkv")).rename(path))


def _cut(path: Path) -> None:
    whole = write(path).read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
