"""The loop on a tiny data folder: it learns, resumes exactly after a kill, and refuses what it cannot go on with."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from run_folder import assert_same_weights, fails, figures, lines, weights  # noqa: E402

from mobilevos.data.types import Clip  # noqa: E402
from mobilevos.evaluation import evaluate, find_sequences  # noqa: E402
from mobilevos.evaluation.scores import Report, Score  # noqa: E402
from mobilevos.models import build, load_weights  # noqa: E402
from mobilevos.models.checkpoint import save_network  # noqa: E402
from mobilevos.runtimes.torch_runtime import TorchRuntime  # noqa: E402
from mobilevos.tracker import Tracker  # noqa: E402
from mobilevos.training import loop  # noqa: E402
from mobilevos.training.loop import Trained, train  # noqa: E402
from mobilevos.training.recipe import Recipe  # noqa: E402

Run = Callable[..., Trained]


def test_files_log_and_progress(run: Run, dev: Path, init: Path, tmp_path: Path) -> None:
    told: list[tuple[int, dict[str, float]]] = []
    out = tmp_path / "deep" / "run"
    final = run(out, dev=dev, evaluate_every=4, progress=lambda step, values: told.append((step, values)))
    names = ["best.safetensors", "ema.safetensors", "log.jsonl", "raw.safetensors", "state.pt"]
    assert sorted(path.name for path in out.iterdir()) == names

    assert sorted(figures(out)) == [1, 2, 3, 4, 5, 6]
    for row in figures(out).values():
        assert row.keys() == {"step", "lr", "loss", "iou"}
        assert all(np.isfinite(value) and 0 <= value < 20 for value in row.values())
    judged = {line["step"]: line["dev"]["JF"] for line in lines(out) if "dev" in line}
    assert list(judged) == [0, 4, 6]
    assert final == Trained(out / "ema.safetensors", judged[0], max(judged.values()))
    steps = [values for _, values in told if "loss" in values]
    assert len(steps) == 6
    assert {"loss", "iou", "lr", "mean_loss", "seconds_per_step"} <= steps[0].keys()
    assert [step for step, values in told if "dev_JF" in values] == [0, 4, 6]
    assert told[-1][1]["dev_JF"] == judged[6]
    assert sys.float_info.min / 2 > 0  # numbers near zero are what they were before

    start, raw, ema = (weights(path) for path in (init, out / "raw.safetensors", final.weights))
    moved = {name for name, tensor in raw.items() if not torch.equal(tensor, start[name])}
    assert not any(name.startswith(("backbone.body.conv_stem", "backbone.body.bn1")) for name in moved)
    for part in ("backbone.body.blocks.4", "key", "decoder", "value_encoder"):
        assert any(name.startswith(part) for name in moved), part
        assert any(name.startswith(part) and not torch.equal(raw[name], ema[name]) for name in moved), part


def test_before_is_the_score_of_the_given_weights(
    run: Run, dev: Path, init: Path, tmp_path: Path, recipe: Recipe
) -> None:
    judged: dict[int, float] = {}

    def progress(step: int, values: dict[str, float]) -> None:
        if "dev_JF" in values:
            judged[step] = values["dev_JF"]
            if step == 0:
                assert_same_weights(tmp_path / "best.safetensors", init)

    done = run(tmp_path, replace(recipe, steps=1), dev=dev, progress=progress)
    own = evaluate(find_sequences(dev), partial(Tracker, runtime=TorchRuntime(load_weights(str(init))))).overall.JF
    assert own > 1
    assert done.before == judged[0] == pytest.approx(own, abs=0.5)
    assert done.after == max(judged.values())


def scored(score: float) -> Report:
    return Report.from_objects({"square": [Score(score, score)]}, [1.0])


def test_best_are_the_weights_with_the_highest_score(
    run: Run, dev: Path, tmp_path: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = iter([20.0, 30.0, 80.0, 50.0, 70.0])
    monkeypatch.setattr(loop, "evaluate", lambda *_: scored(next(scores)))
    monkeypatch.setattr(loop, "_rate", lambda recipe, step: 1.0)
    snapshots = {}

    def progress(step: int, values: dict[str, float]) -> None:
        if "dev_JF" in values:
            snapshots[values["dev_JF"]] = (tmp_path / "best.safetensors").read_bytes()
        if values.get("dev_JF") == 50:
            raise KeyboardInterrupt

    options = {"dev": dev, "evaluate_every": 1, "save_every": 1}
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, replace(recipe, steps=4), progress=progress, **options)
    assert snapshots[20.0] != snapshots[30.0] != snapshots[80.0] == snapshots[50.0]
    # a resumed run remembers where it began and what was best
    assert run(tmp_path, replace(recipe, steps=4), **options)[1:] == (20.0, 80.0)
    assert (tmp_path / "best.safetensors").read_bytes() == snapshots[80.0]
    assert next(scores, None) is None


KILLED = """
import signal, sys
from pathlib import Path
import torch
torch.set_num_threads(1)
from mobilevos.training import loop
from mobilevos.training.recipe import Distillation, Recipe

loop.LOG_EVERY = 1
recipe, data, out, init = eval(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]

def progress(step, values):
    if step == 5:
        print("step 5", flush=True)
        signal.pause()

loop.train(recipe, data, out, init=init, workers=1, save_every=3, progress=progress)
"""


def test_resume_after_a_kill_is_exact(
    run: Run, taught: Recipe, straight: Path, data: Path, init: Path, tmp_path: Path
) -> None:
    killed = tmp_path / "killed"
    command = [sys.executable, "-c", KILLED, repr(taught), str(data), str(killed), str(init)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert process.stdout is not None
    assert process.stdout.readline() == "step 5\n"
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()
    assert sorted(figures(killed)) == [1, 2, 3, 4, 5]
    with (killed / "log.jsonl").open("a") as file:
        file.write('{"step": 6, "lo')  # the kill tore a line
    began = time.time()
    run(killed, taught)
    assert sorted(figures(killed)) == [1, 2, 3, 4, 5, 6]
    assert len(lines(killed)) == 6
    assert (killed / "state.pt").stat().st_mtime >= began
    for step, row in figures(straight).items():
        assert row.keys() == {"step", "lr", "loss", "iou", "segmentation", "representation", "logits"}
        assert figures(killed)[step] == pytest.approx(row, abs=1e-5), step
    assert figures(straight)[6]["logits"] > 1e-3
    for name in ("ema.safetensors", "raw.safetensors"):
        assert_same_weights(killed / name, straight / name)


def test_a_finished_run_stays_as_it_is(run: Run, tmp_path: Path, recipe: Recipe) -> None:
    run(tmp_path, replace(recipe, steps=1))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert run(tmp_path, replace(recipe, steps=1)) == Trained(tmp_path / "ema.safetensors", None, None)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_another_recipe_in_the_same_folder(run: Run, tmp_path: Path, recipe: Recipe) -> None:
    run(tmp_path, replace(recipe, steps=1))
    before = (tmp_path / "state.pt").read_bytes()
    other = replace(recipe, steps=2, learning_rate=1e-4)
    fails("holds a run with another steps, learning_rate; resume with the same", run, tmp_path, other)
    assert (tmp_path / "state.pt").read_bytes() == before


def test_damaged_state(run: Run, tmp_path: Path, recipe: Recipe) -> None:
    one = replace(recipe, steps=1)
    run(tmp_path, one)
    whole = (tmp_path / "state.pt").read_bytes()
    for damage in (whole[: len(whole) // 2], b"", b"no state"):
        (tmp_path / "state.pt").write_bytes(damage)
        fails("state.pt is damaged; delete it to start the run anew", run, tmp_path, one)
    (tmp_path / "state.pt").unlink()
    run(tmp_path, one)
    assert sorted(figures(tmp_path)) == [1]


def test_unusable_folders_and_weights(run: Run, recipe: Recipe, tmp_path: Path) -> None:
    fails("Found no training data in", train, recipe, tmp_path, tmp_path / "run")
    (tmp_path / "file").touch()
    fails("is a file, not a folder", run, tmp_path / "file")
    save_network(build("mobilenetv2"), tmp_path / "other.safetensors")
    fails("holds another model than lite0", run, tmp_path / "run", init=str(tmp_path / "other.safetensors"))
    fails("nothing.safetensors does not exist", run, tmp_path / "run", init=str(tmp_path / "nothing.safetensors"))
    fails("There are no trained weights of 'lite7'", run, tmp_path / "run", init="lite7")
    fails("holds another model than lite7", run, tmp_path / "run", replace(recipe, model="lite7"))
    fails("There is no model 'lite7'", run, tmp_path / "run", replace(recipe, model="lite7"), init=None)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"steps": 0}, "at least 1"),
        ({"batch": 0}, "at least 1"),
        ({"objects": 0}, "at least 1"),
        ({"frames": 1}, "must be 2 to 8"),
        ({"frames": 9}, "must be 2 to 8"),
        ({"size": 100}, "multiple of 16"),
        ({"size": 48}, "at least 64"),
        ({"smallest": 272}, "64 to 256"),
        ({"seed": -1}, "seed"),
    ],
)
def test_senseless_recipes(options: dict[str, Any], words: str) -> None:
    fails(words, Recipe, **options)


def test_the_loss_falls_on_one_clip(run: Run, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a bright disc that moves, always the same."""
    yy, xx = np.mgrid[:64, :64]
    labels = np.stack([(xx - 24 - 4 * t) ** 2 + (yy - 30) ** 2 < 13**2 for t in range(3)]).astype(np.uint8)
    ground = np.random.default_rng(0).integers(0, 120, (64, 64, 3), dtype=np.uint8)
    clip = Clip(np.where(labels[..., None] == 1, np.uint8([230, 180, 60]), ground), labels, (1,))
    monkeypatch.setattr("mobilevos.data.mix.ClipMix.draw", lambda self, index: clip)
    run(tmp_path, replace(recipe, steps=20, batch=1, hardest_end=1.0, mistakes=0.0))
    losses = [row["loss"] for row in figures(tmp_path).values()]
    overlaps = [row["iou"] for row in figures(tmp_path).values()]
    assert len(losses) == 20
    assert np.mean(losses[-3:]) < 0.4 * np.mean(losses[:3])
    assert np.mean(overlaps[-3:]) > 0.8
