"""The loop on a tiny data folder: it learns, resumes exactly after a kill, and stops when the loss breaks."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")

from mobilevos.data.types import Clip  # noqa: E402
from mobilevos.errors import MobileVOSError  # noqa: E402
from mobilevos.models import build  # noqa: E402
from mobilevos.models.checkpoint import load_network, save_network  # noqa: E402
from mobilevos.training import loop  # noqa: E402
from mobilevos.training.loop import NotFinite, train  # noqa: E402
from mobilevos.training.recipe import Recipe  # noqa: E402

RECIPE = Recipe(steps=6, batch=2, frames=3, size=64, real_fraction=0.0, seed=5)


@pytest.fixture(autouse=True, scope="module")
def log_every_step() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "LOG_EVERY", 1)
        yield


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A still set of four textured discs on texture."""
    root = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    yy, xx = np.mgrid[:96, :128]
    for folder in ("images", "masks"):
        (root / "set" / folder).mkdir(parents=True)
    for number in range(4):
        mask = ((xx - 60 - 4 * number) ** 2 + (yy - 48) ** 2 < (22 + number) ** 2).astype(np.uint8)
        coarse = rng.integers(0, 256, (2, 12, 16, 3), dtype=np.uint8)
        ground, skin = (np.asarray(Image.fromarray(c).resize((128, 96), Image.Resampling.BICUBIC)) for c in coarse)
        Image.fromarray(np.where(mask[..., None] == 1, skin, ground)).save(root / f"set/images/{number}.png")
        Image.fromarray(mask).save(root / f"set/masks/{number}.png")
    return root


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DAVIS layout with one clip of a bright square."""
    root = tmp_path_factory.mktemp("dev")
    for folder in ("JPEGImages", "Annotations"):
        (root / folder / "480p" / "square").mkdir(parents=True)
    for t in range(4):
        frame, mask = np.full((64, 80, 3), 60, np.uint8), np.zeros((64, 80), np.uint8)
        frame[20:44, 10 + t : 34 + t], mask[20:44, 10 + t : 34 + t] = (250, 200, 30), 255
        Image.fromarray(frame).save(root / f"JPEGImages/480p/square/{t:05}.jpg")
        Image.fromarray(mask).save(root / f"Annotations/480p/square/{t:05}.png")
    return root


@pytest.fixture(scope="module")
def init(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("init") / "random.safetensors"
    save_network(build("lite0"), path)
    return path


@pytest.fixture(scope="module")
def run(data: Path, init: Path) -> Callable[..., Path]:
    def start(out: Path, recipe: Recipe = RECIPE, **options: Any) -> Path:
        return train(recipe, data, out, **{"init": init, "workers": 0, "save_every": 3, **options})

    return start


@pytest.fixture(scope="module")
def straight(run: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nothing disturbed."""
    return run(tmp_path_factory.mktemp("straight")).parent


def lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


def figures(out: Path) -> dict[int, tuple[float, float, float]]:
    return {line["step"]: (line["loss"], line["iou"], line["lr"]) for line in lines(out) if "loss" in line}


def weights(path: Path) -> dict[str, "torch.Tensor"]:
    return load_network(path).state_dict()


def assert_same_weights(one: Path, two: Path) -> None:
    expected = weights(two)
    for name, tensor in weights(one).items():
        torch.testing.assert_close(tensor, expected[name], msg=name)


def test_files_log_and_progress(run: Callable[..., Path], dev: Path, init: Path, tmp_path: Path) -> None:
    told: list[tuple[int, dict[str, float]]] = []
    out = tmp_path / "deep" / "run"
    final = run(out, dev=dev, evaluate_every=4, progress=lambda step, values: told.append((step, values)))
    assert final == out / "ema.safetensors"
    names = ["best.safetensors", "ema.safetensors", "log.jsonl", "raw.safetensors", "state.pt"]
    assert sorted(path.name for path in out.iterdir()) == names

    assert sorted(figures(out)) == [1, 2, 3, 4, 5, 6]
    assert all(np.isfinite(value) and 0 <= value < 20 for row in figures(out).values() for value in row)
    judged = {line["step"]: line["dev"]["JF"] for line in lines(out) if "dev" in line}
    assert list(judged) == [4, 6]
    assert {"loss", "iou", "lr", "mean_loss", "seconds_per_step"} <= told[0][1].keys()
    assert [step for step, values in told if "dev_JF" in values] == [4, 6]
    assert told[-1][1]["dev_JF"] == judged[6]

    start, raw, ema = (weights(path) for path in (init, out / "raw.safetensors", final))
    moved = {name for name, tensor in raw.items() if not torch.equal(tensor, start[name])}
    assert not any(name.startswith(("backbone.body.conv_stem", "backbone.body.bn1")) for name in moved)
    for part in ("backbone.body.blocks.4", "key", "decoder", "value_encoder"):
        assert any(name.startswith(part) for name in moved), part
        assert any(name.startswith(part) and not torch.equal(raw[name], ema[name]) for name in moved), part


def test_best_are_the_weights_with_the_highest_score(
    run: Callable[..., Path], dev: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = iter([30.0, 80.0, 50.0, 70.0])

    class Report:
        def __init__(self) -> None:
            self.score = next(scores)

        def to_dict(self) -> dict[str, float]:
            return {"J": self.score, "F": self.score, "JF": self.score, "fps": 1.0}

    monkeypatch.setattr(loop, "evaluate", lambda *_: Report())
    monkeypatch.setattr(loop, "_rate", lambda recipe, step: 1.0)
    snapshots = {}

    def progress(step: int, values: dict[str, float]) -> None:
        if "dev_JF" in values:
            snapshots[values["dev_JF"]] = (tmp_path / "best.safetensors").read_bytes()
        if values.get("dev_JF") == 50:
            raise KeyboardInterrupt

    options = {"dev": dev, "evaluate_every": 1, "save_every": 1}
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, replace(RECIPE, steps=4), progress=progress, **options)
    assert snapshots[30.0] != snapshots[80.0] == snapshots[50.0]
    run(tmp_path, replace(RECIPE, steps=4), **options)  # a resumed run remembers what was best
    assert (tmp_path / "best.safetensors").read_bytes() == snapshots[80.0]


KILLED = """
import os, signal, sys
from pathlib import Path
import torch
torch.set_num_threads(1)
from mobilevos.training import loop
from mobilevos.training.recipe import Recipe

loop.LOG_EVERY = 1
recipe, data, out, init = eval(sys.argv[1]), *map(Path, sys.argv[2:])

def progress(step, values):
    if step == 5:
        print("step 5", flush=True)
        signal.pause()

loop.train(recipe, data, out, init=init, workers=1, save_every=3, progress=progress)
"""


def test_resume_after_a_kill_is_exact(
    run: Callable[..., Path], straight: Path, data: Path, init: Path, tmp_path: Path
) -> None:
    killed = tmp_path / "killed"
    command = [sys.executable, "-c", KILLED, repr(RECIPE), str(data), str(killed), str(init)]
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
    run(killed)
    assert sorted(figures(killed)) == [1, 2, 3, 4, 5, 6]
    assert len(lines(killed)) == 6
    assert (killed / "state.pt").stat().st_mtime >= began
    for step, row in figures(straight).items():
        assert figures(killed)[step] == pytest.approx(row, abs=1e-5), step
    for name in ("ema.safetensors", "raw.safetensors"):
        assert_same_weights(killed / name, straight / name)


def test_a_finished_run_stays_as_it_is(run: Callable[..., Path], tmp_path: Path) -> None:
    run(tmp_path, replace(RECIPE, steps=1))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert run(tmp_path, replace(RECIPE, steps=1)) == tmp_path / "ema.safetensors"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def fails(words: str, call: Callable[..., object], *args: Any, **options: Any) -> None:
    with pytest.raises(MobileVOSError, match=words) as caught:
        call(*args, **options)
    assert "\n" not in str(caught.value)


def test_another_recipe_in_the_same_folder(run: Callable[..., Path], tmp_path: Path) -> None:
    run(tmp_path, replace(RECIPE, steps=1))
    before = (tmp_path / "state.pt").read_bytes()
    other = replace(RECIPE, steps=2, learning_rate=1e-4)
    fails("holds a run with another steps, learning_rate; resume with the same", run, tmp_path, other)
    assert (tmp_path / "state.pt").read_bytes() == before


def test_damaged_state(run: Callable[..., Path], tmp_path: Path) -> None:
    run(tmp_path, replace(RECIPE, steps=1))
    whole = (tmp_path / "state.pt").read_bytes()
    for damage in (whole[: len(whole) // 2], b"", b"no state"):
        (tmp_path / "state.pt").write_bytes(damage)
        fails("state.pt is damaged; delete it to start the run anew", run, tmp_path, replace(RECIPE, steps=1))
    (tmp_path / "state.pt").unlink()
    run(tmp_path, replace(RECIPE, steps=1))
    assert sorted(figures(tmp_path)) == [1]


def test_unusable_folders_and_weights(run: Callable[..., Path], data: Path, tmp_path: Path) -> None:
    fails("Found no training data in", train, RECIPE, tmp_path, tmp_path / "run")
    (tmp_path / "file").touch()
    fails("is a file, not a folder", run, tmp_path / "file")
    save_network(build("mobilenetv2"), tmp_path / "other.safetensors")
    fails("holds another model than lite0", run, tmp_path / "run", init=tmp_path / "other.safetensors")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"steps": 0}, "at least 1"),
        ({"frames": 1}, "must be 2 to 8"),
        ({"frames": 9}, "must be 2 to 8"),
        ({"size": 100}, "multiple of 16"),
        ({"size": 48}, "at least 64"),
    ],
)
def test_senseless_recipes(options: dict[str, Any], words: str) -> None:
    fails(words, Recipe, **options)


def test_a_broken_loss_stops_the_run_and_keeps_the_last_good_state(
    run: Callable[..., Path], straight: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken"
    real, calls = loop.segmentation_loss, iter(range(1000))

    def breaks(*args: Any) -> Any:
        return real(*args) * (float("nan") if next(calls) >= 8 else 1)  # two frames a step: the fifth step

    monkeypatch.setattr(loop, "segmentation_loss", breaks)
    with pytest.raises(NotFinite, match=r"not a number at step 4, in the clips 8 to 9; .* keeps the last good state"):
        run(broken)
    monkeypatch.setattr(loop, "segmentation_loss", real)
    assert sorted(figures(broken)) == [1, 2, 3, 4]
    assert all(tensor.isfinite().all() for tensor in weights(broken / "ema.safetensors").values())
    assert torch.load(broken / "state.pt", weights_only=True)["step"] == 3
    run(broken)
    assert_same_weights(broken / "ema.safetensors", straight / "ema.safetensors")


def test_exploding_weights_stop_the_run(run: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(NotFinite):
        run(tmp_path, replace(RECIPE, learning_rate=1e30, warmup=0.0))


def test_the_loss_falls_on_one_clip(run: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a bright disc that moves, always the same."""
    yy, xx = np.mgrid[:64, :64]
    labels = np.stack([(xx - 24 - 4 * t) ** 2 + (yy - 30) ** 2 < 13**2 for t in range(3)]).astype(np.uint8)
    ground = np.random.default_rng(0).integers(0, 120, (64, 64, 3), dtype=np.uint8)
    clip = Clip(np.where(labels[..., None] == 1, np.uint8([230, 180, 60]), ground), labels, (1,))
    monkeypatch.setattr("mobilevos.data.mix.ClipMix.draw", lambda self, index: clip)
    run(tmp_path, replace(RECIPE, steps=20, batch=1, hardest_end=1.0, mistakes=0.0))
    losses = [row[0] for row in figures(tmp_path).values()]
    overlaps = [row[1] for row in figures(tmp_path).values()]
    assert len(losses) == 20
    assert np.mean(losses[-3:]) < 0.4 * np.mean(losses[:3])
    assert np.mean(overlaps[-3:]) > 0.8
