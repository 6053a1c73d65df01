"""Mattes and label videos beside the clip, as encoders write them."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from format_scenes import picture, scene
from PIL import Image, ImageFilter

from command import mobilevos
from mobilevos.errors import InputError
from mobilevos.formats.given import open_given
from mobilevos.video.palette import PALETTE
from mobilevos.video.reader import open_frames
from mobilevos.video.source import FrameSource
from mobilevos.video.writer import VideoWriter

SIZE = (120, 180)
ODD = 0.01  # share of the pixels, all on edges


def maps() -> list[np.ndarray]:
    return [labels.repeat(3, axis=0).repeat(3, axis=1) for labels in scene()]


@pytest.fixture
def frames(tmp_path: Path) -> FrameSource:
    with VideoWriter(tmp_path / "clip.mp4", Fraction(24), SIZE) as writer:
        for index in range(6):
            writer.write(picture(index, SIZE))
    return open_frames(tmp_path / "clip.mp4")


def encoded(path: Path, pictures: list[np.ndarray], codec: str, pix_fmt: str, rate: int = 24) -> Path:
    """Of (H, W) greys or (H, W, 3) RGB."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = pix_fmt
        for values in pictures:
            kind = "gray" if values.ndim == 2 else "rgb24"
            container.mux(stream.encode(av.VideoFrame.from_ndarray(values, kind).reformat(format=pix_fmt)))
        container.mux(stream.encode(None))
    return path


def soft(labels: np.ndarray) -> np.ndarray:
    drawn = Image.fromarray(np.where(labels > 0, 255, 0).astype(np.uint8))
    return np.asarray(drawn.filter(ImageFilter.GaussianBlur(2)))


def read(path: Path, frames: FrameSource) -> list[np.ndarray]:
    given = open_given(path, frames)
    return [given[index] if index in given else np.zeros(SIZE, np.uint8) for index in range(6)]


@pytest.mark.parametrize(
    ("suffix", "codec", "pix_fmt"),
    [
        (".mp4", "libx264", "yuv420p"),
        (".mov", "prores_ks", "yuv422p10le"),
        (".mkv", "ffv1", "gray"),
        (".mov", "png", "gray"),
        (".webm", "libvpx-vp9", "yuv420p"),
        (".avi", "mjpeg", "yuvj420p"),
    ],
)
def test_mattes(tmp_path: Path, frames: FrameSource, suffix: str, codec: str, pix_fmt: str) -> None:
    faint = [*map(soft, maps()[:5]), soft(maps()[5])]
    faint[3] = faint[3] // 5  # fading out: nothing is more than half opaque
    path = encoded(tmp_path / f"matte{suffix}", faint, codec, pix_fmt)
    for index, (got, wanted) in enumerate(zip(read(path, frames), faint, strict=True)):
        assert (got != (wanted >= 128)).mean() < ODD, index
    assert open_given(path, frames).objects == [1]


@pytest.mark.parametrize(
    ("suffix", "codec", "pix_fmt", "drawn"),
    [
        (".mkv", "ffv1", "gray", "ids"),
        (".mov", "png", "gray", "ids"),
        (".mkv", "ffv1", "bgr0", "colours"),
        (".mov", "png", "rgb24", "colours"),
        (".mov", "qtrle", "rgb24", "colours"),
        (".mp4", "libx264rgb", "rgb24", "colours"),
        (".mp4", "libx264", "yuv420p", "colours"),
        (".mp4", "libx264", "yuv444p", "colours"),
    ],
)
def test_ids_and_colours(
    tmp_path: Path, frames: FrameSource, suffix: str, codec: str, pix_fmt: str, drawn: str
) -> None:
    pictures = maps() if drawn == "ids" else [PALETTE[labels] for labels in maps()]
    got = read(encoded(tmp_path / f"labels{suffix}", pictures, codec, pix_fmt), frames)
    odd = [float((one != labels).mean()) for one, labels in zip(got, maps(), strict=True)]
    assert max(odd) <= (ODD if codec == "libx264" else 0)


def test_commands(tmp_path: Path, frames: FrameSource) -> None:
    half = [np.where(labels[::2, ::2] > 0, 255, 0).astype(np.uint8) for labels in maps()]
    encoded(tmp_path / "matte.mp4", half, "libx264", "yuv420p")
    done = mobilevos("blur", "clip.mp4", "--masks", "matte.mp4", "-o", "out.mp4", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "matte.mp4 is 90x60 but the frames are 180x120; it was scaled to fit. So were 5 more." in done.stderr
    done = mobilevos("convert", "matte.mp4", "--to", "coco", "-o", "coco.json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    done = mobilevos("segment", "clip.mp4", "--mask", "matte.mp4", "-o", "out", "--start", "2", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "matte.mp4 says itself which frames its masks belong to; leave out --start" in done.stderr


def test_what_is_no_mask(tmp_path: Path, frames: FrameSource) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    film = encoded(tmp_path / "film.mkv", [noise] * 6, "ffv1", "bgr0")
    with pytest.raises(InputError, match=r"^frame 0 of film\.mkv looks like a picture, not a mask"):
        open_given(film, frames)
    (tmp_path / "bad.mp4").write_bytes(b"nothing" * 100)
    with pytest.raises(InputError, match=r"bad\.mp4 cannot be read as a video"):
        open_given(tmp_path / "bad.mp4", frames)


def test_a_broken_matte_is_no_broken_clip(tmp_path: Path, frames: FrameSource) -> None:
    matte = encoded(tmp_path / "matte.mkv", [soft(labels) for labels in maps()], "ffv1", "gray")
    matte.write_bytes(matte.read_bytes()[:-3000])
    done = mobilevos("blur", "clip.mp4", "--masks", "matte.mkv", "-o", "out.mp4", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n"), (tmp_path / "out.mp4").exists()) == (2, 1, False)
    assert "matte.mkv is cut off or damaged" in done.stderr
    assert "result so far" not in done.stderr


def test_another_rate_is_told(tmp_path: Path, frames: FrameSource) -> None:
    matte = encoded(tmp_path / "matte.mkv", [soft(labels) for labels in maps()], "ffv1", "gray", rate=30)
    with pytest.warns(UserWarning, match=r"matte\.mkv has 30 frames a second and clip 24; each"):
        open_given(matte, frames)
