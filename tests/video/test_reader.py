"""Frames from real files made here: every container healthy, cut and overwritten; folders; bad input."""

import struct
import tracemalloc
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from mobilevos.errors import InputError, TruncatedVideo
from mobilevos.video.reader import open_frames

HEIGHT, WIDTH, COUNT = 48, 64, 40
FAST_START = {"movflags": "+faststart"}


def noise(index: int, height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """Hard to compress, so that files are long enough to be cut."""
    return np.random.default_rng(index).integers(0, 256, (height, width, 3), dtype=np.uint8)


def write_video(
    path: Path,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    count: int = COUNT,
    times: list[int] | None = None,
    mux: dict[str, str] | None = None,
    coder: dict[str, str] | None = None,
) -> Path:
    """``times`` are presentation times in milliseconds; without them the rate is 24000/1001."""
    with av.open(str(path), "w", options=mux or {}) as container:
        stream = container.add_stream(codec, rate=Fraction(24000, 1001), options=coder or {})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pixels
        stream.codec_context.thread_count = 1
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        for index in range(count):
            frame = av.VideoFrame.from_ndarray(noise(index), "rgb24")
            if times is not None:
                frame.pts, frame.time_base = times[index], Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def read(path: Path) -> tuple[list[np.ndarray], TruncatedVideo | None]:
    """The frames delivered, and the error after them."""
    frames = []
    try:
        for frame in open_frames(path):
            frames.append(frame)
    except TruncatedVideo as error:
        return frames, error
    return frames, None


CONTAINERS = {
    "plain.mp4": {},
    "faststart.mp4": {"mux": FAST_START},
    "fragments.mp4": {"mux": {"movflags": "frag_keyframe+empty_moov"}, "coder": {"g": "8"}},
    "x264.mkv": {},
    "vp8.webm": {"codec": "libvpx", "coder": {"deadline": "realtime"}},
    "vp9.webm": {"codec": "libvpx-vp9", "coder": {"deadline": "realtime", "cpu-used": "8"}},
    "mpeg4.avi": {"codec": "mpeg4"},
    "mjpeg.avi": {"codec": "mjpeg", "pixels": "yuvj420p"},
    "prores.mov": {"codec": "prores_ks", "pixels": "yuv422p10le"},
    "stream.ts": {},
    "program.mpg": {"codec": "mpeg2video"},
    "flash.flv": {},
    "raw.h264": {},
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_healthy_files_give_every_frame_and_no_alarm(tmp_path: Path, name: str) -> None:
    source = open_frames(write_video(tmp_path / name, **CONTAINERS[name]))
    frames = list(source)
    assert len(frames) == COUNT
    assert source.size == (HEIGHT, WIDTH)
    assert source.name == Path(name).stem
    assert all(f.shape == (HEIGHT, WIDTH, 3) and f.dtype == np.uint8 and f.flags.c_contiguous for f in frames)
    if source.frame_count is not None:
        assert abs(source.frame_count - COUNT) <= 4
    assert [source.stem(0), source.stem(123)] == ["00000", "00123"]


@pytest.mark.parametrize("name", ["vfr.mp4", "vfr.mkv"])
def test_variable_rate_with_long_holds_is_no_truncation(tmp_path: Path, name: str) -> None:
    steps = np.random.default_rng(0).integers(10, 90, COUNT)
    steps[[10, COUNT - 1]] = 3000
    source = open_frames(write_video(tmp_path / name, times=np.cumsum(steps).tolist()))
    assert sum(1 for _ in source) == COUNT


def test_video_ending_before_its_audio_is_no_truncation(tmp_path: Path) -> None:
    path = tmp_path / "longer_audio.mkv"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=24)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        audio = container.add_stream("pcm_s16le", rate=8000)
        for index in range(10):
            container.mux(video.encode(av.VideoFrame.from_ndarray(noise(index), "rgb24")))
        container.mux(video.encode(None))
        for index in range(40):
            sound = av.AudioFrame.from_ndarray(np.zeros((1, 1600), np.int16), "s16", "mono")
            sound.sample_rate, sound.pts = 8000, index * 1600
            container.mux(audio.encode(sound))
        container.mux(audio.encode(None))
    assert sum(1 for _ in open_frames(path)) == 10


def test_decoded_colours_and_order_match_what_was_encoded(tmp_path: Path) -> None:
    path = write_video(tmp_path / "lossless.mkv", codec="ffv1", pixels="bgr0")
    for index, frame in enumerate(open_frames(path)):
        np.testing.assert_array_equal(frame, noise(index))
    assert index == COUNT - 1


def test_rate_is_exact_and_iteration_starts_anew(tmp_path: Path) -> None:
    source = open_frames(write_video(tmp_path / "a.mp4"))
    assert source.fps == Fraction(24000, 1001)
    first = next(iter(source))
    np.testing.assert_array_equal(first, next(iter(source)))
    assert sum(1 for _ in source) == COUNT


def test_display_matrix_turns_frames_upright(tmp_path: Path) -> None:
    upright = list(open_frames(write_video(tmp_path / "a.mp4", count=2)))
    data = bytearray((tmp_path / "a.mp4").read_bytes())
    matrix = data.index(b"tkhd") + 44  # ISO 14496-12, track header version 0
    one = 0x10000
    data[matrix : matrix + 36] = struct.pack(">9i", 0, one, 0, -one, 0, 0, 0, 0, 0x40000000)
    (tmp_path / "phone.mp4").write_bytes(data)
    source = open_frames(tmp_path / "phone.mp4")
    assert source.size == (WIDTH, HEIGHT)
    np.testing.assert_array_equal(next(iter(source)), np.rot90(upright[0], -1))  # a clockwise quarter turn


def cut(whole: Path, share: float) -> Path:
    data = whole.read_bytes()
    path = whole.with_name(f"cut_{whole.name}")
    path.write_bytes(data[: int(len(data) * share)])
    return path


NEEDS_ITS_END = ("plain.mp4", "prores.mov")
DECLARES_NO_SIZE = ("stream.ts", "program.mpg", "raw.h264")


@pytest.mark.parametrize("name", [n for n in CONTAINERS if n not in NEEDS_ITS_END + DECLARES_NO_SIZE])
@pytest.mark.parametrize("share", [0.45, 0.64, 0.8])
def test_cut_file_gives_its_intact_frames_and_then_says_so(tmp_path: Path, name: str, share: float) -> None:
    whole = write_video(tmp_path / name, **CONTAINERS[name])
    frames, error = read(cut(whole, share))
    assert error is not None
    assert error.frames_read == len(frames)
    assert f"after {len(frames)} " in str(error)
    assert 2 < len(frames) < (share + 0.1) * COUNT
    for frame, expected in zip(frames, open_frames(whole), strict=False):
        np.testing.assert_array_equal(frame, expected)


@pytest.mark.parametrize("name", DECLARES_NO_SIZE)
def test_cut_stream_is_noticed_when_the_cut_goes_through_a_frame(tmp_path: Path, name: str) -> None:
    whole = write_video(tmp_path / name, **CONTAINERS[name])
    results = [read(cut(whole, share)) for share in (0.3, 0.4, 0.5, 0.6, 0.7)]
    assert all(0 < len(frames) < COUNT for frames, _ in results)
    noticed = [len(frames) for frames, error in results if error is not None and error.frames_read == len(frames)]
    assert len(noticed) >= 3


@pytest.mark.parametrize("name", ["faststart.mp4", "x264.mkv"])
def test_overwritten_tail_is_noticed(tmp_path: Path, name: str) -> None:
    data = bytearray(write_video(tmp_path / name, **CONTAINERS[name]).read_bytes())
    start, stop = int(len(data) * 0.5), int(len(data) * 0.95)
    data[start:stop] = bytes(stop - start)
    (tmp_path / f"zeros_{name}").write_bytes(data)
    frames, error = read(tmp_path / f"zeros_{name}")
    assert error is not None
    assert 0.3 * COUNT < len(frames) < 0.6 * COUNT


def test_trailing_rubbish_is_no_truncation(tmp_path: Path) -> None:
    for name in ("faststart.mp4", "mpeg4.avi", "x264.mkv"):
        path = write_video(tmp_path / name, **CONTAINERS[name])
        path.write_bytes(path.read_bytes() + b"rubbish at the end" * 10)
        assert sum(1 for _ in open_frames(path)) == COUNT


def save_frames(folder: Path, names: list[str], size: tuple[int, int] = (WIDTH, HEIGHT)) -> Path:
    folder.mkdir()
    for index, name in enumerate(names):
        Image.new("RGB", size, (index * 20, 0, 0)).save(folder / name)
    return folder


def test_memory_does_not_grow_with_length(tmp_path: Path) -> None:
    source = open_frames(write_video(tmp_path / "a.mp4", count=200))
    tracemalloc.start()
    for _ in source:
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * HEIGHT * WIDTH * 3


def _missing(folder: Path) -> str:
    return str(folder / "nothing.mp4")


def _text(folder: Path) -> str:
    (folder / "clip.mp4").write_text("this is not a video\n" * 100)
    return str(folder / "clip.mp4")


def _random(folder: Path) -> str:
    (folder / "clip.mkv").write_bytes(np.random.default_rng(0).bytes(20_000))
    return str(folder / "clip.mkv")


def _no_bytes(folder: Path) -> str:
    (folder / "clip.mp4").touch()
    return str(folder / "clip.mp4")


def _cut_before_index(folder: Path) -> str:
    data = write_video(folder / "whole.mp4").read_bytes()
    (folder / "clip.mp4").write_bytes(data[: len(data) // 2])
    return str(folder / "clip.mp4")


def _only_header(folder: Path) -> str:
    data = write_video(folder / "whole.mp4", mux=FAST_START).read_bytes()
    (folder / "clip.mp4").write_bytes(data[: data.index(b"mdat") + 4])
    return str(folder / "clip.mp4")


def _audio(folder: Path) -> str:
    path = folder / "clip.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1600), np.int16), "s16", "mono")
        sound.sample_rate = 8000
        container.mux(stream.encode(sound))
    return str(path)


def _picture(folder: Path) -> str:
    Image.new("RGB", (8, 8)).save(folder / "frame.png")
    return str(folder / "frame.png")


def _disguised_picture(folder: Path) -> str:
    Image.new("RGB", (8, 8)).save(folder / "frame.mp4", format="PNG")
    return str(folder / "frame.mp4")


def _empty_folder(folder: Path) -> str:
    (folder / "clip").mkdir()
    return str(folder / "clip")


def _two_of_a_stem(folder: Path) -> str:
    return str(save_frames(folder / "clip", ["0.png", "0.jpg"]))


def _two_sizes(folder: Path) -> str:
    save_frames(folder / "clip", ["0.png", "1.png"])
    Image.new("RGB", (8, 10)).save(folder / "clip" / "2.png")
    return str(folder / "clip")


def _no_image(folder: Path) -> str:
    save_frames(folder / "clip", ["0.png", "1.png"])
    (folder / "clip" / "2.png").write_text("not an image")
    return str(folder / "clip")


def _encrypted(folder: Path) -> str:
    key = {"encryption_scheme": "cenc-aes-ctr", "encryption_key": "76" * 16, "encryption_kid": "a7" * 16}
    return str(write_video(folder / "clip.mp4", mux=key))


def _encrypted_fragments(folder: Path) -> str:
    return str(_marked_as_encrypted(write_video(folder / "f.mp4", mux={"movflags": "frag_keyframe+empty_moov"})))


def _marked_as_encrypted(path: Path) -> Path:
    data = path.read_bytes()
    assert data.count(b"avc1\0") == 1
    path.write_bytes(data.replace(b"avc1\0", b"encv\0"))
    return path


BAD_SOURCES = {
    _missing: "does not exist",
    _text: "cannot be read as a video",
    _random: "clip.mkv",
    _no_bytes: "cannot be read as a video",
    _cut_before_index: "its end is missing",
    _only_header: "no frame that can be decoded",
    _audio: "no video track",
    _encrypted: "clip.mp4 is encrypted",
    _encrypted_fragments: "f.mp4 is encrypted",
    _picture: "single image",
    _disguised_picture: "is not a video",
    _empty_folder: "holds no frames",
    lambda folder: str(folder / "*.jpg"): "holds no frames",
    lambda folder: "/dev/null": "not a regular file",
    _two_of_a_stem: "0.jpg and 0.png",
    _two_sizes: "2.png is 8x10 but 0.png is 64x48",
    _no_image: "2.png is not a readable image",
}


@pytest.mark.parametrize("make", BAD_SOURCES)
def test_bad_source_is_refused_in_one_sentence(tmp_path: Path, make) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError) as caught:
        open_frames(make(tmp_path))
    message = str(caught.value)
    assert BAD_SOURCES[make] in message
    assert message.endswith(".")
    assert "\n" not in message
    assert not isinstance(caught.value, TruncatedVideo)


def test_size_change_inside_a_video_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sizes.ts"
    parts = []
    for height in (48, 80):
        part = tmp_path / f"{height}.ts"
        with av.open(str(part), "w") as container:
            stream = container.add_stream("mpeg2video", rate=25)
            stream.width, stream.height, stream.pix_fmt = WIDTH, height, "yuv420p"
            for index in range(5):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(noise(index, height), "rgb24")))
            container.mux(stream.encode(None))
        parts.append(part.read_bytes())
    path.write_bytes(b"".join(parts))
    with pytest.raises(InputError, match="64x80 but the first one is 64x48"):
        list(open_frames(path))
