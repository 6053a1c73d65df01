"""Interlaced video is deinterlaced, in the order of its fields, and that is told."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.filter import Graph

from mobilevos.video.reader import open_frames

HEIGHT, WIDTH, COUNT, STEP, SIDE = 64, 160, 20, 6, 40


def moment(index: float) -> np.ndarray:
    """A bright square that moves over a dull ground."""
    frame = np.full((HEIGHT, WIDTH, 3), 40, np.uint8)
    left = round(STEP * index)
    frame[16:48, left : left + SIDE] = 220
    return frame


def write(path: Path, codec: str, first: str | None) -> Path:
    """``first``: the field that is earlier, top or bottom; None for progressive pictures."""
    options = {"qmin": "1", "qmax": "4", **({} if first is None else {"flags": "+ildct+ilme"})}
    marked = Graph()
    marked.link_nodes(
        marked.add_buffer(width=WIDTH, height=HEIGHT, format="yuv420p", time_base=Fraction(1, 25)),
        marked.add("setfield", {"top": "tff", "bottom": "bff", None: "prog"}[first]),
        marked.add("buffersink"),
    ).configure()
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=Fraction(25), options=options)
        stream.height, stream.width, stream.pix_fmt = HEIGHT, WIDTH, "yuv420p"
        for index in range(COUNT):
            frame = moment(index)
            if first is not None:
                frame[first == "top" :: 2] = moment(index + 0.5)[first == "top" :: 2]
            picture = av.VideoFrame.from_ndarray(frame, "rgb24").reformat(format="yuv420p")
            picture.pts = index
            marked.push(picture)
            container.mux(stream.encode(marked.pull()))
        container.mux(stream.encode(None))
    return path


def combing(frame: np.ndarray) -> float:
    """How much more lines differ from their neighbours than from those next to these."""
    rows = frame[20:44].astype(int).mean(axis=2)
    return float(np.abs(rows[1:-1] - rows[:-2]).mean() - np.abs(rows[2:] - rows[:-2]).mean())


@pytest.mark.parametrize("first", ["top", "bottom"])
@pytest.mark.parametrize("suffix", [".mp4", ".ts", ".mkv"])
def test_frames_are_whole_and_show_their_first_field(tmp_path: Path, suffix: str, first: str) -> None:
    path = write(tmp_path / f"a{suffix}", "libx264", first)
    with av.open(str(path)) as container:
        combed = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    source = open_frames(path)
    frames = list(source)
    assert len(frames) == COUNT
    assert source.warning == f"{path} is interlaced; its frames were deinterlaced."
    assert min(combing(frame) for frame in combed) > 3
    for index, frame in enumerate(frames[1:-1], 1):
        assert combing(frame) < 1
        assert np.abs(frame[20:44].astype(int) - moment(index)[20:44]).mean() < 4
    assert source.playback is not None
    assert source.playback.times.of(COUNT - 1) - source.playback.times.of(0) == pytest.approx((COUNT - 1) / 25)
    backward = list(open_frames(path).backward(COUNT - 1))
    assert len(backward) == COUNT
    for frame, other in zip(frames, reversed(backward), strict=True):
        np.testing.assert_array_equal(frame, other)


def test_progressive_video_is_left_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", "libx264", None)
    source = open_frames(path)
    with av.open(str(path)) as container:
        for frame, plain in zip(source, container.decode(video=0), strict=True):
            np.testing.assert_array_equal(frame, plain.to_ndarray(format="rgb24"))
    assert source.warning is None
