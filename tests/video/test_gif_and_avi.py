"""GIF and AVI as outputs, looked at with FFmpeg's decoders."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from command import mobilevos
from mobilevos.errors import InputError
from mobilevos.video.avi_writer import AviWriter
from mobilevos.video.gif_writer import GifWriter
from mobilevos.video.masks import save_palette_png
from mobilevos.video.playback import Playback
from mobilevos.video.reader import open_frames
from mobilevos.video.writers import writer_for


def picture(index: int, height: int = 48, width: int = 64) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    frame = np.dstack([x * 255 // width, y * 255 // height, np.full_like(x, 90)]).astype(np.uint8)
    frame[10:30, 2 * index : 20 + 2 * index] = (230, 220, 40)
    return frame


def written(path: Path, count: int, fps: Fraction, times: list[float] | None = None, aspect: int = 1) -> Path:
    playback = Playback(path, fps, Fraction(aspect))
    for index, time in enumerate(times or ()):
        playback.times.saw(index, time)
    with writer_for(path)(path, fps, (48, 64), playback) as writer:
        for index in range(count):
            writer.write(picture(index))
    return path


@pytest.mark.parametrize("suffix", [".gif", ".avi", ".AVI", ".GIF"])
def test_frames_come_back_with_their_colours_and_rate(tmp_path: Path, suffix: str) -> None:
    source = open_frames(written(tmp_path / f"a{suffix}", 10, Fraction(25)))
    frames = list(source)
    assert (len(frames), source.fps, source.size) == (10, 25, (48, 64))
    for index, frame in enumerate(frames):
        assert np.abs(frame.astype(int) - picture(index)).mean() < 9
    assert [path.name for path in tmp_path.iterdir()] == [f"a{suffix}"]


def test_gif_counts_hundredths_and_goes_on_for_ever(tmp_path: Path) -> None:
    path = written(tmp_path / "a.gif", 31, Fraction(30))
    with Image.open(path) as image:
        assert (image.n_frames, image.info["loop"]) == (31, 0)
        delays = []
        for index in range(31):
            image.seek(index)
            delays.append(image.info["duration"])
    assert set(delays) <= {30, 40}
    assert sum(delays[:30]) == 1000


def test_gif_leaves_out_what_would_be_shown_too_long(tmp_path: Path) -> None:
    with Image.open(written(tmp_path / "a.gif", 121, Fraction(120))) as image:
        durations = []
        for index in range(image.n_frames):
            image.seek(index)
            durations.append(image.info["duration"])
    assert min(durations) >= 20
    assert sum(durations[:-1]) == 1000


TIMES = [0.0, 0.1, 0.3, 0.6, 0.7]


def test_varying_times(tmp_path: Path) -> None:
    gif = open_frames(written(tmp_path / "a.gif", 5, Fraction(7), TIMES))
    list(gif)
    assert [gif.playback.times.of(index) for index in range(5)] == pytest.approx(TIMES, abs=0.011)
    avi = open_frames(written(tmp_path / "a.avi", 5, Fraction(10), TIMES))
    shown = [int(np.abs(frame.astype(int) - [picture(i) for i in range(5)]).mean((1, 2, 3)).argmin()) for frame in avi]
    assert shown == [0, 1, 1, 2, 2, 2, 3, 4]


def test_pixels_that_are_not_square(tmp_path: Path) -> None:
    assert open_frames(written(tmp_path / "a.gif", 2, Fraction(10), aspect=2)).size == (48, 128)
    with av.open(str(written(tmp_path / "a.avi", 2, Fraction(10), aspect=2))) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("mjpeg", "yuvj420p")
        assert (stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio) == 2


def test_no_frame_no_file(tmp_path: Path) -> None:
    for writer in (GifWriter, AviWriter):
        with writer(tmp_path / f"a.{writer.__name__[:3].lower()}", Fraction(25), (48, 64)):
            pass
    with pytest.raises(InputError, match=r"^a\.txt is no \.mp4, \.mkv, \.avi or \.gif file; .*\.$"):
        writer_for(tmp_path / "a.txt")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".gif", ".avi"])
def test_effects_and_overlays_take_the_suffix(tmp_path: Path, suffix: str) -> None:
    clip = written(tmp_path / "clip.mp4", 3, Fraction(25))
    (tmp_path / "masks").mkdir()
    for index in range(3):
        save_palette_png(tmp_path / f"masks/{index:05d}.png", (picture(index)[..., 2] == 40).astype(np.uint8))
    done = mobilevos("blur", clip, "--masks", "masks", "-o", f"a{suffix}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(list(open_frames(tmp_path / f"a{suffix}"))) == 3
    done = mobilevos("convert", "masks", "--to", "overlay", "--video", clip, "-o", f"b{suffix}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert open_frames(tmp_path / f"b{suffix}").size == (48, 64)
    done = mobilevos("convert", "masks", "--to", "overlay", "--video", clip, "-o", "c.txt", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
