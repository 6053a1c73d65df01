"""What becomes of jobs whose videos, masks or workers fail, in real processes."""

import json
import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from batch_scene import (
    DIES,
    DIES_ONCE,
    DISK_FULL,
    FLAGS,
    GOOD,
    GROWS,
    HANGS,
    RAISES,
    SLOW,
    in_the_making,
    noted,
    published,
    run,
    save_clip,
    save_list,
    save_mask,
    write_list,
)

from mobilevos.batch.history import History
from mobilevos.batch.job_list import JobList
from mobilevos.batch.merge import merge
from mobilevos.batch.names import owned
from mobilevos.batch.status import failed_jobs, standing
from mobilevos.batch.store import LocalStore
from mobilevos.errors import InputError, OutputError


@pytest.fixture(autouse=True)
def _flags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "flags").mkdir()
    monkeypatch.setenv(FLAGS, str(tmp_path / "flags"))


def test_each_failure_has_its_end_and_harms_no_other(tmp_path: Path) -> None:
    moods = {"good0": GOOD, "once": DIES_ONCE, "always": DIES, "raises": RAISES, "good1": GOOD}
    path = save_list(tmp_path, moods)
    save_clip(tmp_path / "long.mp4", count=60)
    long = (tmp_path / "long.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(long[: len(long) * 2 // 3])
    (tmp_path / "text.mp4").write_text("no video")
    save_mask(tmp_path / "small.png", size=(40, 64))
    more = [
        {"id": "none", "video": "none.mp4", "mask": "1.png"},
        {"id": "text", "video": "text.mp4", "mask": "1.png"},
        {"id": "cut", "video": "cut.mp4", "mask": "1.png"},
        {"id": "small", "video": "clip.mp4", "mask": "small.png"},
        {"id": "late", "video": "clip.mp4", "mask": "1.png", "start": 99},
        {"id": "rle", "video": "clip.mp4", "objects": {"1": {"size": [48, 64], "counts": "?"}}},
        {"id": "line", "video": "clip.mp4", "prompts": {"2": {"1": {"size": [4, 4], "counts": [1, 14, 1]}}}},
    ]
    lines = [*map(json.loads, path.read_text().splitlines()), *more]
    write_list(tmp_path, lines)
    out = tmp_path / "out"
    counts = run(path, out, tries=3)
    assert (counts.total, counts.done, counts.truncated, counts.failed, counts.stopped) == (12, 3, 1, 8, None)
    ends = {i: (entries[-1]["status"], entries[-1]["kind"], len(entries)) for i, entries in noted(out).items()}
    assert ends == {
        "good0": ("done", None, 1),
        "good1": ("done", None, 1),
        "once": ("done", None, 2),
        "always": ("failed", "crash", 3),
        "raises": ("failed", "bug", 1),
        "none": ("failed", "input", 1),
        "text": ("failed", "input", 1),
        "cut": ("truncated", "truncated", 1),
        "small": ("failed", "input", 1),
        "late": ("failed", "input", 1),
        "rle": ("failed", "input", 1),
        "line": ("failed", "input", 1),
    }
    assert published(out) == {"good0", "good1", "once", "cut"}
    last = {i: entries[-1] for i, entries in noted(out).items()}
    assert "SIGKILL" in last["always"]["reason"]
    assert [entry["attempt"] for entry in noted(out)["always"]] == [1, 2, 3]
    assert "out of ideas" in last["raises"]["reason"]
    assert "batch_scene.py" in last["raises"]["trace"]
    assert "none.mp4 does not exist" in last["none"]["reason"]
    assert not in_the_making(out)

    again = run(path, out)
    assert (again.done, again.truncated, again.failed, again.frames) == (3, 1, 8, 0)
    assert {i: len(entries) for i, entries in noted(out).items()} == {i: count for i, (_, _, count) in ends.items()}
    more_tries = run(path, out, tries=4)  # what died three times may die once more
    assert more_tries.failed == 8
    assert len(noted(out)["always"]) == 4

    found = standing(LocalStore(out), JobList(path))
    assert found.counts == {"done": 3, "truncated": 1, "failed": 8}
    assert (found.waiting, found.kinds["input"]) == (0, 6)
    failed = {job.id for job in failed_jobs(found, JobList(path))}
    assert failed == {*ends} - {"good0", "good1", "once"}
    assert len(merge(LocalStore(out), tmp_path / "all.zip")) == 1
    for kept in (out / "jobs" / "new.jsonl", next((out / "manifest").iterdir()).with_suffix(".jsonl")):
        with pytest.raises(InputError, match="is among the results that are merged"):
            merge(LocalStore(out), kept)


def test_a_job_that_takes_too_much_memory_is_tried_once_more_alone(tmp_path: Path) -> None:
    path = save_list(tmp_path, {"grows": GROWS, "good": GOOD, "slow": SLOW})
    counts = run(path, tmp_path / "out", memory=450 << 20)
    assert (counts.done, counts.failed) == (2, 1)
    entries = noted(tmp_path / "out")
    assert [(entry["status"], entry["kind"]) for entry in entries["grows"]] == [("failed", "memory")] * 2
    assert entries["grows"][1]["time"] > entries["slow"][0]["time"]


def test_a_job_that_hangs_is_tried_twice_and_harms_no_other(tmp_path: Path) -> None:
    path = save_list(tmp_path, {"good": GOOD})
    run(path, tmp_path / "out", workers=1)
    path = save_list(tmp_path, {"good": GOOD, "hangs": HANGS})
    counts = run(path, tmp_path / "out", stall=2)  # however slow the machine is, it hangs
    assert (counts.done, counts.failed) == (1, 1)
    assert [entry["kind"] for entry in noted(tmp_path / "out")["hangs"]] == ["stalled"] * 2
    assert published(tmp_path / "out") == {"good"}
    assert not in_the_making(tmp_path / "out")


def test_time_is_up(tmp_path: Path) -> None:
    path = save_list(tmp_path, {"hangs": HANGS})
    assert run(path, tmp_path / "out", timeout=4).failed == 1
    (entry,) = noted(tmp_path / "out")["hangs"]
    assert entry["kind"] == "timeout"


def test_a_full_disk_stops_the_run_and_costs_no_attempt(tmp_path: Path) -> None:
    path = save_list(tmp_path, {"good": GOOD, "full": DISK_FULL, "slow": SLOW, **{f"rest{i}": GOOD for i in range(9)}})
    counts = run(path, tmp_path / "out", workers=1)
    assert counts.stopped is not None
    assert "the disk is full" in counts.stopped
    assert counts.exit_code(0) == 3
    assert "full" not in noted(tmp_path / "out")
    assert not in_the_making(tmp_path / "out")
    assert counts.done < 12


def test_a_disk_that_takes_no_notes_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no mistake in the call, for which a cluster would give up the whole list."""
    path, out = save_list(tmp_path, {f"v{i}": GOOD for i in range(6)}), tmp_path / "out"
    append, notes = LocalStore.append, []

    def full(store: LocalStore, name: str, line: str) -> None:
        notes.append(line)
        if len(notes) > 2:
            raise OutputError(f"{name} could not be written because the disk is full; free some space and run again.")
        append(store, name, line)

    monkeypatch.setattr(LocalStore, "append", full)
    counts = run(path, out, workers=1)
    assert "the disk is full" in (counts.stopped or "")
    assert (counts.done, counts.exit_code(0)) == (2, 3)
    assert not in_the_making(out)
    monkeypatch.setattr(LocalStore, "append", append)
    again = run(path, out)
    assert (again.done, again.exit_code(0)) == (6, 0)
    assert {i: len(entries) for i, entries in noted(out).items()} == {f"v{i}": 1 for i in range(6)}


def test_a_list_that_is_wrong_throughout(tmp_path: Path) -> None:
    save_list(tmp_path, {"good": GOOD})
    path = write_list(tmp_path, [{"id": f"v{i}", "video": f"none{i}.mp4", "mask": "1.png"} for i in range(30)])
    counts = run(path, tmp_path / "out", workers=1)
    assert counts.failed == 10
    assert "The first 10 videos all failed" in (counts.stopped or "")


def test_two_runs_at_once_share_the_work(tmp_path: Path) -> None:
    path = save_list(tmp_path, {f"v{i}": GOOD for i in range(12)})
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(run(path, tmp_path / "out", workers=1))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(counts.done, counts.failed) for counts in results] == [(12, 0)] * 2
    assert len(published(tmp_path / "out")) == 12
    assert not in_the_making(tmp_path / "out")


def test_threads_that_start_together_write_the_options_once_and_whole(tmp_path: Path) -> None:
    """Often enough that one meets another in the middle."""
    store = LocalStore(tmp_path)
    text = json.dumps({"jobs": "x" * 100_000})
    failures: list[OutputError] = []

    def write() -> None:
        try:
            for _ in range(50):
                store.keep_options(text)
        except OutputError as error:
            failures.append(error)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert store.options() == text


def test_what_is_published_counts_whatever_the_manifests_say(tmp_path: Path) -> None:
    """A run may die between the two."""
    path = save_list(tmp_path, {"a": GOOD, "b": GOOD})
    out = tmp_path / "out"
    run(path, out, workers=1)
    for file in (out / "manifest").iterdir():
        file.write_text(file.read_text()[:40])
    counts = run(path, out, workers=1)
    assert (counts.done, counts.frames) == (2, 0)
    assert {i: entries[-1]["frames"] for i, entries in noted(out).items()} == {"a": 8, "b": 8}
    assert len(History(LocalStore(out).manifests()).done) == 2


def test_parts_of_processes_that_are_gone_are_swept(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    mine = store.part("mine")
    left = mine.with_name(mine.name.rsplit(".", 1)[0] + ".999999")
    elsewhere = mine.with_name("a.b.elsewhere.1")
    for folder in (left, elsewhere):
        folder.mkdir()
        (folder / "masks.json").touch()
    store.sweep()
    assert {path.name for path in in_the_making(tmp_path)} == {owned("mine"), "a.b.elsewhere.1"}
    for path in (elsewhere, elsewhere / "masks.json"):
        os.utime(path, (time.time() - 90_000,) * 2)
    store.sweep()
    assert not elsewhere.exists()


def test_other_options_are_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    path = save_list(tmp_path, {"a": GOOD})
    run(path, out, workers=1)
    text = (out / "batch.json").read_text()
    (out / "batch.json").write_text(text.replace('"best"', '"fast"'))
    with pytest.raises(InputError, match="mode fast and not best"):
        run(path, out)
    (out / "batch.json").write_text("{")
    with pytest.raises(InputError, match="damaged"):
        run(path, out)


def test_nothing_is_left_of_a_process_killed_while_it_notes_the_options(tmp_path: Path) -> None:
    out = tmp_path / "out"

    def killed() -> None:
        Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment,method-assign]
        LocalStore(out).keep_options("{}")

    process = multiprocessing.get_context("fork").Process(target=killed)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert list(out.iterdir())
    LocalStore(out).sweep()
    assert not list(out.iterdir())
