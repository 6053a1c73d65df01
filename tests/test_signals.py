"""A polite request to end keeps what is finished, as Ctrl-C does, in every kind of command that writes."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from command import save_davis, started
from mobilevos import sample
from mobilevos.video.reader import open_frames
from waiting import PATIENCE

CLIP, MASK = str(sample.clip_path()), str(sample.mask_path())
FRAMES = 56


@pytest.fixture(autouse=True)
def hangups_end_commands() -> Iterator[None]:
    """Also where these tests themselves were started to outlive a terminal, which commands would inherit."""
    previous = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, previous)


def ended(
    process: subprocess.Popen[str], number: int, begun: Callable[[], bool], again: int | None = None
) -> tuple[int, str, str]:
    """Send a signal once the work has begun; exit code and what was printed."""
    until = time.monotonic() + 60
    while not begun() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(number)
    if again is not None:
        time.sleep(0.01)
        process.send_signal(again)
    text, error = process.communicate(timeout=PATIENCE)
    return process.returncode, text, error


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_segment(tmp_path: Path, name: str) -> None:
    """Also when another signal comes while the files are finished, as some systems send two."""
    out, number = tmp_path / "out", getattr(signal, name)
    process = started("segment", CLIP, "-m", MASK, "-o", out, "--outputs", "masks", "overlay", "rle")
    code, text, error = ended(process, number, (out / "masks" / "00002.png").exists, again=signal.SIGHUP)
    if code == 129:  # of two at the same moment, the process may see the second one first
        name, number = "SIGHUP", signal.SIGHUP
    assert (code, text) == (128 + number, "")
    assert error == f"mobilevos: ended by {name}; what was finished is kept.\n"
    summary = json.loads((out / "summary.json").read_text())
    assert summary["truncated"] is True
    assert 2 <= summary["frames"] < FRAMES
    for files in (list((out / "masks").iterdir()), list(open_frames(out / "overlay.mp4"))):
        assert 0 <= len(files) - summary["frames"] <= 1
    assert 0 <= len(json.loads((out / "masks.json").read_text())["images"]) - summary["frames"] <= 1
    assert not list(out.rglob(".*"))


@pytest.mark.parametrize("command", ["blur", "inpaint", "cutout"])
def test_effects(tmp_path: Path, command: str) -> None:
    suffix = "webm" if command == "cutout" else "mp4"
    part = tmp_path / f".new.part.{suffix}"
    process = started(command, CLIP, "-m", MASK, "-o", tmp_path / f"new.{suffix}")
    code, text, error = ended(process, signal.SIGTERM, part.exists)
    assert (code, text, error) == (143, "", "mobilevos: ended by SIGTERM; what was finished is kept.\n")
    assert os.listdir(tmp_path) == [f"new.{suffix}"]
    assert 0 < len(list(open_frames(tmp_path / f"new.{suffix}"))) < FRAMES


def test_evaluate(tmp_path: Path, sample_frames: list[np.ndarray], sample_truth: np.ndarray) -> None:
    save_davis(tmp_path / "davis", {"fish": (sample_frames, sample_truth)})
    masks = tmp_path / "out" / "fish"
    process = started("evaluate", tmp_path / "davis", "-o", tmp_path / "out")
    code, text, _ = ended(process, signal.SIGTERM, (masks / "00002.png").exists)
    assert (code, text) == (143, "")
    assert 3 <= len(list(masks.iterdir())) < FRAMES
    assert not list(masks.glob(".*"))


def test_live(tmp_path: Path) -> None:
    """Its report is told as always."""
    process = started("live", CLIP, "-m", MASK, "--no-window", "-o", tmp_path / "new.mp4", "--json")

    def begun() -> bool:
        return (tmp_path / ".new.part.mp4").exists() and time.sleep(1) is None  # the first frame takes a while

    code, text, _ = ended(process, signal.SIGTERM, begun)
    assert code == 143
    assert json.loads(text)["frames"] > 0
    assert os.listdir(tmp_path) == ["new.mp4"]
    assert len(list(open_frames(tmp_path / "new.mp4"))) > 0


def test_what_was_started_to_outlive_a_terminal_does(tmp_path: Path) -> None:
    previous = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # what nohup hands on to a command
    try:
        process = started("segment", CLIP, "-m", MASK, "-o", tmp_path / "out", "--mode", "fast")
    finally:
        signal.signal(signal.SIGHUP, previous)
    code, _, error = ended(process, signal.SIGHUP, (tmp_path / "out" / "masks" / "00002.png").exists)
    assert (code, error) == (0, "")
    assert len(list((tmp_path / "out" / "masks").iterdir())) == FRAMES
