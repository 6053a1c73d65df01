"""Videos with an effect keep the sound."""

import json
from pathlib import Path

import av
import numpy as np
import pytest

from command import mobilevos
from mobilevos.effects import Blur, Cutout, Effect, Inpaint
from mobilevos.effects.render import render
from mobilevos.video.masks import save_palette_png
from talkie import BEGIN, HEIGHT, TIMES, WIDTH, look, ruin_sound, save_talkie

IN_SYNC = 0.05  # seconds


@pytest.fixture
def masks(tmp_path: Path) -> Path:
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    labels[15:30, 20:40] = 1
    (tmp_path / "masks").mkdir()
    for index in range(len(TIMES)):
        save_palette_png(tmp_path / "masks" / f"{index:05d}.png", labels)
    return tmp_path / "masks"


@pytest.mark.parametrize(
    ("effect", "suffix", "codec"),
    [
        (Blur(), ".mp4", "aac"),
        (Blur(), ".mkv", "aac"),
        (Blur(), ".avi", "mp3"),
        (Inpaint(5), ".mp4", "aac"),
        (Cutout(), ".webm", "opus"),
        (Cutout(), ".mov", "aac"),
    ],
)
def test_sound_is_kept(tmp_path: Path, masks: Path, effect: Effect, suffix: str, codec: str) -> None:
    out = tmp_path / f"out{suffix}"
    summary = render(save_talkie(tmp_path / "talkie.mp4"), masks, out, effect=effect, tracker=None)
    made = look(out)
    assert (made.codec, summary.warning) == (codec, None)
    assert made.pictures == pytest.approx(TIMES, abs=1e-3)
    assert made.tone == pytest.approx(BEGIN, abs=IN_SYNC)
    assert made.silent_from == pytest.approx(3, abs=IN_SYNC)


def test_transparency_stays(tmp_path: Path, masks: Path) -> None:
    out = tmp_path / "out.webm"
    render(save_talkie(tmp_path / "talkie.mp4"), masks, out, effect=Cutout(), tracker=None)
    with av.open(str(out)) as container:
        assert container.streams.audio
        stream = container.streams.video[0]
        assert ("alpha_mode", "1") in [(key.lower(), value) for key, value in stream.metadata.items()]
        decoder = av.CodecContext.create("libvpx-vp9", "r")  # FFmpeg's own drops alpha
        frames = [f.to_ndarray(format="rgba") for packet in container.demux(stream) for f in decoder.decode(packet)]
    assert len(frames) == len(TIMES)
    for frame in frames:
        assert frame[2:8, 2:8, 3].max() < 20
        assert frame[20:25, 27:33, 3].min() > 230


def test_commands_warn_of_a_ruined_sound(tmp_path: Path, masks: Path) -> None:
    video = save_talkie(tmp_path / "talkie.mp4")
    ruin_sound(video)
    result = mobilevos("blur", video.name, "--masks", masks.name, "-o", "out.mp4", "--json", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    warning = json.loads(result.stdout)["warning"]
    assert warning == f"The sound of {video.name} could not be kept: Invalid data found when processing input."
    assert result.stderr == f"mobilevos: {warning}\n"
    assert len(look(tmp_path / "out.mp4").pictures) == len(TIMES)


def test_commands_warn_of_a_ruined_sound_when_they_break_off(tmp_path: Path, masks: Path) -> None:
    video = save_talkie(tmp_path / "talkie.mp4", index_first=True)
    ruin_sound(video)
    video.write_bytes(video.read_bytes()[:-2000])
    result = mobilevos("blur", video.name, "--masks", masks.name, "-o", "out.mp4", cwd=tmp_path)
    assert result.returncode == 2
    assert "the result so far is out.mp4. The sound of talkie.mp4 could not be kept: " in result.stderr
    assert result.stderr.count("\n") == 1
    assert 40 < len(look(tmp_path / "out.mp4").pictures) <= len(TIMES)
