"""The `mobilevos` command in a process of its own, and what to feed it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from mobilevos.video.masks import save_palette_png
from waiting import PATIENCE

_PRELUDE = """
import sys
sys.modules.update(dict.fromkeys(filter(None, {without!r}.split())))
if {file_size}:
    import resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, ({file_size},) * 2)
from mobilevos.cli import main
main()
"""


def mobilevos(
    *arguments: str | Path, cwd: Path | None = None, without: str = "", file_size: int = 0
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end.

    Args:
        arguments: what follows ``mobilevos``.
        cwd: folder to run in.
        without: modules that are to look as if they were not installed, separated by spaces.
        file_size: no file can grow beyond this many bytes, as on a full disk; 0 for no limit.
    """
    start = (
        ["-c", _PRELUDE.format(without=without, file_size=file_size)] if without or file_size else ["-m", "mobilevos"]
    )
    return subprocess.run(
        [sys.executable, *start, *map(str, arguments)],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def started(*arguments: str | Path) -> subprocess.Popen[str]:
    """Start the command and leave it running; it obeys Ctrl-C even if the tests themselves run in the background."""
    return subprocess.Popen(
        [sys.executable, "-m", "mobilevos", *map(str, arguments)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def environment() -> dict[str, str]:
    """Of this process, with output buffered as users have it, one thread and 80 columns."""
    return {**os.environ, "PYTHONUNBUFFERED": "", "OMP_NUM_THREADS": "1", "COLUMNS": "80"}


def save_frames(folder: Path, frames: Iterable[np.ndarray], suffix: str = ".png") -> None:
    """Write (H, W, 3) frames as 00000.png, 00001.png, ..."""
    folder.mkdir(parents=True)
    for index, frame in enumerate(frames):
        Image.fromarray(frame).save(folder / f"{index:05d}{suffix}")


def save_davis(root: Path, clips: dict[str, tuple[Iterable[np.ndarray], Iterable[np.ndarray]]]) -> None:
    """Write frames and label maps of clips in the DAVIS layout."""
    for name, (frames, labels) in clips.items():
        save_frames(root / "JPEGImages" / "480p" / name, frames, ".jpg")
        masks = root / "Annotations" / "480p" / name
        masks.mkdir(parents=True)
        for index, label_map in enumerate(labels):
            save_palette_png(masks / f"{index:05d}.png", label_map)
