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

from command import save_davis, save_frames, save_long_clip, started
from mobilevos.video.masks import save_palette_png
from mobilevos.video.reader import open_frames
from waiting import PATIENCE, wait_until

FRAMES = 2000
"""Of the clip: more than any command works off before it is told to end."""
SHORT = 30


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory, sample_frames: list[np.ndarray], sample_truth: np.ndarray) -> Path:
    """The sample on end, as folders of a long and a short clip, and its first mask ``mask.png``."""
    root = tmp_path_factory.mktemp("clip")
    save_long_clip(root / "long", sample_frames, FRAMES)
    save_frames(root / "short", sample_frames[:SHORT])
    save_palette_png(root / "mask.png", sample_truth[0])
    return root


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
    wait_until(lambda: begun() or process.poll() is not None)
    process.send_signal(number)
    if again is not None:
        time.sleep(0.01)
        process.send_signal(again)
    text, error = process.communicate(timeout=PATIENCE)
    return process.returncode, text, error


@pytest.mark.parametrize(
    ("number", "again", "how"),
    [
        (signal.SIGINT, None, "interrupted"),
        (signal.SIGTERM, signal.SIGHUP, "ended by SIGTERM"),
        (signal.SIGHUP, signal.SIGHUP, "ended by SIGHUP"),
    ],
)
def test_segment(clip: Path, tmp_path: Path, number: int, again: int | None, how: str) -> None:
    """Also when another signal comes while the files are finished, as some systems send two."""
    out = tmp_path / "out"
    process = started(
        "segment", clip / "long", "-m", clip / "mask.png", "-o", out, "--outputs", "masks", "overlay", "rle"
    )
    code, text, error = ended(process, number, (out / "masks" / "00002.png").exists, again)
    if code == 129:  # of two at the same moment, the process may see the second one first
        number, how = signal.SIGHUP, "ended by SIGHUP"
    assert (code, text) == (128 + number, "")
    assert error == f"mobilevos: {how}; what was finished is kept.\n"
    summary = json.loads((out / "summary.json").read_text())
    assert summary["truncated"] is True
    assert 2 <= summary["frames"] < FRAMES
    for files in (list((out / "masks").iterdir()), list(open_frames(out / "overlay.mp4"))):
        assert 0 <= len(files) - summary["frames"] <= 1, "the frame in progress may be in one output already"
    assert 0 <= len(json.loads((out / "masks.json").read_text())["images"]) - summary["frames"] <= 1
    assert not list(out.rglob(".*"))


@pytest.mark.parametrize("command", ["blur", "inpaint --look-ahead 2", "cutout"])
def test_effects(clip: Path, tmp_path: Path, command: str) -> None:
    suffix = "webm" if command == "cutout" else "mp4"
    part = tmp_path / f".new.part.{suffix}"
    process = started(*command.split(), clip / "long", "-m", clip / "mask.png", "-o", tmp_path / f"new.{suffix}")
    code, text, error = ended(process, signal.SIGTERM, part.exists)  # which it does from the first frame on
    assert (code, text, error) == (143, "", "mobilevos: ended by SIGTERM; what was finished is kept.\n")
    assert os.listdir(tmp_path) == [f"new.{suffix}"]
    assert 0 < len(list(open_frames(tmp_path / f"new.{suffix}"))) < FRAMES


def test_evaluate(tmp_path: Path, sample_frames: list[np.ndarray], sample_truth: np.ndarray) -> None:
    frames, truth = sample_frames * 8, [labels[::3, ::3] for labels in sample_truth] * 8
    save_davis(tmp_path / "davis", {"fish": ([frame[::3, ::3] for frame in frames], truth)})
    masks = tmp_path / "out" / "fish"
    process = started("evaluate", tmp_path / "davis", "-o", tmp_path / "out")
    code, text, _ = ended(process, signal.SIGTERM, (masks / "00002.png").exists)
    assert (code, text) == (143, "")
    assert 3 <= len(list(masks.iterdir())) < len(frames)
    assert not list(masks.glob(".*"))


def test_live(clip: Path, tmp_path: Path) -> None:
    """Its report is told as always."""
    process = started(
        "live", clip / "long", "-m", clip / "mask.png", "--no-window", "-o", tmp_path / "new.mp4", "--json"
    )
    part = tmp_path / ".new.part.mp4"
    code, text, _ = ended(process, signal.SIGTERM, lambda: part.exists() and part.stat().st_size > 1000)
    assert code == 143
    assert json.loads(text)["frames"] > 0
    assert os.listdir(tmp_path) == ["new.mp4"]
    assert len(list(open_frames(tmp_path / "new.mp4"))) > 0


def test_what_was_started_to_outlive_a_terminal_does(clip: Path, tmp_path: Path) -> None:
    previous = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # what nohup hands on to a command
    try:
        process = started("segment", clip / "short", "-m", clip / "mask.png", "-o", tmp_path / "out", "--mode", "fast")
    finally:
        signal.signal(signal.SIGHUP, previous)
    code, _, error = ended(process, signal.SIGHUP, (tmp_path / "out" / "masks" / "00002.png").exists)
    assert (code, error) == (0, "")
    assert len(list((tmp_path / "out" / "masks").iterdir())) == SHORT
