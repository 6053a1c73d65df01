"""Recordings in PQ and HLG have the colours of ordinary video, whatever holds them and in what is made of them."""

from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange

from mobilevos.live.capture import open_capture
from mobilevos.video.alpha_video import AlphaWriter
from mobilevos.video.hdr import HLG, KNEE, PEAK, PQ, WHITE, ToneMap
from mobilevos.video.reader import open_frames
from mobilevos.video.writer import VideoWriter
from ordinary_priority import ordinary_priority

HEIGHT, WIDTH, BT2020 = 64, 96, 9
NAMES = {PQ: "smpte2084", HLG: "arib-std-b67"}
PAPER = {PQ: 0.5807, HLG: 0.75}
"""Signal of diffuse white, 203 cd/m² (ITU-R BT.2408)."""


def recording() -> np.ndarray:
    """(H, W, 3) float, for which white paper is 1: grey, red, blue and white, each a band from top to bottom."""
    light = np.zeros((HEIGHT, WIDTH, 3))
    light[:, :24] = 0.18
    light[:, 24:48] = (0.5, 0.05, 0.05)
    light[:, 48:72] = (0.05, 0.05, 0.5)
    light[:, 72:] = 1
    return light


def signal(light: np.ndarray, transfer: int) -> np.ndarray:
    """What a camera makes of light in BT.709's primaries: BT.2100's equations, step by step."""
    to_bt2020 = [[0.627404, 0.329283, 0.043313], [0.069097, 0.919540, 0.011362], [0.016391, 0.088013, 0.895595]]
    nits = WHITE * light @ np.transpose(to_bt2020)
    if transfer == PQ:
        power = (nits / 10_000) ** (2610 / 16384)
        return ((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)
    luminance = (nits / 1000 @ [0.2627, 0.6780, 0.0593])[..., None]
    scene = nits / 1000 * luminance ** ((1 - 1.2) / 1.2)
    return np.where(
        scene <= 1 / 12,
        np.sqrt(3 * scene),
        0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073,
    )


def write(path: Path, transfer: int, codec: str, pixels: str) -> Path:
    picture = np.round(signal(recording(), transfer) * 65535).astype(np.uint16)
    options = {}
    if codec == "libx265":
        tags = f"log-level=none:colorprim=bt2020:transfer={NAMES[transfer]}:colormatrix=bt2020nc"
        options = {"x265-params": tags, "crf": "4"}
    with ordinary_priority(), av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=24, options=options)
        stream.height, stream.width, stream.pix_fmt = HEIGHT, WIDTH, pixels
        context = stream.codec_context
        context.color_trc, context.color_primaries, context.colorspace = transfer, BT2020, BT2020
        context.color_range = ColorRange.MPEG
        for _ in range(4):
            frame = av.VideoFrame.from_ndarray(picture, "rgb48le")
            frame = frame.reformat(format=pixels, dst_colorspace=BT2020, dst_color_range=ColorRange.MPEG)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def assert_colours(frame: np.ndarray, tolerance: float = 3) -> None:
    """Darker than the knee, light is what BT.1886 shows; white paper is near white."""
    for column, light in ((12, (0.18, 0.18, 0.18)), (36, (0.5, 0.05, 0.05)), (60, (0.05, 0.05, 0.5))):
        expected = 255 * np.power(light, 1 / 2.4)
        np.testing.assert_allclose(frame[20:40, column - 4 : column + 4].mean((0, 1)), expected, atol=tolerance)
    np.testing.assert_allclose(frame[20:40, 80:90].mean((0, 1)), 232, atol=tolerance)


CODECS = {
    "libx265": (".mp4", "yuv420p10le"),
    "libx264": (".mkv", "yuv420p10le"),
    "prores_ks": (".mov", "yuv422p10le"),
    "libsvtav1": (".webm", "yuv420p10le"),
    "ffv1": (".mkv", "yuv444p12le"),
}


@pytest.mark.parametrize("transfer", NAMES)
@pytest.mark.parametrize("codec", CODECS)
def test_frames_have_the_colours_that_the_recording_shows(tmp_path: Path, codec: str, transfer: int) -> None:
    if codec not in av.codecs_available:
        pytest.skip(f"no encoder {codec} here")
    suffix, pixels = CODECS[codec]
    path = write(tmp_path / f"a{suffix}", transfer, codec, pixels)
    source = open_frames(path)
    for frame in (*source, *source.backward(3), next(open_capture(str(path)).shots).image):
        assert (frame.shape, frame.dtype, frame.flags.c_contiguous) == ((HEIGHT, WIDTH, 3), np.uint8, True)
        assert_colours(frame)


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".mov"])
def test_videos_made_of_them_are_ordinary_and_say_so(tmp_path: Path, suffix: str) -> None:
    frames = open_frames(write(tmp_path / "a.mkv", HLG, "ffv1", "yuv444p12le"))
    alpha = suffix != ".mp4"
    kind = AlphaWriter if alpha else VideoWriter
    with kind(tmp_path / f"new{suffix}", frames.fps, frames.size, frames.playback) as writer:
        for frame in frames:
            writer.write(np.dstack([frame, np.full_like(frame[..., :1], 255)]) if alpha else frame)
    with av.open(str(tmp_path / f"new{suffix}")) as container:
        codec = container.streams.video[0].codec_context
        assert (codec.color_primaries, codec.color_trc, codec.colorspace) == (1, 1, 1)
    assert_colours(next(iter(open_frames(tmp_path / f"new{suffix}"))), 6)


@pytest.mark.parametrize("transfer", NAMES)
def test_the_curve(transfer: int) -> None:
    """Grey stays grey and grows with its signal; full light is reached at the peak and not before."""
    grey = np.arange(1024, dtype=np.uint16)
    shown = ToneMap(transfer)(np.stack([grey[None]] * 3))[0].astype(int)
    assert np.ptp(shown, axis=1).max() <= 1
    assert (np.diff(shown[:, 0]) >= 0).all()
    assert shown[0].max() == 0
    assert shown[-1].min() == 255
    assert shown[round(PAPER[transfer] * 1023), 0] == pytest.approx(232, abs=1)
    knee, nearly_peak = (signal(np.full((1, 3), light), transfer)[0, 0] * 1023 for light in (KNEE, 0.9 * PEAK))
    assert shown[round(knee), 0] == pytest.approx(255 * KNEE ** (1 / 2.4), abs=1.5)
    assert 245 < shown[int(nearly_peak), 0] < 255


def test_ordinary_video_is_as_it_was(tmp_path: Path) -> None:
    """Also in 10 bits and with BT.2020's matrix."""
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=24)
        stream.height, stream.width, stream.pix_fmt = HEIGHT, WIDTH, "gbrp10le"
        light = (recording() * 255).astype(np.uint8)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(light, "rgb24").reformat(format="gbrp10le")))
        container.mux(stream.encode(None))
    np.testing.assert_allclose(next(iter(open_frames(path))).astype(int), light, atol=1)
