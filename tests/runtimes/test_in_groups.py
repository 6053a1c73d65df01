"""Objects in groups get the masks that they get all at once, in less memory."""

import subprocess
import sys

import numpy as np
import pytest

from command import environment
from mobilevos import Tracker
from mobilevos.runtimes import load_runtime
from mobilevos.runtimes.in_groups import InGroups, alone, together
from waiting import PATIENCE


@pytest.mark.parametrize("count", [1, 2, 5, 24])
def test_an_object_on_its_own_is_found_again(count: int) -> None:
    logits = np.random.default_rng(count).normal(-2, 3, (count, 20, 30)).clip(-12, 6)
    probabilities = together(logits)
    np.testing.assert_allclose(together(alone(probabilities)), probabilities, atol=1e-5)
    certain = np.abs(probabilities.sum(0) - 0.5) < 0.499
    np.testing.assert_allclose(alone(probabilities)[:, certain], logits[:, certain], atol=0.05)


def test_aggregation_is_that_of_the_network() -> None:
    torch = pytest.importorskip("torch")
    from mobilevos.models.network import aggregate

    logits = np.random.default_rng(0).normal(-2, 4, (7, 20, 30))
    theirs = aggregate(torch.from_numpy(logits)).softmax(0)[1:].numpy()
    np.testing.assert_allclose(together(logits), theirs, atol=1e-6)


def test_extremes_stay_finite() -> None:
    for value in (0.0, 1.0):
        given = np.full((1, 4, 4), value, np.float32)
        np.testing.assert_allclose(together(alone(given)), given, atol=1e-4)


def grid(rows: int, columns: int, cell: int) -> tuple[np.ndarray, np.ndarray]:
    """A frame of coloured cells, and a label map with an object in each."""
    rng = np.random.default_rng(0)
    frame = rng.integers(0, 256, (rows, columns, 3), np.uint8).repeat(cell, 0).repeat(cell, 1)
    labels = np.arange(1, rows * columns + 1, dtype=np.uint8).reshape(rows, columns).repeat(cell, 0).repeat(cell, 1)
    inside = np.zeros((rows, cell, columns, cell), bool)
    inside[:, 2:-2, :, 2:-2] = True
    return frame, labels * inside.reshape(labels.shape)


def test_groups_change_no_mask() -> None:
    frame, labels = grid(2, 5, 32)
    runtime = load_runtime("lite0", threads=1)
    maps = []
    for ready in (runtime, InGroups(runtime, 4)):
        tracker = Tracker(runtime=ready, size=144)
        tracker.start(frame, labels)
        maps.append([tracker.step(np.roll(frame, i, 1)) for i in (1, 2, 3, 4)])
    assert np.mean(np.array(maps[0]) == np.array(maps[1])) > 0.999
    assert len(np.unique(maps[0][-1])) > 3


@pytest.mark.slow
def test_memory_with_255_objects() -> None:
    """In best mode at 320 x 240: 2.4 GB when all are decoded at once."""
    code = (
        "import numpy as np, mobilevos\n"
        "from mobilevos.benchmark.process_memory import peak_mb\n"
        "from test_in_groups import grid\n"
        "frame, labels = grid(15, 17, 16)\n"
        "frame, labels = np.pad(frame, ((0, 0), (24, 24), (0, 0))), np.pad(labels, ((0, 0), (24, 24)))\n"
        "tracker = mobilevos.Tracker(threads=1)\n"
        "tracker.start(frame, labels)\n"
        "for i in (1, 2, 3): tracker.step(np.roll(frame, i, 1))\n"
        "print(peak_mb())"
    )
    paths = ":".join(["tests", "tests/runtimes", *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**environment(), "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    assert float(done.stdout) < 600
