"""The same on Ray: killed, poisonous and hung workers, on a cluster of this machine."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from as_segment import MODE, OUTPUTS, assert_complete, scene
from batch_scene import (
    DIES,
    DIES_ONCE,
    FLAGS,
    GOOD,
    HANGS,
    RAISES,
    hold_still,
    in_the_making,
    noted,
    published,
    run,
    save_list,
)

from command import mobilevos
from mobilevos.batch.batch import How, Resources, run_batch
from mobilevos.batch.options import Options
from mobilevos.batch.report import Report
from waiting import wait_until


def test_without_ray(tmp_path: Path) -> None:
    path = save_list(tmp_path, {"a": GOOD})
    done = mobilevos("batch", path, "-o", tmp_path / "out", "--engine", "ray", without="ray")
    assert done.returncode == 2
    assert done.stderr.startswith("mobilevos: This needs ray, which is not installed; add it with pip install")
    assert done.stderr.count("\n") == 1


@pytest.fixture
def ray(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """A cluster with room for two workers."""
    import ray

    (tmp_path / "flags").mkdir()
    monkeypatch.setenv(FLAGS, str(tmp_path / "flags"))
    for folder in Path(__file__).parents[:2]:  # where workers find the tracker
        monkeypatch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)
    monkeypatch.setenv("RAY_worker_niceness", "0")  # or workers would hardly run on a busy machine
    start(ray)
    yield ray
    ray.shutdown()


def start(ray: Any) -> None:
    """A cluster, again if a busy machine was slower than Ray's patience, which cannot be chosen."""
    for tries in reversed(range(10)):
        try:
            ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="warning")
            return
        except Exception as error:
            if not tries or "timed out during startup" not in str(error):
                raise
            ray.shutdown()


def ends(out: Path) -> dict[str, tuple[str, str | None, int]]:
    """How each job ended, and after how many tries."""
    return {i: (entries[-1]["status"], entries[-1]["kind"], len(entries)) for i, entries in noted(out).items()}


@pytest.mark.extras
def test_an_address_that_is_none_of_a_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """But of the server that takes jobs, as `ray job submit` wants it."""
    monkeypatch.setenv("RAY_ADDRESS", "http://127.0.0.1:1")
    done = mobilevos("batch", save_list(tmp_path, {"a": GOOD}), "-o", tmp_path / "out", "--engine", "ray")
    assert done.returncode == 2
    assert done.stderr.startswith("mobilevos: Ray cannot be used: Invalid Ray address: 'http://127.0.0.1:1'.")
    assert done.stderr.count("\n") == 1


@pytest.mark.extras
def test_each_failure_has_its_end(tmp_path: Path, ray: object) -> None:
    moods = {"a": GOOD, "once": DIES_ONCE, "always": DIES, "raises": RAISES, "b": GOOD}
    out = tmp_path / "out"
    counts = run(save_list(tmp_path, moods), out, engine="ray", tries=3)
    assert (counts.done, counts.failed, counts.stopped) == (3, 2, None)
    good = ("done", None, 1)
    assert ends(out) == {
        **{"a": good, "b": good, "once": ("done", None, 2)},
        **{"always": ("failed", "crash", 3), "raises": ("failed", "bug", 1)},
    }
    assert published(out) == {"a", "b", "once"}
    assert not in_the_making(out)


@pytest.mark.extras
def test_a_hang_has_its_end(tmp_path: Path, ray: object) -> None:
    out = tmp_path / "out"
    counts = run(save_list(tmp_path, {"hangs": HANGS}), out, engine="ray", stall=2)  # however slow the machine is
    assert (counts.done, counts.failed, counts.stopped) == (0, 1, None)
    assert ends(out) == {"hangs": ("failed", "stalled", 2)}
    assert not in_the_making(out)


@pytest.mark.extras
def test_the_product_with_an_actor_killed(tmp_path: Path, ray: object) -> None:
    path, out = scene(tmp_path, videos=20, jobs=200), tmp_path / "out"
    killed: list[str] = []

    def kill_one() -> None:
        """In the middle of a job."""
        wait_until(lambda: len(published(out)) > 20)
        while not killed:
            wait_until(lambda: in_the_making(out))
            for part in in_the_making(out)[:1]:
                number = int(part.name.rsplit(".", 1)[1])
                hold_still(number)
                if (part / ".masks.part.json").exists():
                    os.kill(number, signal.SIGKILL)
                    killed.append(part.name.split(".")[0])
                else:
                    os.kill(number, signal.SIGCONT)

    killer = threading.Thread(target=kill_one)
    killer.start()
    options, how = Options(OUTPUTS, mode=MODE), How(resources=Resources(2), engine="ray")
    with Report(quiet=True) as report:
        counts = run_batch(path, str(out), options, how, report)
    killer.join()
    assert (counts.done, counts.failed) == (197, 3)
    crashes = [entry["id"] for entries in noted(out).values() for entry in entries if entry["kind"] == "crash"]
    assert crashes == killed
    assert len(killed) == 1
    assert_complete(tmp_path)
