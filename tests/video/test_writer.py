"""Files that decode again, odd sizes, and disks that are full for real."""

import os
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from mobilevos.errors import OutputError
from mobilevos.video.reader import open_frames
from mobilevos.video.writer import VideoWriter

needs_full_device = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")


def gradient(index: int, height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    return np.dstack([x * 255 // width, y * 255 // height, np.full_like(x, 20 * index)]).astype(np.uint8)


@pytest.mark.parametrize("size", [(48, 64), (47, 63), (31, 64), (2, 2), (1, 1)])
def test_frames_come_back(tmp_path: Path, size: tuple[int, int]) -> None:
    height, width = size
    path = tmp_path / "out.mp4"
    with VideoWriter(path, Fraction(30000, 1001), size) as writer:
        for index in range(8):
            writer.write(gradient(index, height, width))
        assert not path.exists()
    source = open_frames(path)
    frames = list(source)
    assert len(frames) == 8
    assert source.fps == Fraction(30000, 1001)
    assert source.size == (height + height % 2, width + width % 2)
    if height > 30:
        for index, frame in enumerate(frames):
            error = np.abs(frame[:height, :width].astype(int) - gradient(index, height, width))
            assert error.mean() < 4
    assert os.listdir(tmp_path) == ["out.mp4"]


def test_file_is_what_browsers_play(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    with VideoWriter(path, Fraction(24), (48, 64)) as writer:
        for index in range(3):
            writer.write(gradient(index, 48, 64))
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert next(container.decode(stream)).colorspace == 1  # BT.709


@pytest.mark.parametrize("fps", [Fraction(64000, 3397), Fraction(2997003, 100001), Fraction(1, 3), Fraction(240)])
def test_unusual_rates(tmp_path: Path, fps: Fraction) -> None:
    with VideoWriter(tmp_path / "out.mp4", fps, (16, 16)) as writer:
        for index in range(5):
            writer.write(gradient(index, 16, 16))
    assert abs(open_frames(tmp_path / "out.mp4").fps / fps - 1) < 1e-3


def test_error_inside_the_block_leaves_nothing(tmp_path: Path) -> None:
    def interrupted() -> None:
        with VideoWriter(tmp_path / "out.mp4", Fraction(24), (48, 64)) as writer:
            writer.write(gradient(0, 48, 64))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert os.listdir(tmp_path) == []


def test_no_frame_no_file(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "out.mp4", Fraction(24), (48, 64)):
        pass
    assert os.listdir(tmp_path) == []


def test_frame_of_another_size_is_refused(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "out.mp4", Fraction(24), (48, 64)) as writer:
        writer.write(gradient(0, 48, 64))
        with pytest.raises(OutputError, match="64x48"):
            writer.write(gradient(0, 64, 48))


def test_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"out\.mp4 could not be written: No such file or directory\.$"):
        VideoWriter(tmp_path / "none" / "out.mp4", Fraction(24), (48, 64))


@needs_full_device
@pytest.mark.parametrize("frames", [1, 40])
def test_full_disk_while_writing_or_closing(tmp_path: Path, frames: int) -> None:
    (tmp_path / ".out.part.mp4").symlink_to("/dev/full")  # the name it writes to until it is complete
    rng = np.random.default_rng(0)
    written = 0

    def write() -> None:
        nonlocal written
        with VideoWriter(tmp_path / "out.mp4", Fraction(24), (96, 160)) as writer:
            for _ in range(frames):
                writer.write(rng.integers(0, 256, (96, 160, 3), dtype=np.uint8))
                written += 1

    with pytest.raises(OutputError, match="disk is full"):
        write()
    assert written < frames or frames == 1
    assert os.listdir(tmp_path) == []
