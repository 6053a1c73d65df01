"""Real files played backwards: the same pictures as forwards, from chunks as small as they get."""

import resource
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from mobilevos.errors import InputError, TruncatedVideo
from mobilevos.video import rewind
from mobilevos.video.reader import open_frames

HEIGHT, WIDTH, COUNT = 48, 64, 60
GOP = {"g": "10"}
CLOSED = {**GOP, "bf": "0"}


def moving(index: int) -> np.ndarray:
    frame = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    frame[10:30, index % 40 : index % 40 + 20] = (250, 10 + index, 30)
    return frame


def write_video(path: Path, codec: str, pixels: str = "yuv420p", **coder: str) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=Fraction(25), options=coder)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pixels
        for index in range(COUNT):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(moving(index), "rgb24")))
        container.mux(stream.encode(None))
    return path


def assert_backward_is_forward(path: Path, last: int = COUNT - 1) -> None:
    forward, backward = list(open_frames(path)), list(open_frames(path).backward(last))
    assert len({frame.tobytes() for frame in forward}) > COUNT // 2
    assert len(backward) == last + 1
    for frame, expected in zip(backward, reversed(forward[: last + 1]), strict=True):
        np.testing.assert_array_equal(frame, expected)


SEEKABLE = {
    "b_frames.mp4": {"codec": "libx264", **GOP},
    "open_gop.mp4": {"codec": "libx264", **GOP, "x264-params": "open-gop=1:bframes=3"},
    "one_gop.mp4": {"codec": "libx264", "g": "600", "sc_threshold": "0"},
    "b_frames.mkv": {"codec": "libx264", **GOP},
    "vp8.webm": {"codec": "libvpx", **GOP},
    "mpeg4.avi": {"codec": "mpeg4", **CLOSED},
    "mjpeg.avi": {"codec": "mjpeg", "pixels": "yuvj420p"},
}
COUNTED = {
    "stream.ts": {"codec": "libx264", **GOP},
    "program.mpg": {"codec": "mpeg2video", **GOP},
    "flash.flv": {"codec": "libx264", **GOP},
    "raw.h264": {"codec": "libx264", **GOP},
    "refresh.mp4": {"codec": "libx264", **GOP, "x264-params": "intra-refresh=1"},
}


@pytest.mark.parametrize("last", [COUNT - 1, 33])
@pytest.mark.parametrize("name", SEEKABLE)
def test_seeks_lead_to_the_same_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, last: int) -> None:
    monkeypatch.setattr(rewind, "BUDGET", 1)
    monkeypatch.delattr(rewind, "_counted")  # a seek that misses would call it
    assert_backward_is_forward(write_video(tmp_path / name, **SEEKABLE[name]), last)


@pytest.mark.parametrize("name", COUNTED)
def test_where_seeks_may_miss_the_pictures_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(rewind, "BUDGET", 1)
    assert_backward_is_forward(write_video(tmp_path / name, **COUNTED[name]))


def test_few_pictures_are_held_and_few_decoded_in_vain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewind, "BUDGET", 1)
    source = open_frames(write_video(tmp_path / "clip.mp4", "libx264", **GOP))
    decoded = 0
    pictures_from = source._pictures_from

    def counting(time: int):  # type: ignore[no-untyped-def]
        nonlocal decoded
        for picture in pictures_from(time):
            decoded += 1
            yield picture

    monkeypatch.setattr(source, "_pictures_from", counting)
    assert sum(1 for _ in source.backward(COUNT - 1)) == COUNT
    assert 0 < decoded < 2 * COUNT


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no figures of memory here")
def test_memory_does_not_grow_with_the_video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is ten chunks long; decoders would gladly keep every picture for later use."""
    picture_bytes = 640 * 360 * 3 // 2
    monkeypatch.setattr(rewind, "BUDGET", 36 * picture_bytes)
    with av.open(str(tmp_path / "clip.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast", "g": "36"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        picture = av.VideoFrame(640, 360, "yuv420p")
        for _ in range(360):
            picture.pts = None
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    resident = []
    for _ in open_frames(tmp_path / "clip.mp4").backward(359):
        resident.append(int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize())
    assert len(resident) == 360
    assert max(resident) - resident[0] < 90 * picture_bytes


def test_beyond_the_end_is_one_sentence(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", "libx264")
    for frames in (open_frames(path).backward(COUNT), open_frames(path).forward(COUNT)):
        with pytest.raises(InputError, match=rf"clip\.mp4 has no frame {COUNT}: its {COUNT} frames are numbered"):
            next(frames)
    np.testing.assert_array_equal(next(open_frames(path).forward(COUNT - 1)), list(open_frames(path))[-1])


def test_cut_off_before_the_frame(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mkv", "libx264", **GOP)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(TruncatedVideo):
        next(open_frames(path).backward(COUNT - 1))
    assert len(list(open_frames(path).backward(5))) == 6


def test_folders_go_both_ways_and_know_their_names(tmp_path: Path) -> None:
    for index in (8, 9, 10):
        Image.fromarray(moving(index)).save(tmp_path / f"shot{index}.png")
    source = open_frames(tmp_path)
    assert [frame.tobytes() for frame in source.backward(1)] == [moving(i).tobytes() for i in (9, 8)]
    assert [frame.tobytes() for frame in source.forward(1)] == [moving(i).tobytes() for i in (9, 10)]
    assert [source.index_of(stem) for stem in ("shot8", "shot10", "shot7", "8")] == [0, 2, None, None]
    with pytest.raises(InputError, match="has no frame 3: its 3 frames are numbered from 0 to 2"):
        next(source.backward(3))
