"""Animated images are read as the videos that they are."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, features

from mobilevos.errors import InputError
from mobilevos.video.reader import open_frames
from mobilevos.video.writer import VideoWriter
from talkie import look

HEIGHT, WIDTH = 48, 64
DURATIONS = [100, 200, 300, 100, 100]
TIMES = [0.0, 0.1, 0.3, 0.6, 0.7]


def picture(index: int) -> np.ndarray:
    frame = np.full((HEIGHT, WIDTH, 3), (40 * index, 60, 90), np.uint8)
    frame[10:30, 5 * index : 20 + 5 * index] = (230, 220, 40)
    return frame


def save(path: Path, **options: object) -> Path:
    images = [Image.fromarray(picture(index)) for index in range(5)]
    images[0].save(path, save_all=True, append_images=images[1:], duration=DURATIONS, **options)
    return path


KINDS = {".png": {}, ".webp": {"lossless": True}, ".gif": {}, ".avif": {"quality": 95}}


@pytest.mark.parametrize("suffix", KINDS)
def test_every_frame_at_its_time(tmp_path: Path, suffix: str) -> None:
    if suffix == ".avif" and not features.check("avif"):
        pytest.skip("no encoder of AVIF here")
    source = open_frames(save(tmp_path / f"a{suffix}", **KINDS[suffix]))
    frames = list(source)
    assert (len(frames), source.size, source.name) == (5, (HEIGHT, WIDTH), "a")
    assert 5 <= source.fps <= 7
    for index, frame in enumerate(frames):
        assert np.abs(frame.astype(int) - picture(index)).mean() < 5
    for index, frame in zip(range(3, -1, -1), source.backward(3), strict=True):
        np.testing.assert_array_equal(frame, frames[index])
    np.testing.assert_array_equal(next(source.forward(2)), frames[2])
    with VideoWriter(tmp_path / "new.mp4", source.fps, source.size, source.playback) as writer:
        for frame in source:
            writer.write(frame)
    assert look(tmp_path / "new.mp4").pictures == pytest.approx(TIMES, abs=2e-3)
    with pytest.raises(InputError, match="has no frame 5"):
        list(source.forward(5))


def test_the_picture_for_others_is_no_frame(tmp_path: Path) -> None:
    images = [Image.fromarray(picture(index)) for index in range(5)]
    images[4].save(
        tmp_path / "a.png", save_all=True, append_images=images[:3], duration=DURATIONS[:3], default_image=True
    )
    source = open_frames(tmp_path / "a.png")
    for index, frame in enumerate(source):
        np.testing.assert_array_equal(frame, picture(index))
    assert index == 2


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_a_cut_is_told(tmp_path: Path, suffix: str) -> None:
    path = save(tmp_path / f"a{suffix}", **KINDS[suffix])
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    with pytest.raises(InputError, match=rf"a\{suffix} is"):
        list(open_frames(path))
