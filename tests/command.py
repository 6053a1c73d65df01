"""The `mobilevos` command in a process of its own, and what to feed it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

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


# Importing takes longer than most commands: unless told otherwise, they are copies of a process that has done it.
_READY = """
import atexit, gc, importlib, json, os, signal, sys, threading, traceback
from contextlib import suppress
from mobilevos.cli import main
for name in {modules!r}.split():
    with suppress(ImportError):
        importlib.import_module(name)
gc.freeze()
for line in sys.stdin:
    told = json.loads(line)
    command = os.fork()
    if not command:
        break
    print(os.waitstatus_to_exitcode(os.waitpid(command, 0)[1]), flush=True)
else:
    sys.exit()
signal.alarm(told["seconds"])
os.chdir(told["cwd"])
os.environ.clear()
os.environ.update(told["environment"])
files = (os.devnull, os.O_RDONLY), (told["out"], os.O_WRONLY), (told["err"], os.O_WRONLY)
for number, (path, mode) in enumerate(files):
    os.dup2(os.open(path, mode | os.O_CREAT), number)
sys.argv = ["mobilevos", *told["arguments"]]
code = 0
try:
    main()
except SystemExit as end:
    code = end.code or 0
except BaseException:
    traceback.print_exc()
    code = 1
threading._shutdown()
atexit._run_exitfuncs()
sys.stdout.flush()
os._exit(code)  # or it would clean up after all those modules
"""
_MODULES = """
    numpy onnxruntime av PIL.Image rich.progress torch timm cv2 onnx onnxscript safetensors.torch fsspec
    mobilevos.segment mobilevos.first_mask mobilevos.effects.render mobilevos.evaluation mobilevos.batch.batch
"""


@cache
def _ready(library: str) -> subprocess.Popen[str]:
    """The process that commands are copied from, which may have a library loaded first; it ends with this one."""
    code = _READY.format(modules=_MODULES)
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env={**environment(), **({"LD_PRELOAD": library} if library else {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def mobilevos(
    *arguments: str | Path,
    cwd: Path | None = None,
    without: str = "",
    file_size: int = 0,
    variables: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end.

    Args:
        arguments: what follows ``mobilevos``.
        cwd: folder to run in.
        without: modules that are to look as if they were not installed, separated by spaces.
        file_size: no file can grow beyond this many bytes, as on a full disk; 0 for no limit.
        variables: what its environment has besides this one's; ``LD_PRELOAD`` works, too.
    """
    its = {**environment(), **(variables or {})}
    if not (without or file_size) and hasattr(os, "fork"):
        return _copied([str(argument) for argument in arguments], cwd or Path.cwd(), its)
    start = (
        ["-c", _PRELUDE.format(without=without, file_size=file_size)] if without or file_size else ["-m", "mobilevos"]
    )
    return subprocess.run(
        [sys.executable, *start, *map(str, arguments)],
        cwd=cwd,
        env=its,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def _copied(arguments: list[str], cwd: Path, its: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the command in a copy of the process that is ready, with an environment of its own."""
    ready = _ready(its.get("LD_PRELOAD", ""))
    assert ready.stdin is not None
    assert ready.stdout is not None
    with TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        told = {"arguments": arguments, "cwd": str(cwd), "environment": its, "seconds": int(PATIENCE)}
        ready.stdin.write(json.dumps({**told, "out": str(out), "err": str(err)}) + "\n")
        ready.stdin.flush()
        code = int(ready.stdout.readline())
        return subprocess.CompletedProcess(arguments, code, out.read_text(), err.read_text())


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


def save_long_clip(folder: Path, frames: Sequence[np.ndarray], count: int) -> None:
    """Write a clip of ``count`` (H, W, 3) frames, of which those given come again and again, in next to no time."""
    save_frames(folder.with_name(f"{folder.name} once"), frames)
    pictures = sorted(folder.with_name(f"{folder.name} once").iterdir())
    folder.mkdir()
    for index in range(count):
        (folder / f"{index:05d}.png").symlink_to(pictures[index % len(pictures)])


def save_davis(root: Path, clips: dict[str, tuple[Iterable[np.ndarray], Iterable[np.ndarray]]]) -> None:
    """Write frames and label maps of clips in the DAVIS layout."""
    for name, (frames, labels) in clips.items():
        save_frames(root / "JPEGImages" / "480p" / name, frames, ".jpg")
        masks = root / "Annotations" / "480p" / name
        masks.mkdir(parents=True)
        for index, label_map in enumerate(labels):
            save_palette_png(masks / f"{index:05d}.png", label_map)
