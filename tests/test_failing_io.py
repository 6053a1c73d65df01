"""Whatever write, rename or close fails, and with whichever error: one sentence, and nothing half-written."""

import errno
import json
import os
import shutil
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest
from PIL import Image

from command import environment, save_frames
from mobilevos import sample
from mobilevos.video.reader import open_frames

COMMANDS = {
    "segment": "segment {clip} --mask {mask} --outputs masks overlay rle rgba -o {out}",
    "blur": "blur {clip} --mask {mask} -o {out}/blur.mp4",
    "inpaint": "inpaint {clip} --mask {mask} --look-ahead 2 -o {out}/clean.mp4",
    "cutout": "cutout {clip} --mask {mask} -o {out}/cut.webm",
    "frames": "blur {clip} --mask {mask} -o {out}/frames",
}
TRIED = {"rename": range(1, 99), "write": (1, 2, 3, 5, 8, 13, 21, 34), "close": (1, 2, 3, 4, 5, 8, 13)}
FRAMES = 3
ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES)


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("there is no C compiler, or no LD_PRELOAD")
    library = tmp_path_factory.mktemp("shim") / "failing_io.so"
    source = Path(__file__).with_name("failing_io.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return library


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first frames of the sample as images."""
    folder = tmp_path_factory.mktemp("clip") / "frames"
    save_frames(folder, [frame for frame, _ in zip(open_frames(sample.clip_path()), range(FRAMES), strict=False)])
    return folder


def assert_whole(out: Path) -> None:
    """Every file that is there opens, and nothing passes for more than it is."""
    for path in (path for path in out.rglob("*") if path.is_file()):
        assert not path.name.startswith("."), f"{path} is left"
        if path.suffix == ".png":
            with Image.open(path) as image:
                image.load()
        elif path.suffix == ".json":
            json.loads(path.read_text())
        else:
            assert len(list(open_frames(path))) > 0


@pytest.mark.slow
@pytest.mark.parametrize("call", TRIED)
@pytest.mark.parametrize("verb", COMMANDS)
def test_the_nth_call_fails(shim: Path, clip: Path, tmp_path: Path, verb: str, call: str) -> None:
    happened = 0
    for nth, number in zip(TRIED[call], (ERRORS[index % len(ERRORS)] for index in count()), strict=False):
        out, mark = tmp_path / f"out{nth}", tmp_path / f"mark{nth}"
        text = COMMANDS[verb].format(clip=clip, mask=sample.mask_path(), out=out)
        done = subprocess.run(
            [sys.executable, "-m", "mobilevos", *text.split(), "--size", "64", "--threads", "1"],
            env={
                **environment(),
                "LD_PRELOAD": str(shim),
                "FAULT_UNDER": str(out),
                "FAULT_CALL": call,
                "FAULT_NTH": str(nth),
                "FAULT_ERRNO": str(number),
                "FAULT_MARK": str(mark),
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        what = f"{call} {nth}, {os.strerror(number)}: {done.stderr}"
        assert "Traceback" not in done.stderr, what
        assert_whole(out)
        if not mark.exists():
            assert done.returncode == 0, what
            break
        happened += 1
        if call == "close" and not done.returncode:  # PyAV does not tell of FFmpeg's own; then the video is whole
            assert all(len(list(open_frames(video))) == FRAMES for video in out.iterdir())
            continue
        assert done.returncode == 2, what
        assert done.stderr.count("\n") == 1, what
    assert happened
