"""`mobilevos live` as users run it, with the real network on the sample clip."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from command import environment, mobilevos, save_long_clip
from mobilevos import sample
from mobilevos.cli import app
from mobilevos.errors import MobileVOSError
from mobilevos.video.palette import PALETTE
from mobilevos.video.reader import open_frames
from waiting import PATIENCE

FAST = ("--size", "64", "--threads", "1")
REPORT = {"frames", "dropped", "seconds", "fps", "latency_ms", "latency_p90_ms"}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory, sample_frames: list[np.ndarray]) -> Path:
    """The sample on end for minutes: however late frames are, some are left."""
    folder = tmp_path_factory.mktemp("live") / "clip"
    save_long_clip(folder, sample_frames, 10_000)
    return folder


def test_recorded_without_a_window(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "live.mp4"
    done = mobilevos("live", clip, "-m", sample.mask_path(), "--no-window", "-o", out, "--frames", "5", *FAST)
    assert (done.returncode, done.stderr) == (0, "")
    pattern = r"5 frames, [\d.]+ FPS, \d+ dropped\nfrom capture to mask: \d+ ms \(median\), \d+ ms \(90 %\)\n"
    assert re.fullmatch(pattern, done.stdout)
    first = next(open_frames(out).forward()).astype(int)
    fish = sample.truth()[0] == 1
    plain = next(open_frames(sample.clip_path()).forward()).astype(int)
    assert abs(first - plain)[~(sample.truth()[0] > 0)].mean() < 8
    assert abs(first - (plain + PALETTE[1]) / 2)[fish].mean() < 15  # tinted


def test_json_and_a_box(clip: Path) -> None:
    done = mobilevos("live", clip, "--box", "100,80,120,90", "--no-window", "--seconds", "0.3", "--json", *FAST)
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert set(report) == REPORT
    assert report["frames"] >= 1
    assert 0 < report["latency_ms"] <= report["latency_p90_ms"]


def test_raw_frames_on_standard_output(clip: Path) -> None:
    command = (
        "live",
        str(clip),
        "-m",
        str(sample.mask_path()),
        "--no-window",
        "-o",
        "-",
        "--frames",
        "3",
    )
    done = subprocess.run(
        [sys.executable, "-m", "mobilevos", *command, *FAST], env=environment(), capture_output=True, timeout=PATIENCE
    )
    assert done.returncode == 0
    assert len(done.stdout) == 3 * 270 * 480 * 3
    assert b"3 frames, " in done.stderr


def test_in_a_window(clip: Path, display: str) -> None:
    done = mobilevos("live", clip, "-m", sample.mask_path(), "--frames", "4", "--json", *FAST)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["frames"] == 4


@pytest.mark.usefixtures("no_display")
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("87", "--box", "1,1,9,9", "--no-window"), "there is no camera /dev/video87"),
        (("rtsp://127.0.0.1:9/x", "--box", "1,1,9,9", "--no-window"), "cannot be opened: Connection refused."),
        (("CLIP",), "there is no display to open a window on; go on with --no-window."),
        (("CLIP", "--no-window"), "without a window nobody can draw the object; give --mask, --click or --box."),
        (("CLIP", "--box", "1,1,9", "--no-window"), "the box '1,1,9' is not X,Y,WIDTH,HEIGHT"),
        (("CLIP", "--box", "999,1,9,9", "--no-window"), "has no pixel of the frame, which is 480x270"),
        (("CLIP", "--box", "1,1,9,9", "-m", "MASK", "--no-window"), "leave one out"),
        (("CLIP", "--click", "1,1", "-m", "MASK", "--no-window"), "leave one out"),
        (("CLIP", "--click", "1,1,0", "--no-window"), "negative clicks alone mean no object"),
        (("CLIP", "--click", "1;1", "--no-window"), "the click '1;1' is not X,Y or X,Y,LABEL"),
        (("CLIP", "-m", "none.png", "--no-window"), "none.png does not exist"),
        (("CLIP", "-m", "MASK", "--no-window", "-o", "x.avi"), "x.avi is no output for live video"),
        (("CLIP", "-m", "MASK", "--no-window", "-o", "-", "--json"), "cannot take both frames and JSON"),
    ],
)
def test_mistakes_are_one_sentence(arguments: tuple[str, ...], expected: str) -> None:
    places = {"CLIP": str(sample.clip_path()), "MASK": str(sample.mask_path())}
    with pytest.raises(MobileVOSError) as caught:
        app(
            ["live", *(places.get(argument, argument) for argument in arguments), *FAST],
            result_action="return_value",
            exit_on_error=False,
        )
    assert expected in str(caught.value)
    assert re.fullmatch(r"[^\n]+\.", str(caught.value))


def test_a_mistake_ends_with_code_2() -> None:
    done = mobilevos("live", "rtsp://127.0.0.1:9/x", "--box", "1,1,9,9", "--no-window", *FAST)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "mobilevos: rtsp://127.0.0.1:9/x cannot be opened: Connection refused.\n"
