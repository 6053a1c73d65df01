"""The command: results are those of `segment`, and whatever ends it, the next run goes on from there."""

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from as_segment import FAST, assert_complete, scene
from batch_scene import hold_still, in_the_making, noted, published

from command import environment, mobilevos, started
from waiting import PATIENCE, wait_until


def comes(what: Callable[[], object], process: subprocess.Popen[str]) -> bool:
    """Wait until something holds; False if the command ends without it."""
    wait_until(lambda: process.poll() is not None or what())
    return bool(what())


def children(process: int) -> list[int]:
    """Processes that a process has started."""
    found = subprocess.run(["pgrep", "-P", str(process)], capture_output=True, text=True, check=False)
    return [int(number) for number in found.stdout.split()]


@contextmanager
def held(process: subprocess.Popen[str], when: Callable[[], object] = lambda: True) -> Iterator[list[int]]:
    """Hold a command and its children still at a moment when something holds, so that it goes on holding.

    Gives the numbers of its workers; none if the command has ended without such a moment.
    """
    while comes(when, process):
        still = [process.pid]
        for number in still:  # grows: a parent that stands still starts no more children
            hold_still(number)
            still += children(number)
        try:
            if when():
                yield workers(process.pid)
                return
        finally:
            for number in still:
                with suppress(ProcessLookupError):
                    os.kill(number, signal.SIGCONT)
    yield []


def workers(process: int) -> list[int]:
    found = []
    for number in children(process):
        with suppress(OSError):
            if b"spawn_main" in Path(f"/proc/{number}/cmdline").read_bytes():
                found.append(number)
    return found


def batch(folder: Path, *options: str) -> subprocess.Popen[str]:
    return started("batch", folder / "jobs.jsonl", "-o", folder / "out", *FAST, *options)


def test_results_are_those_of_segment_whatever_workers_are_killed(tmp_path: Path) -> None:
    survive(tmp_path, videos=3, jobs=12, kills=2, seed=0)


@pytest.mark.slow
def test_many_jobs_and_many_kills(tmp_path: Path) -> None:
    survive(tmp_path, videos=20, jobs=200, kills=30, seed=1)


def survive(folder: Path, videos: int, jobs: int, kills: int, seed: int) -> None:
    scene(folder, videos, jobs)
    process = batch(folder, "--jobs", "2", "--tries", "10", "--json", "--events", str(folder / "events.jsonl"))
    chance = random.Random(seed)
    killed = 0
    for enough in [0, *sorted(chance.choices(range(jobs - 8), k=kills - 1))]:
        comes(lambda least=enough: len(published(folder / "out")) >= least, process)
        time.sleep(chance.uniform(0, 0.2))
        with held(process, lambda: workers(process.pid)) as found:
            for worker in chance.sample(found, min(1, len(found))):
                os.kill(worker, signal.SIGKILL)
                killed += 1
    assert killed
    text, error = process.communicate(timeout=1800)
    counts = json.loads(text)
    assert process.returncode == 3, error
    assert (counts["done"], counts["failed"], counts["truncated"]) == (jobs - 3, 3, 0)
    assert_complete(folder)
    again = mobilevos("batch", folder / "jobs.jsonl", "-o", folder / "out", *FAST, "--json")
    assert again.returncode == 3
    assert json.loads(again.stdout)["frames"] == 0
    status = mobilevos("batch", "status", folder / "out", "--failed")
    assert sorted(json.loads(line)["id"] for line in status.stdout.splitlines()) == ["broken0", "broken1", "broken2"]


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGINT", 130)])
def test_a_signal_ends_it_in_order(tmp_path: Path, name: str, code: int) -> None:
    scene(tmp_path, 1, 10, count=60)
    process = batch(tmp_path, "--jobs", "2", "--grace", "0")
    with held(process, lambda: published(tmp_path / "out") and in_the_making(tmp_path / "out")) as found:
        assert len(published(tmp_path / "out")) < 5, "some of the jobs have not begun"
        process.send_signal(getattr(signal, name))
    _, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == code
    assert f"ended by {name}" in error
    assert not in_the_making(tmp_path / "out")
    wait_until(lambda: not any(Path(f"/proc/{number}").exists() for number in found))
    done = {i for i, entries in noted(tmp_path / "out").items() if entries[-1]["status"] == "done"}
    assert done == published(tmp_path / "out")
    assert all(entry["kind"] in (None, "input") for entries in noted(tmp_path / "out").values() for entry in entries)
    assert mobilevos("batch", tmp_path / "jobs.jsonl", "-o", tmp_path / "out", *FAST).returncode == 3
    assert len(published(tmp_path / "out")) == 7


def test_jobs_that_are_nearly_done_may_end(tmp_path: Path) -> None:
    scene(tmp_path, 1, 40, count=400)  # long enough for their pace to be known, and more than a busy machine ends
    process = batch(tmp_path, "--jobs", "1", "--grace", "600")  # a slow start promises a slow end
    assert comes(lambda: published(tmp_path / "out"), process)
    before = len(published(tmp_path / "out"))
    assert comes(lambda: list((tmp_path / "out").glob(".parts/*/masks/00200.png")), process)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 143
    assert before < len(published(tmp_path / "out")) < 37


def test_nobody_outlives_a_parent_that_is_killed(tmp_path: Path) -> None:
    scene(tmp_path, 1, 6, count=60)
    process = batch(tmp_path, "--jobs", "2")
    with held(process, lambda: in_the_making(tmp_path / "out")):
        found = children(process.pid)
        process.kill()
    process.communicate(timeout=PATIENCE)
    wait_until(lambda: not any(Path(f"/proc/{number}").exists() for number in found))
    assert in_the_making(tmp_path / "out")
    done = mobilevos("batch", tmp_path / "jobs.jsonl", "-o", tmp_path / "out", *FAST)
    assert done.returncode == 3
    assert len(published(tmp_path / "out")) == 3
    assert not in_the_making(tmp_path / "out")


@pytest.mark.parametrize(("videos", "jobs"), [(3, 12), pytest.param(20, 200, marks=pytest.mark.slow)])
def test_shards_of_a_cluster_make_the_whole(tmp_path: Path, videos: int, jobs: int) -> None:
    """As tasks of a SLURM array, all at once into one folder."""
    scene(tmp_path, videos, jobs)
    tasks = [
        subprocess.Popen(
            ["python", "-m", "mobilevos", "batch", tmp_path / "jobs.jsonl", "-o", tmp_path / "out", *FAST],
            env={
                **environment(),
                "SLURM_ARRAY_TASK_ID": str(5 + index),
                "SLURM_ARRAY_TASK_MIN": "5",
                "SLURM_ARRAY_TASK_MAX": "8",
                "SLURM_ARRAY_TASK_COUNT": "4",
                "SLURM_CPUS_PER_TASK": "1",
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        for index in range(4)
    ]
    texts = [task.communicate(timeout=1800)[0] for task in tasks]
    assert {task.returncode for task in tasks} <= {0, 3}
    assert sum(int(text.split(" of ")[1].split()[0]) for text in texts) == jobs
    assert len(list((tmp_path / "out" / "manifest").iterdir())) == sum(" of 0 " not in text for text in texts)
    assert_complete(tmp_path)
    whole = mobilevos("batch", tmp_path / "jobs.jsonl", "-o", tmp_path / "out", *FAST, "--shard", "0/1", "--json")
    assert json.loads(whole.stdout)["done"] == jobs - 3
    assert json.loads(whole.stdout)["frames"] == 0


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("batch none.jsonl -o out", "none.jsonl cannot be read"),
        ("batch jobs.jsonl -o out --outputs mask", "no output named 'mask'"),
        ("batch jobs.jsonl -o out --shard 3/3", "no shard 3/3"),
        ("batch jobs.jsonl -o out --model none", "no model 'none'"),
        ("batch jobs.jsonl -o jobs.jsonl", "is a file, not a folder"),
        ("batch jobs.jsonl -o out --size 7", "7"),
        ("batch jobs.jsonl", "--out"),
        ("batch status nowhere", "holds no results of a batch"),
        ("batch merge nowhere -o x.zip", "holds no results of a batch"),
        ("batch bad.jsonl -o out", "bad.jsonl, line 2 has an unknown key 'vdieo'"),
    ],
)
def test_mistakes_are_one_sentence(tmp_path: Path, arguments: str, expected: str) -> None:
    scene(tmp_path, 1, 4)
    (tmp_path / "bad.jsonl").write_text('{"video": "0.mp4", "mask": "mask.png"}\n{"vdieo": "0.mp4"}\n')
    done = mobilevos(*arguments.split(), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("mobilevos: ")
    assert done.stderr.count("\n") == 1
    assert expected in done.stderr
    assert not list(tmp_path.glob("out/jobs"))


def test_threads_are_those_of_codecs_too() -> None:
    code = (
        "from mobilevos.video.codec_threads import limit_codec_threads\n"
        "from mobilevos import sample\nfrom mobilevos.video.video_frames import VideoFrames\n"
        "limit_codec_threads(3)\n"
        "frames = VideoFrames(sample.clip_path())\n"
        "with frames._open() as container:\n"
        "    print(frames._stream(container).codec_context.thread_count)\n"
    )
    done = subprocess.run(["python", "-c", code], capture_output=True, text=True, check=True, env=environment())
    assert done.stdout == "3\n"
