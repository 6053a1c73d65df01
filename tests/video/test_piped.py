"""Videos that come through a pipe."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from command import environment
from mobilevos import sample
from mobilevos.formats.given import open_given
from mobilevos.video.masks import load_mask
from mobilevos.video.reader import open_frames
from waiting import PATIENCE


def segment(*arguments: str | Path, cwd: Path, given: bytes) -> subprocess.CompletedProcess[bytes]:
    options = ["-m", str(sample.mask_path()), "--size", "64", "--threads", "1", "--outputs", "rle", "-o", "out"]
    command = [sys.executable, "-m", "mobilevos", "segment", *map(str, arguments), *options]
    return subprocess.run(
        command, input=given, cwd=cwd, env={**environment(), "TMPDIR": str(cwd)}, capture_output=True, timeout=PATIENCE
    )


def test_standard_input_is_a_video(tmp_path: Path) -> None:
    done = segment("-", cwd=tmp_path, given=sample.clip_path().read_bytes())
    assert done.returncode == 0, done.stderr
    assert b"56" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["out"]  # nothing is left of what came


@pytest.mark.parametrize(("given", "message"), [(b"", b"Nothing came"), (b"no video" * 99, b"cannot be read")])
def test_what_is_no_video_is_one_sentence(tmp_path: Path, given: bytes, message: bytes) -> None:
    done = segment("-", cwd=tmp_path, given=given)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count(b"\n") == 1, done.stderr
    assert b"Traceback" not in done.stderr


def test_a_named_pipe_is_a_video(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.mp4"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(sample.clip_path().read_bytes()))
    writer.start()
    frames = list(open_frames(pipe))
    writer.join()
    assert len(frames) == 56
    np.testing.assert_array_equal(frames[5], list(open_frames(sample.clip_path()))[5])


@pytest.mark.parametrize("read", [load_mask, lambda path: open_given(path, open_frames(sample.clip_path()))[0]])
def test_a_named_pipe_is_a_mask(tmp_path: Path, read: Callable[[Path], np.ndarray]) -> None:
    """As a shell's ``<(...)`` is; masks are read more than once."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(sample.mask_path().read_bytes()))
    writer.start()
    np.testing.assert_array_equal(read(pipe), load_mask(sample.mask_path()))
    writer.join()


def test_a_file_named_as_standard_input_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("-").write_bytes(sample.clip_path().read_bytes())
    assert len(list(open_frames("-"))) == 56
