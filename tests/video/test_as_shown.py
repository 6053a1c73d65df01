"""Frames are what players show: the track, the way up and the shape of the pixels; videos made of them are shown so."""

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition
from PIL import Image

from mobilevos.live.capture import open_capture
from mobilevos.live.outputs import open_output
from mobilevos.video.alpha_video import AlphaWriter
from mobilevos.video.reader import open_frames
from mobilevos.video.writer import VideoWriter

HEIGHT, WIDTH = 48, 64
ONE = 1 << 16


def corners() -> np.ndarray:
    """(H, W, 3) with another colour in each quarter."""
    frame = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    frame[: HEIGHT // 2, : WIDTH // 2] = (220, 40, 40)
    frame[: HEIGHT // 2, WIDTH // 2 :] = (40, 220, 40)
    frame[HEIGHT // 2 :, : WIDTH // 2] = (40, 40, 220)
    frame[HEIGHT // 2 :, WIDTH // 2 :] = (220, 220, 40)
    return frame


def write(path: Path, frames: list[np.ndarray], pixel_aspect: Fraction = Fraction(1), codec: str = "libx264") -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.height, stream.width, stream.pix_fmt = *frames[0].shape[:2], "yuv420p"
        stream.codec_context.sample_aspect_ratio = pixel_aspect
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        container.mux(stream.encode(None))
    return path


def write_matrix(path: Path, matrix: tuple[int, int, int, int]) -> None:
    """Put a, b, c and d of a display matrix into an MP4 file (ISO 14496-12, track header version 0)."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 44
    a, b, c, d = matrix
    data[at : at + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)


MATRICES = {
    "upright": ((ONE, 0, 0, ONE), lambda f: f),
    "clockwise": ((0, ONE, -ONE, 0), lambda f: np.rot90(f, -1)),
    "upside down": ((-ONE, 0, 0, -ONE), lambda f: np.rot90(f, 2)),
    "counterclockwise": ((0, -ONE, ONE, 0), lambda f: np.rot90(f)),
    "mirrored": ((-ONE, 0, 0, ONE), lambda f: f[:, ::-1]),
    "flipped": ((ONE, 0, 0, -ONE), lambda f: f[::-1]),
    "transposed": ((0, ONE, ONE, 0), lambda f: f.transpose(1, 0, 2)),
    "transversed": ((0, -ONE, -ONE, 0), lambda f: f.transpose(1, 0, 2)[::-1, ::-1]),
    "scaled": ((-2 * ONE, 0, 0, 2 * ONE), lambda f: f[:, ::-1]),
    "nearly upright": ((ONE, ONE // 50, -ONE // 50, ONE), lambda f: f),
    "nothing at all": ((0, 0, 0, 0), lambda f: f),
}


@pytest.mark.parametrize("name", MATRICES)
def test_the_whole_display_matrix_is_applied(tmp_path: Path, name: str) -> None:
    matrix, expected = MATRICES[name]
    path = write(tmp_path / "a.mp4", [corners()] * 3)
    write_matrix(path, matrix)
    source = open_frames(path)
    wanted = expected(corners())
    assert source.size == wanted.shape[:2]
    for frame in (*source, *source.backward(2), next(open_capture(str(path)).shots).image):
        assert frame.flags.c_contiguous
        assert np.abs(frame.astype(int) - wanted).mean() < 4


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
@pytest.mark.parametrize("default", [0, 1])
def test_the_default_track_is_read(tmp_path: Path, suffix: str, default: int) -> None:
    path = tmp_path / f"two{suffix}"
    with av.open(str(path), "w") as container:
        tracks = [container.add_stream("libx264", rate=24) for _ in range(2)]
        for index, (track, factor) in enumerate(zip(tracks, (2, 1), strict=True)):
            track.height, track.width, track.pix_fmt = HEIGHT // factor, WIDTH // factor, "yuv420p"
            track.disposition = Disposition.default if index == default else Disposition(0)
        for _ in range(4):
            for track, factor in zip(tracks, (2, 1), strict=True):
                small = np.ascontiguousarray(corners()[::factor, ::factor])
                container.mux(track.encode(av.VideoFrame.from_ndarray(small, "rgb24")))
        for track in tracks:
            container.mux(track.encode(None))
    wanted = (HEIGHT, WIDTH) if default else (HEIGHT // 2, WIDTH // 2)
    assert open_frames(path).size == wanted
    assert [frame.shape[:2] for frame in open_frames(path)] == [wanted] * 4
    assert next(open_capture(str(path)).shots).image.shape[:2] == wanted


def test_a_cover_is_no_video(tmp_path: Path) -> None:
    Image.fromarray(corners()[:20, :20].copy()).save(tmp_path / "cover.jpg")
    write(tmp_path / "plain.mp4", [corners()] * 4)
    with (
        av.open(str(tmp_path / "plain.mp4")) as video,
        av.open(str(tmp_path / "cover.jpg")) as cover,
        av.open(str(tmp_path / "a.mp4"), "w") as out,
    ):
        picture, track = (out.add_stream_from_template(each.streams.video[0]) for each in (cover, video))
        picture.disposition = Disposition.attached_pic
        track.disposition = Disposition(0)
        for source, target in ((cover, picture), (video, track)):
            for packet in source.demux(video=0):
                if packet.dts is not None:
                    packet.stream = target
                    out.mux(packet)
    assert open_frames(tmp_path / "a.mp4").size == (HEIGHT, WIDTH)


def shown(path: Path) -> Fraction:
    """Width of a pixel, in its heights."""
    with av.open(str(path)) as container:
        return Fraction(container.streams.video[0].sample_aspect_ratio or 1)


@pytest.mark.parametrize("aspect", [Fraction(2), Fraction(64, 45), Fraction(10, 11)])
@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".mov"])
@pytest.mark.parametrize("from_where", [0, 3])
def test_the_shape_of_pixels_is_kept(tmp_path: Path, aspect: Fraction, suffix: str, from_where: int) -> None:
    frames = open_frames(write(tmp_path / "a.mkv", [corners()] * 6, aspect))
    alpha = suffix != ".mp4"
    out = tmp_path / f"new{suffix}"
    kind = AlphaWriter if alpha else VideoWriter
    with kind(out, frames.fps, frames.size, frames.playback, from_where) as writer:
        for frame in frames.forward(from_where):
            writer.write(np.dstack([frame, np.full_like(frame[..., :1], 255)]) if alpha else frame)
    assert float(shown(out)) == pytest.approx(float(aspect), rel=0.01)


def test_pixels_turn_with_the_frame(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", [corners()] * 3, Fraction(2))
    write_matrix(path, (0, ONE, -ONE, 0))
    frames = open_frames(path)
    with VideoWriter(tmp_path / "new.mp4", frames.fps, frames.size, frames.playback) as writer:
        for frame in frames:
            writer.write(frame)
    assert shown(tmp_path / "new.mp4") == Fraction(1, 2)


def test_a_live_recording_keeps_the_shape_of_pixels(tmp_path: Path) -> None:
    capture = open_capture(str(write(tmp_path / "a.mp4", [corners()] * 3, Fraction(2))))
    with open_output(str(tmp_path / "new.mp4"), capture.fps, (HEIGHT, WIDTH), capture.pixel_aspect) as show:
        for shot in capture.shots:
            show(shot, np.zeros((HEIGHT, WIDTH), np.uint8))
    assert shown(tmp_path / "new.mp4") == 2


@pytest.mark.parametrize("suffix", [".webm", ".mov"])
def test_colours_of_transparent_videos_are_tagged(tmp_path: Path, suffix: str) -> None:
    rgba = np.dstack([corners(), np.full((HEIGHT, WIDTH), 255, np.uint8)])
    with AlphaWriter(tmp_path / f"new{suffix}", Fraction(24), (HEIGHT, WIDTH)) as writer:
        writer.write(rgba)
    with av.open(str(tmp_path / f"new{suffix}")) as container:
        codec = container.streams.video[0].codec_context
        assert (codec.color_primaries, codec.color_trc, codec.colorspace) == (1, 1, 1)
        frame = next(container.decode(video=0)).to_ndarray(format="rgb24")
    for y, x in ((10, 10), (10, 50), (40, 10), (40, 50)):
        np.testing.assert_allclose(frame[y, x].astype(int), corners()[y, x], atol=6)
