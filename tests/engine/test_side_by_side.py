"""Several trackers at once: in threads, and in processes that were forked or spawned."""

import hashlib
import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from command import environment
from mobilevos import Tracker, sample
from mobilevos.video.masks import load_mask
from mobilevos.video.reader import open_frames
from waiting import PATIENCE

FRAMES = 6


def follow(which: int, threads: int = 1) -> list[str]:
    """Checksums of the masks of one of the sample's objects."""
    mask = load_mask(sample.mask_path())
    tracker = Tracker(threads=threads, mode="fast", size=128)
    frames = iter(open_frames(sample.clip_path()))
    masks = [tracker.start(next(frames), np.where(mask == which, mask, 0))]
    masks += [tracker.step(frame) for frame, _ in zip(frames, range(FRAMES), strict=False)]
    return [hashlib.sha256(each.tobytes()).hexdigest() for each in masks]


def into(results: "multiprocessing.SimpleQueue[list[str]]", which: int) -> None:
    results.put(follow(which))


def test_trackers_in_threads_give_the_masks_of_one() -> None:
    alone = {which: follow(which) for which in (1, 2)}
    assert alone[1] != alone[2]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(follow, (1, 2, 1, 2)))
    assert together == [alone[1], alone[2], alone[1], alone[2]]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes(method: str) -> None:
    """Also those forked from one whose tracker has worked on several threads."""
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"there is no {method} here")
    expected = follow(1, threads=2)
    context = multiprocessing.get_context(method)
    results = context.SimpleQueue()
    processes = [context.Process(target=into, args=(results, which), daemon=True) for which in (1, 2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=PATIENCE)
        assert process.exitcode == 0
    found = [results.get(), results.get()]
    assert expected in found
    assert follow(1, threads=2) == expected  # the first one goes on as before


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="threads are not listed here")
def test_omp_num_threads_is_heeded() -> None:
    """Many processes on one machine are told so that they share it. This one is told that it has three cores."""
    code = (
        "import os, mobilevos\n"
        "from mobilevos.machine import cores\n"
        "cores.usable_cores = lambda: 3\n"
        "before = len(os.listdir('/proc/self/task'))\n"
        "tracker = mobilevos.Tracker()\n"
        "print(len(os.listdir('/proc/self/task')) - before)\n"
    )
    started = {}
    for told in ("1", "3"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**environment(), "OMP_NUM_THREADS": told},
            capture_output=True,
            text=True,
            check=True,
        )
        started[told] = int(done.stdout)
    assert started["1"] == 0
    assert started["3"] > 0
