"""Small clips, lists of jobs over them, and a tracker that misbehaves where its mask says so."""

import errno
import json
import os
import signal
import time
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import numpy as np

from mobilevos.batch.batch import How, Resources, run_batch
from mobilevos.batch.history import entries
from mobilevos.batch.options import Options
from mobilevos.batch.report import Report
from mobilevos.batch.run import Counts, Limits
from mobilevos.batch.store import LocalStore
from mobilevos.video.masks import save_palette_png
from mobilevos.video.writer import VideoWriter
from waiting import wait_until

HEIGHT, WIDTH, COUNT = 48, 64, 8
GOOD, DIES_ONCE, DIES, HANGS, GROWS, RAISES, DISK_FULL, SLOW = 1, 11, 12, 13, 14, 15, 16, 17
FLAGS = "MOODY_FLAGS"
"""Names the folder in which a tracker notes what it did once."""


class Moody:
    """Follows what is bright; and does what its object's id stands for in its fourth frame."""

    def start(self, frame: np.ndarray, mask: np.ndarray) -> np.ndarray:
        self.mood, self.steps = int(mask.max()), 0
        return self.step(frame)

    def step(self, frame: np.ndarray) -> np.ndarray:
        self.steps += 1
        if self.steps == 4:
            self._act()
        if self.mood == SLOW:
            time.sleep(0.3)
        return (np.uint8(self.mood) * (frame.mean(axis=2) > 110)).astype(np.uint8)

    add = None

    def _act(self) -> None:
        flag = Path(os.environ.get(FLAGS, ".")) / "died"
        dies = self.mood == DIES
        if self.mood == DIES_ONCE and not flag.exists():
            flag.touch()
            dies = True
        if dies:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.mood == HANGS:
            time.sleep(1000)
        if self.mood == GROWS:
            self.ballast = np.ones(600 << 20, np.uint8)
            time.sleep(30)
        if self.mood == RAISES:
            raise RuntimeError("out of ideas")
        if self.mood == DISK_FULL:
            raise OSError(errno.ENOSPC, "No space left on device")


def make_moody(options: Options) -> Moody:
    """For workers."""
    return Moody()


def save_clip(path: Path, seed: int = 0, count: int = COUNT) -> Path:
    """A bright square that moves over noise."""
    with VideoWriter(path, Fraction(24), (HEIGHT, WIDTH)) as writer:
        for index in range(count):
            frame = np.random.default_rng(seed * 100 + index).integers(0, 80, (HEIGHT, WIDTH, 3), dtype=np.uint8)
            frame[10 : 25 + seed % 5, 5 + index : 20 + index] = (200, 160, 200)
            writer.write(frame)
    return path


def save_mask(path: Path, mood: int = GOOD, size: tuple[int, int] = (HEIGHT, WIDTH)) -> Path:
    """Of the square in the first frame."""
    labels = np.zeros(size, np.uint8)
    labels[10:25, 5:20] = mood
    save_palette_png(path, labels)
    return path


def save_list(folder: Path, moods: dict[str, int], **more: Any) -> Path:
    """A list of jobs by id, over one clip; ``more`` goes into each line."""
    if not (folder / "clip.mp4").exists():
        save_clip(folder / "clip.mp4")
    for mood in {*moods.values()}:
        save_mask(folder / f"{mood}.png", mood)
    lines = [
        {"id": i, "video": "clip.mp4", "mask": f"{mood}.png", "frames": COUNT, **more} for i, mood in moods.items()
    ]
    return write_list(folder, lines)


def write_list(folder: Path, lines: list[dict[str, Any]]) -> Path:
    path = folder / "jobs.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def run(
    jobs: Path,
    out: Path | str,
    *,
    workers: int = 2,
    memory: int | None = None,
    engine: Literal["local", "ray"] = "local",
    verify: bool = False,
    **limits: Any,
) -> Counts:
    """With moody trackers."""
    how = How(limits=Limits(**limits), resources=Resources(workers, memory), engine=engine, verify=verify)
    with Report(quiet=True) as report:
        return run_batch(jobs, str(out), Options(), how, report, make_tracker=make_moody)


def noted(out: Path) -> dict[str, list[dict[str, Any]]]:
    """Lines of all manifests by job, in order."""
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in sorted(entries(LocalStore(out).manifests()), key=lambda entry: entry["time"]):
        found.setdefault(entry["id"], []).append(entry)
    return found


def published(out: Path) -> set[str]:
    """Jobs with results."""
    return {path.parent.name for path in out.glob("jobs/*/*/summary.json")}


def in_the_making(out: Path) -> list[Path]:
    return list((out / ".parts").glob("*"))


def hold_still(number: int) -> None:
    """Stop a process, if it is there, and wait until it stands."""
    with suppress(ProcessLookupError):
        os.kill(number, signal.SIGSTOP)
    wait_until(lambda: not _is_at_work(number))


def _is_at_work(number: int) -> bool:
    """Whether a process is there and neither stopped nor dead."""
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "TZX"
