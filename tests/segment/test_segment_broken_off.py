"""Jobs that break off in each stage: what is finished stays, complete, and the reason is told."""

import json
import os
import re
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from segment_job import (
    COUNT,
    Blocked,
    Counting,
    Threshold,
    assert_masks,
    by_hand,
    frames_in,
    picture,
)

from mobilevos.errors import InputError, OutputError, TruncatedVideo
from mobilevos.segment import segment
from mobilevos.video.masks import load_mask
from mobilevos.video.pipeline import DEPTH
from waiting import PATIENCE


def assert_broken_off(out: Path, expected: list[np.ndarray], outputs: set[str]) -> str:
    """Complete results up to the break, no leftovers, and a summary that says why; returns its message."""
    assert_masks(out / "masks", expected)
    assert not list(out.rglob(".*"))
    summary = json.loads((out / "summary.json").read_text())
    assert (summary["truncated"], set(summary["outputs"])) == (True, outputs)
    return str(summary["message"])


def test_truncated_video_gives_the_frames_before_the_break(video: Path, mask: Path, tmp_path: Path) -> None:
    data = video.read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(data[: len(data) // 2])
    out = tmp_path / "out"
    with pytest.raises(TruncatedVideo) as caught:
        segment(cut, mask, out, tracker=Threshold(), outputs=("masks", "overlay", "rle"))
    read = caught.value.frames_read
    assert 5 < read < COUNT - 5
    assert f"after {read} of about {COUNT} frames" in str(caught.value)
    message = assert_broken_off(out, by_hand(video, mask)[:read], {"masks", "overlay", "rle"})
    assert message == str(caught.value)
    assert frames_in(out / "overlay.mp4") == read
    assert len(json.loads((out / "masks.json").read_text())["images"]) == read


@pytest.mark.parametrize("error", [KeyboardInterrupt(), InputError("no."), RuntimeError("tracker failed")])
def test_break_in_the_middle_completes_what_is_there(
    video: Path, mask: Path, tmp_path: Path, error: BaseException
) -> None:
    class Breaking(Threshold):
        steps = 0

        def step(self, frame: np.ndarray) -> np.ndarray:
            self.steps += 1
            if self.steps == 12:
                raise error
            return super().step(frame)

    out = tmp_path / "out"
    with pytest.raises(type(error)) as caught:
        segment(video, mask, out, tracker=Breaking())
    assert caught.value is error
    message = assert_broken_off(out, by_hand(video, mask)[:11], {"masks", "overlay"})
    assert str(error) in message
    assert message != ""
    assert frames_in(out / "overlay.mp4") == 11


def test_break_in_the_progress_callback_completes_what_is_there(video: Path, mask: Path, tmp_path: Path) -> None:
    def progress(done: int, count: int | None) -> None:
        if done == 8:
            raise RuntimeError("terminal gone")

    with pytest.raises(RuntimeError, match="terminal gone"):
        segment(video, mask, tmp_path / "out", tracker=Threshold(), progress=progress)
    message = assert_broken_off(tmp_path / "out", by_hand(video, mask)[:8], {"masks", "overlay"})
    assert message == "RuntimeError after 8 frames: terminal gone"
    assert frames_in(tmp_path / "out" / "overlay.mp4") == 8


def test_damaged_image_gives_the_frames_before_it(mask: Path, tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()
    for index in range(12):
        Image.fromarray(picture(index)).save(tmp_path / "frames" / f"{index:05d}.png")
    expected = by_hand(tmp_path / "frames", mask)
    damaged = tmp_path / "frames" / "00009.png"
    damaged.write_bytes(damaged.read_bytes()[:2000])
    with pytest.raises(InputError, match=r"00009\.png is not a readable image"):
        segment(tmp_path / "frames", mask, tmp_path / "out", tracker=Threshold())
    message = assert_broken_off(tmp_path / "out", expected[:9], {"masks", "overlay"})
    assert "00009.png" in message
    assert frames_in(tmp_path / "out" / "overlay.mp4") == 9


@pytest.mark.parametrize("fail_at", [1, 14, COUNT - 1])
@pytest.mark.parametrize("also_the_tracker", [False, True])
def test_output_that_fails_stops_the_work(
    video: Path, mask: Path, tmp_path: Path, fail_at: int, also_the_tracker: bool
) -> None:
    """Also at the last frame; and it is the reason even if the tracker fails at the next frame."""

    class Breaking(Counting):
        def step(self, frame: np.ndarray) -> np.ndarray:
            if also_the_tracker and self.steps == fail_at + 1:
                raise RuntimeError("tracker failed")
            return super().step(frame)

    out = tmp_path / "out"
    (out / "masks" / f"{fail_at:05d}.png").mkdir(parents=True)  # a folder where a file should go
    tracker = Breaking()
    with pytest.raises(OutputError, match=rf"{fail_at:05d}\.png could not be written: Is a directory") as caught:
        segment(video, mask, out, tracker=tracker)
    assert tracker.steps <= fail_at + 1 + DEPTH + 1
    (out / "masks" / f"{fail_at:05d}.png").rmdir()
    message = assert_broken_off(out, by_hand(video, mask)[:fail_at], {"masks", "overlay"})
    assert message == str(caught.value)
    assert json.loads((out / "summary.json").read_text())["frames"] == fail_at
    assert frames_in(out / "overlay.mp4") == fail_at


def test_break_at_the_first_frame_leaves_an_empty_folder(video: Path, mask: Path, tmp_path: Path) -> None:
    class Breaking(Threshold):
        def start(self, frame: np.ndarray, mask: np.ndarray) -> np.ndarray:
            raise InputError("too many objects.")

    with pytest.raises(InputError, match="too many objects"):
        segment(video, mask, tmp_path / "out", tracker=Breaking(), outputs=("masks", "overlay", "rle", "rgba"))
    assert list((tmp_path / "out").rglob("*")) == []


def test_results_of_an_earlier_run_do_not_pass_for_this_one(video: Path, mask: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    segment(video, mask, out, tracker=Threshold(), outputs=("overlay", "rle"))

    class Breaking(Threshold):
        def start(self, frame: np.ndarray, mask: np.ndarray) -> np.ndarray:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        segment(video, mask, out, tracker=Breaking(), outputs=("overlay", "rle"))
    assert os.listdir(out) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_disk_full_for_one_output_keeps_the_others(video: Path, mask: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / ".masks.part.json").symlink_to("/dev/full")  # the name it is written to until it is complete
    with pytest.raises(OutputError, match=r"masks\.json could not be written because the disk is full"):
        segment(video, mask, out, tracker=Threshold(), outputs=("rle", "masks", "overlay"))
    done = len(os.listdir(out / "masks"))
    assert 5 < done < COUNT
    assert_broken_off(out, by_hand(video, mask)[:done], {"masks", "overlay"})
    assert frames_in(out / "overlay.mp4") == done


LIMITED = """
import resource, signal, sys
sys.path.insert(0, sys.argv[5])
from segment_job import Threshold
from mobilevos.errors import OutputError
from mobilevos.segment import segment
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]),) * 2)
try:
    segment(*sys.argv[1:4], tracker=Threshold(), outputs=("masks", "overlay", "rle", "rgba"))
except OutputError as error:
    sys.exit(f"OutputError: {error}")
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no limit on file sizes here")
@pytest.mark.parametrize("limit", [100, 600, 3000, 8000, 20_000])
def test_files_that_cannot_grow(video: Path, mask: Path, tmp_path: Path, limit: int) -> None:
    """Whichever file hits the limit first, what has a final name is complete."""
    out = tmp_path / "out"
    command = [
        sys.executable,
        "-c",
        LIMITED,
        str(video),
        str(mask),
        str(out),
        str(limit),
        str(Path(__file__).parent),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1
    assert re.fullmatch(r"OutputError: \S+ could not be written: File too large\.\n", done.stderr), done.stderr
    assert not list(out.rglob(".*"))
    expected = by_hand(video, mask)
    for path in out.rglob("*.*"):
        if path.parent.name == "masks":
            np.testing.assert_array_equal(load_mask(path), expected[int(path.stem)])
        elif path.suffix == ".png":
            Image.open(path).load()
        elif path.suffix == ".mp4":
            assert frames_in(path) > 0
        elif path.name == "masks.json":
            assert json.loads(path.read_text())["images"]
        elif path.name == "objects.jsonl":
            indices = [json.loads(line)["index"] for line in path.read_text().splitlines()]
            assert indices == [*range(len(indices))]
        else:
            assert json.loads(path.read_text())["truncated"] is True


def test_interrupt_from_the_keyboard(video: Path, mask: Path, tmp_path: Path) -> None:
    class Interrupted(Counting):
        def step(self, frame: np.ndarray) -> np.ndarray:
            if self.steps == 12:
                signal.raise_signal(signal.SIGINT)
            return super().step(frame)

    with pytest.raises(KeyboardInterrupt):
        segment(video, mask, tmp_path / "out", tracker=Interrupted())
    message = assert_broken_off(tmp_path / "out", by_hand(video, mask)[:12], {"masks", "overlay"})
    assert message == "interrupted after 12 frames."
    assert frames_in(tmp_path / "out" / "overlay.mp4") == 12


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signals to threads here")
@pytest.mark.parametrize("pressed", [1, 3])
def test_interrupt_while_the_last_frames_are_written(mask: Path, tmp_path: Path, pressed: int) -> None:
    (tmp_path / "frames").mkdir()
    for index in range(DEPTH):
        Image.fromarray(picture(index)).save(tmp_path / "frames" / f"{index:05d}.png")
    blocked = Blocked(tmp_path / "out")

    def press(done: int, count: int | None) -> None:
        if done == DEPTH:
            presser.start()

    def run() -> None:
        for _ in range(pressed):
            time.sleep(0.1)
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        time.sleep(0.1)
        blocked.release()

    presser = threading.Thread(target=run, daemon=True)
    names = ("masks", "overlay", "rle")
    with pytest.raises(KeyboardInterrupt):
        segment(tmp_path / "frames", mask, tmp_path / "out", tracker=Threshold(), outputs=names, progress=press)
    (tmp_path / "out" / "masks.json").unlink()  # the pipe
    message = assert_broken_off(tmp_path / "out", by_hand(tmp_path / "frames", mask), set(names))
    assert message == f"interrupted after {DEPTH} frames."
    assert frames_in(tmp_path / "out" / "overlay.mp4") == DEPTH
