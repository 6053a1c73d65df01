"""Whether a batch keeps up with `mobilevos segment` side by side, and how large its parent grows with a long list.

    python benchmarks/batch.py

In turns, `mobilevos batch --jobs 2` does a list of short clips of the sample, and two loops of `mobilevos segment`,
side by side, do every other clip each, with one thread as the workers have. Both are told as a whole, with every start
of a process and loading of a model, and without: from a worker's first frame to its last file, with all that happens
between its clips; and the sum of what `summary.json` says for `segment`. Processor time, which others' work lengthens
less, is that of all processes. Then a list of 100,000 lines, most of them done before, shows the parent's largest
memory.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Thread

from md_table import md_table
from script import run

from mobilevos import sample
from mobilevos.benchmark import describe_machine
from mobilevos.video.masks import save_palette_png
from mobilevos.video.reader import open_frames
from mobilevos.video.writer import VideoWriter

SIDES = 2
LOOK_EVERY = 0.05
COMMAND = (sys.executable, "-m", "mobilevos")


@dataclass(frozen=True)
class Spent:
    """Seconds for all clips."""

    whole: float
    without_starts: float
    processor: float


def save_clips(folder: Path, count: int, frames: int) -> Path:
    """Pieces of the sample with a mask each, and the list of them."""
    source, truth = open_frames(sample.clip_path()), sample.truth()
    shown = list(source)
    lines = []
    for number in range(count):
        first = number * (len(shown) - frames) // max(1, count - 1)
        video, mask = folder / f"{number}.mp4", folder / f"{number}.png"
        with VideoWriter(video, Fraction(24), shown[0].shape[:2]) as writer:
            for frame in shown[first : first + frames]:
                writer.write(frame)
        save_palette_png(mask, truth[first])
        lines.append({"id": f"clip{number}", "video": video.name, "mask": mask.name, "frames": frames})
    (folder / "jobs.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder / "jobs.jsonl"


def by_batch(jobs: Path, out: Path, mode: str) -> float:
    """Seconds between a worker's first frame and its last file, on average."""
    command = [*COMMAND, "batch", jobs, "-o", out, "--jobs", str(SIDES), "--mode", mode]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    spans: dict[str, tuple[float, float]] = {}
    for file in out.glob("manifest/*.jsonl"):
        for end in map(json.loads, file.read_text().splitlines()):
            first, last = spans.get(end["worker"], (float("inf"), 0.0))
            spans[end["worker"]] = min(first, end["time"] - end["seconds"]), max(last, end["time"])
    return sum(last - first for first, last in spans.values()) / SIDES


def by_segment(jobs: Path, out: Path, mode: str) -> float:
    """Seconds that each side took for its clips, on average."""
    lines = [json.loads(line) for line in jobs.read_text().splitlines()]

    def side(number: int) -> None:
        for line in lines[number::SIDES]:
            video, mask = (str(jobs.parent / line[key]) for key in ("video", "mask"))
            options = ["--outputs", "rle", "--threads", "1", "--mode", mode]
            command = [*COMMAND, "segment", video, "--mask", mask, "-o", str(out / line["id"]), *options]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    threads = [Thread(target=side, args=(number,)) for number in range(SIDES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(json.loads(file.read_text())["seconds"] for file in out.glob("*/summary.json")) / SIDES


def timed(work: object, jobs: Path, out: Path, mode: str) -> Spent:
    """One run of a side."""
    before, began = _processor(), time.perf_counter()
    without_starts = work(jobs, out, mode)  # type: ignore[operator]
    return Spent(time.perf_counter() - began, without_starts, _processor() - before)


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def parent_mb(jobs: Path, folder: Path, lines: int, mode: str) -> float:
    """Largest memory of the command's first process, over a list of so many lines."""
    to_do = jobs.read_text()
    with (folder / "long.jsonl").open("w") as file:
        file.write(to_do)
        for number in range(lines - to_do.count("\n")):
            line = {"id": f"video-{number}", "video": f"videos/{number}.mp4", "mask": f"masks/{number}.png"}
            file.write(json.dumps({**line, "frames": number + 1}) + "\n")
    out = folder / "long"
    (out / "manifest").mkdir(parents=True)
    with (out / "manifest" / "0-of-1.elsewhere.1.jsonl").open("w") as file:
        for number in range(lines - to_do.count("\n")):
            entry = {"id": f"video-{number}", "status": "done", "attempt": 1, "time": 1.0, "frames": number}
            file.write(json.dumps(entry) + "\n")
    command = [*COMMAND, "batch", folder / "long.jsonl", "-o", out, "--jobs", str(SIDES), "--mode", mode]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        most = max(_peaks(process), default=0.0)
    if process.returncode:
        raise SystemExit(f"The batch of {lines} lines ended with exit code {process.returncode}.")
    return most


def _peaks(process: "subprocess.Popen[bytes]") -> Iterator[float]:
    while process.poll() is None:
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                yield int(line.split()[1]) / 2**10
        time.sleep(LOOK_EVERY)


def main(*, clips: int = 12, frames: int = 24, rounds: int = 4, mode: str = "fast", lines: int = 100_000) -> None:
    """Compare, and print a table.

    Parameters
    ----------
    clips
        Number of clips.
    frames
        Of each.
    rounds
        Comparisons; the middle one of the ratios is told.
    mode
        See `mobilevos segment`.
    lines
        Of the long list.
    """
    spent: dict[str, list[Spent]] = {"batch": [], "segment": []}
    with TemporaryDirectory() as made:
        folder = Path(made)
        jobs = save_clips(folder, clips, frames)
        sides = {"batch": by_batch, "segment": by_segment}
        for number in range(rounds):
            for name in sorted(sides, reverse=bool(number % 2)):  # neither is always the first
                spent[name].append(timed(sides[name], jobs, folder / f"{name}{number}", mode))
                print(f"{name}: {spent[name][-1]}", file=sys.stderr)
        megabytes = parent_mb(jobs, folder, lines, mode)
    rows = []
    for key, what in (
        ("whole", "as a whole"),
        ("without_starts", "without starts"),
        ("processor", "processor time, as a whole"),
    ):
        seconds = {name: [getattr(one, key) for one in found] for name, found in spent.items()}
        ratio = median(one / other for one, other in zip(seconds["batch"], seconds["segment"], strict=True))
        rows.append([what, *(f"{median(seconds[name]):.1f}" for name in ("batch", "segment")), f"{ratio:.2f}"])
    print(f"{describe_machine()}, {date.today()}")
    print(f"{clips} clips of {frames} frames, mode {mode}, {SIDES} side by side, {rounds} rounds; seconds\n")
    print(md_table(["", "batch", "segment twice", "batch / segment"], rows))
    print(f"\nThe parent took {megabytes:.0f} MB with a list of {lines:,} lines.")


if __name__ == "__main__":
    run(main)
