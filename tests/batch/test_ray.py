"""The same on Ray: killed, poisonous and hung workers, on a cluster of this machine."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from batch_scene import (
    DIES,
    DIES_ONCE,
    FLAGS,
    GOOD,
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

from command import mobilevos
from mobilevos.segment import segment
from mobilevos.tracker import Tracker


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
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)  # where workers find the tracker
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="warning")
    yield ray
    ray.shutdown()


@pytest.mark.extras
def test_each_failure_has_its_end(tmp_path: Path, ray: object) -> None:
    moods = {"a": GOOD, "once": DIES_ONCE, "always": DIES, "hangs": HANGS, "raises": RAISES, "b": GOOD, "slow": SLOW}
    out = tmp_path / "out"
    counts = run(save_list(tmp_path, moods), out, engine="ray", tries=3, stall=15)
    assert (counts.done, counts.failed, counts.stopped) == (4, 3, None)
    ends = {i: (entries[-1]["status"], entries[-1]["kind"], len(entries)) for i, entries in noted(out).items()}
    good = ("done", None, 1)
    assert ends == {
        **{"a": good, "b": good, "slow": good, "once": ("done", None, 2), "always": ("failed", "crash", 3)},
        **{"hangs": ("failed", "stalled", 2), "raises": ("failed", "bug", 1)},
    }
    assert published(out) == {"a", "b", "slow", "once"}
    assert not in_the_making(out)


@pytest.mark.extras
def test_the_product_with_an_actor_killed(tmp_path: Path, ray: object) -> None:
    save_mask(tmp_path / "mask.png")
    lines = [{"id": f"j{i}", "video": f"{i}.mp4", "mask": "mask.png"} for i in range(6)]
    for seed in range(6):
        save_clip(tmp_path / f"{seed}.mp4", seed, 24)
    path, out = write_list(tmp_path, lines), tmp_path / "out"
    code: list[int] = []

    def kill_one() -> None:
        until = time.monotonic() + 120
        while time.monotonic() < until:
            time.sleep(0.02)
            for part in in_the_making(out):
                if (part / ".masks.part.json").exists():
                    os.kill(int(part.name.rsplit(".", 1)[1]), signal.SIGKILL)
                    code.append(1)
                    return

    killer = threading.Thread(target=kill_one)
    killer.start()
    from mobilevos.batch.batch import How, Resources, run_batch
    from mobilevos.batch.options import Options
    from mobilevos.batch.report import Report

    with Report(quiet=True) as report:
        counts = run_batch(path, str(out), Options(mode="fast"), How(resources=Resources(2), engine="ray"), report)
    killer.join()
    assert code == [1]
    assert (counts.done, counts.failed) == (6, 0)
    assert sum(entry["kind"] == "crash" for entries in noted(out).values() for entry in entries) == 1
    for line in lines:
        segment(
            tmp_path / line["video"],
            tmp_path / "mask.png",
            tmp_path / "alone",
            tracker=Tracker(mode="fast", threads=1),
            outputs=["rle"],
        )
        (result,) = out.glob(f"jobs/*/{line['id']}")
        for name in ("masks.json", "objects.jsonl"):
            assert (result / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()
        assert json.loads((result / "summary.json").read_text())["frames"] == 24
