"""Videos made from a video show each frame when it does, whatever its clock; and its rate is told truly."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from mobilevos.video.alpha_video import ALPHA_SUFFIXES, AlphaWriter
from mobilevos.video.reader import open_frames
from mobilevos.video.source import FrameSource
from mobilevos.video.times import FrameTimes
from mobilevos.video.writer import VideoWriter
from talkie import look

HEIGHT, WIDTH = 48, 64
STILL = [0, 40, 80, 120, 2120, 2160, 2200, 2240]
"""A screen recording that stands still for two seconds; milliseconds."""
UNEVEN = np.concatenate([[0], np.cumsum(np.random.default_rng(0).integers(10, 90, 40))]).tolist()
SLOW = [0, 500, 1500, 3000, 3100]
STEADY = [round(index * 1001 / 24) for index in range(60)]
"""24000/1001 on a clock that counts milliseconds."""
CODECS = {
    ".webm": "libvpx-vp9",
    ".mkv": "libx264",
    ".flv": "libx264",
    ".mp4": "libx264",
    ".ts": "libx264",
    ".gif": "gif",
}


def write(path: Path, times: list[int], told: int = 25) -> Path:
    """``told``: the rate that the encoder is set to."""
    rng = np.random.default_rng(0)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(CODECS[path.suffix], rate=told)
        stream.height, stream.width = HEIGHT, WIDTH
        stream.pix_fmt = "rgb8" if path.suffix == ".gif" else "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for time in times:
            frame = av.VideoFrame.from_ndarray(rng.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8), "rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 1000)
            container.mux(stream.encode(frame.reformat(format=stream.pix_fmt)))
        container.mux(stream.encode(None))
    return path


def rewrite(frames: FrameSource, out: Path, first: int = 0) -> list[float]:
    """Pass frames on to a new video; when it shows them."""
    alpha = out.suffix in ALPHA_SUFFIXES
    kind = AlphaWriter if alpha else VideoWriter
    with kind(out, frames.fps, frames.size, frames.playback, first) as writer:
        for frame in frames.forward(first):
            writer.write(np.dstack([frame, np.full_like(frame[..., :1], 255)]) if alpha else frame)
    return look(out).pictures


@pytest.mark.parametrize("suffix", CODECS)
@pytest.mark.parametrize("times", [STILL, UNEVEN, SLOW], ids=["still", "uneven", "slow"])
@pytest.mark.parametrize("made", [".mp4", ".webm", ".mov", ".mkv"])
def test_frames_are_shown_when_the_video_shows_them(tmp_path: Path, suffix: str, times: list[int], made: str) -> None:
    tolerance = 0.011 if suffix == ".gif" else 0.003  # it counts hundredths
    frames = open_frames(write(tmp_path / f"a{suffix}", times))
    came = rewrite(frames, tmp_path / f"new{made}")
    assert came == pytest.approx([time / 1000 for time in times], abs=tolerance)
    came = rewrite(frames, tmp_path / f"later{made}", 2)
    assert came == pytest.approx([(time - times[2]) / 1000 for time in times[2:]], abs=2 * tolerance)
    assert frames.warning is None
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("suffix", CODECS)
@pytest.mark.parametrize("told", [25, 1000])
@pytest.mark.parametrize("times", [STILL, UNEVEN, SLOW], ids=["still", "uneven", "slow"])
def test_the_rate_of_a_video_whose_rate_varies(tmp_path: Path, suffix: str, told: int, times: list[int]) -> None:
    rate = 1000 * (len(times) - 1) / (times[-1] - times[0])
    assert float(open_frames(write(tmp_path / f"a{suffix}", times, told)).fps) == pytest.approx(rate, rel=0.3)


@pytest.mark.parametrize("suffix", [".webm", ".mkv", ".flv"])
@pytest.mark.parametrize("told", [24, 1000])
def test_a_constant_rate_stays_constant_on_a_clock_of_milliseconds(tmp_path: Path, suffix: str, told: int) -> None:
    frames = open_frames(write(tmp_path / f"a{suffix}", STEADY, told))
    assert float(frames.fps) == pytest.approx(24000 / 1001, rel=2e-3)
    assert rewrite(frames, tmp_path / "new.mp4") == pytest.approx([t / 1000 for t in STEADY], abs=5e-3)
    steps = np.diff(look(tmp_path / "new.mp4").pictures)
    assert np.ptp(steps) < 2e-3


def test_times_of_frames_that_say_none() -> None:
    times = FrameTimes(Fraction(10))
    assert not times.vary(0, 50)
    for index, time in enumerate([1.0, None, 1.2, 1.1, 1.4]):
        times.saw(index, time)
    assert [times.of(index) for index in range(-1, 7)] == pytest.approx([0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6])
    assert not times.vary(0, 20)


def test_times_that_cannot_be_kept_cost_no_picture(tmp_path: Path) -> None:
    frames = open_frames(write(tmp_path / "a.mkv", STILL))
    (tmp_path / "..new.part.part.mp4").mkdir()  # the name of the file with the right times until it is complete
    assert len(rewrite(frames, tmp_path / "new.mp4")) == len(STILL)
    assert frames.warning == f"The frame times of {tmp_path / 'a.mkv'} could not be kept: Is a directory."
