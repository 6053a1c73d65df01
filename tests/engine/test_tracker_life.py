"""The tracker over time: constant cost, and the shipped model at work."""

import copy
import os
import pickle
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from colour_runtime import scene
from mobilevos.evaluation import jaccard
from mobilevos.machine.memory import resident
from mobilevos.prompt import Prompt
from mobilevos.tracker import Tracker

# --- cost


def held_bytes(tracker: Tracker) -> tuple[int, int]:
    """Number and bytes of all arrays that a tracker holds on to, its runtime aside."""
    arrays: dict[int, np.ndarray] = {}
    waiting: list[Any] = [value for name, value in vars(tracker).items() if name != "_runtime"]
    seen: set[int] = set()
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, np.ndarray):
            arrays[id(thing)] = thing
        elif isinstance(thing, dict):
            waiting += thing.values()
        elif isinstance(thing, list | tuple):
            waiting += thing
        elif hasattr(thing, "__dict__"):
            waiting += vars(thing).values()
    return len(arrays), sum(array.nbytes for array in arrays.values())


def test_memory_does_not_grow() -> None:
    tracker = Tracker(threads=1, size=64, follow=False)
    frame, truth = scene(0, 3, 200)
    tracker.start(frame, truth)
    held = []
    for t in range(1, 201):
        tracker.step(scene(t % 20, 3, 200)[0])
        if t in (10, 200):
            held.append(held_bytes(tracker))
    assert held[0][0] > 5
    assert held[0] == held[1]


def test_memory_does_not_grow_with_corrections() -> None:
    tracker = Tracker(threads=1, size=64, follow=False)
    tracker.start(*scene(0, 3, 200))
    held = []
    for t in range(1, 41):
        frame, truth = scene(t % 20, 3, 200)
        tracker.step(frame)
        tracker.add(np.where(truth == (3, 200)[t % 2], truth, 0))
        held.append(held_bytes(tracker))
    assert held[0] < held[3]
    assert held[3] == held[39]


@pytest.mark.slow
def test_three_thousand_frames() -> None:
    """Resident memory stays within 5 %, and the next frames take what they take a tracker that has just begun."""
    clips = [scene(t, 3, 200)[0] for t in (*range(20), *range(20, 0, -1))]

    def begun() -> Tracker:
        tracker = Tracker(threads=1, size=128)
        tracker.start(*scene(0, 3, 200))
        return tracker

    old = begun()
    used = []
    for t in range(1, 3001):
        old.step(clips[t % 40])
        if t % 100 == 0:
            used.append(resident(os.getpid()) or 0)
    assert max(used[3:]) < 1.05 * used[3]
    trackers = {"old": old, "young": begun()}
    least = dict.fromkeys(trackers, float("inf"))
    for _ in range(10):  # in turns, as a machine may have become slower, too
        for name, tracker in trackers.items():
            began = time.process_time()
            for frame in clips:
                tracker.step(frame)
            least[name] = min(least[name], time.process_time() - began)
    assert least["old"] < 1.25 * least["young"]


# --- the shipped model


@pytest.mark.parametrize("runtime", ["onnxruntime", "torch"])
def test_a_life_with_the_shipped_model(runtime: str, sample_frames: list[np.ndarray], sample_truth: np.ndarray) -> None:
    """One fish, then a second, a correction, and the first one removed."""
    if runtime == "torch":
        pytest.importorskip("torch")
    tracker = Tracker(runtime=runtime, threads=1, size=256)
    tracker.start(sample_frames[0], np.where(sample_truth[0] == 1, 11, 0))
    for t in range(1, 4):
        labels = tracker.step(sample_frames[t])
        assert set(np.unique(labels)) == {0, 11}
        assert jaccard(labels == 11, sample_truth[t] == 1) > 0.7
    tracker.add(np.where(sample_truth[3] == 2, 22, 0))
    for t in range(4, 7):
        labels = tracker.step(sample_frames[t])
        assert jaccard(labels == 11, sample_truth[t] == 1) > 0.7
        assert jaccard(labels == 22, sample_truth[t] == 2) > 0.7
    tracker.add(np.where(sample_truth[6] == 2, 22, 0))
    tracker.remove(11)
    labels = tracker.step(sample_frames[7])
    assert set(np.unique(labels)) == {0, 22}
    assert jaccard(labels == 22, sample_truth[7] == 2) > 0.7


def test_a_correction_changes_the_next_frame(sample_frames: list[np.ndarray], sample_truth: np.ndarray) -> None:
    """Not the one fish but the other is object 1."""
    tracker = Tracker(threads=1, size=256)
    tracker.start(sample_frames[0], np.where(sample_truth[0] == 1, 1, 0))
    before = tracker.step(sample_frames[1])
    assert jaccard(before == 1, sample_truth[1] == 2) < 0.1
    tracker.add(np.where(sample_truth[1] == 2, 1, 0))
    after = tracker.step(sample_frames[2])
    assert jaccard(after == 1, sample_truth[2] == 2) > 0.3
    assert list(tracker.objects) == [1]


def test_a_network_as_runtime(sample_frames: list[np.ndarray], sample_truth: np.ndarray) -> None:
    pytest.importorskip("torch")
    from mobilevos.models import load_weights
    from mobilevos.runtimes.torch_runtime import TorchRuntime

    tracker = Tracker(runtime=TorchRuntime(load_weights("lite0")), size=256)
    by_name = Tracker(runtime="torch", threads=1, size=256)
    for each in (tracker, by_name):
        each.start(sample_frames[0], sample_truth[0])
    for frame in sample_frames[1:4]:
        labels = tracker.step(frame)
        assert labels.any()
        np.testing.assert_array_equal(labels, by_name.step(frame))


@pytest.mark.parametrize("make", [lambda: Tracker(size=64, threads=1), lambda: Prompt(scene(0)[0], threads=1)])
def test_what_has_a_network_says_that_it_is_not_to_be_pickled(make: Callable[[], object]) -> None:
    one = make()
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match=r"cannot be pickled or copied; make one in each process"):
            attempt(one)
