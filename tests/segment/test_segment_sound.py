"""The overlay has the sound of the frames that it shows."""

import json
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from segment_job import Threshold

from mobilevos.errors import InputError, TruncatedVideo
from mobilevos.segment import segment
from mobilevos.video.masks import save_palette_png
from talkie import BEGIN, HEIGHT, TIMES, WIDTH, look, ruin_sound, save_talkie

IN_SYNC = 0.05  # seconds


@pytest.fixture
def talkie(tmp_path: Path) -> Path:
    return save_talkie(tmp_path / "talkie.mp4")


@pytest.fixture
def label(tmp_path: Path) -> Path:
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    labels[10:20, 10:30] = 1
    save_palette_png(tmp_path / "label.png", labels)
    return tmp_path / "label.png"


class Breaking(Threshold):
    """Fails at its 51st frame."""

    steps = 0

    def step(self, frame: np.ndarray) -> np.ndarray:
        self.steps += 1
        if self.steps == 51:
            raise InputError("the tracker failed.")
        return super().step(frame)


@pytest.mark.parametrize(
    ("start", "both", "first"), [(None, False, 0), (20, False, 20), (20, True, 0), (60, False, 60)]
)
def test_sound_of_the_frames_shown(
    talkie: Path, label: Path, tmp_path: Path, start: int | None, both: bool, first: int
) -> None:
    out = tmp_path / "out"
    summary = segment(talkie, label, out, tracker=Threshold(), start=start, both=both)
    made = look(out / "overlay.mp4")
    assert len(made.pictures) == summary.frames == len(TIMES) - first
    assert made.codec == "aac"
    assert made.tone == pytest.approx(max(0, BEGIN - TIMES[first]), abs=IN_SYNC)
    assert made.silent_from == pytest.approx(3 - TIMES[first], abs=IN_SYNC)
    if made.bright is not None:
        assert made.bright == pytest.approx(made.tone, abs=IN_SYNC)
    assert summary.warning is None
    assert not list(out.rglob(".*"))


def test_a_run_that_breaks_off_has_sound_up_to_there(talkie: Path, label: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="tracker failed"):
        segment(talkie, label, tmp_path / "out", tracker=Breaking())
    made = look(tmp_path / "out" / "overlay.mp4")
    assert len(made.pictures) == 50
    assert made.tone == pytest.approx(made.bright, abs=IN_SYNC)
    assert made.silent_from == pytest.approx(50 / 24, abs=IN_SYNC)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_a_video_that_is_cut_off_has_sound_up_to_there(label: Path, tmp_path: Path, suffix: str) -> None:
    whole = save_talkie(tmp_path / f"whole{suffix}", index_first=suffix == ".mp4").read_bytes()
    cut = tmp_path / f"cut{suffix}"
    cut.write_bytes(whole[: int(len(whole) * 0.8)])
    with suppress(TruncatedVideo):  # a transport stream may end anywhere
        segment(cut, label, tmp_path / "out", tracker=Threshold())
    made = look(tmp_path / "out" / "overlay.mp4")
    assert 40 < len(made.pictures) < len(TIMES)
    assert made.tone == pytest.approx(made.bright, abs=IN_SYNC)
    assert made.silent_from <= len(made.pictures) / 24 + IN_SYNC


def test_a_ruined_sound_is_a_warning(talkie: Path, label: Path, tmp_path: Path) -> None:
    ruin_sound(talkie)
    out = tmp_path / "out"
    summary = segment(talkie, label, out, tracker=Threshold())
    assert (summary.frames, summary.truncated, summary.message) == (len(TIMES), False, None)
    assert summary.warning is not None
    assert f"The sound of {talkie} could not be kept" in summary.warning
    assert json.loads((out / "summary.json").read_text())["warning"] == summary.warning
    assert look(out / "overlay.mp4").codec is None
    assert len(look(out / "overlay.mp4").pictures) == len(TIMES)
    with pytest.raises(InputError) as caught:
        segment(talkie, label, out, tracker=Breaking())
    assert caught.value.__notes__ == [summary.warning]
    assert len(look(out / "overlay.mp4").pictures) == 50
