"""The verbs train and distill as users type them."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from command import mobilevos

torch = pytest.importorskip("torch")

from run_folder import figures, lines, weights  # noqa: E402

from mobilevos.training.recipe import Distillation  # noqa: E402

SMALL = ("--size", 64, "--batch", 1, "--frames", 2, "--real-fraction", 0, "--workers", 0, "--threads", 1)


def call(*arguments: Any) -> Any:
    return mobilevos(*map(str, arguments))


def test_distill(data: Path, teacher: Path, tmp_path: Path) -> None:
    options = ("--omega", 0.5, "--representation", 0.2, "--logits", 0.3, "--boundary", 2)
    out = tmp_path / "run"
    taught = ("--teacher", teacher, "--student", "lite0", *options)
    done = call("distill", *taught, "--data", data, "-o", out, "--steps", 2, *SMALL, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"weights": str(out / "ema.safetensors"), "before": None, "after": None}
    assert weights(out / "ema.safetensors").keys() == weights(teacher).keys()
    (row,) = figures(out).values()
    assert row["step"] == 2
    assert row["loss"] == pytest.approx(row["segmentation"] + 0.2 * row["representation"] + 0.3 * row["logits"])
    kept = torch.load(out / "state.pt", weights_only=True)["recipe"]
    assert kept["model"] == "lite0"
    chosen = Distillation(str(teacher), omega=0.5, representation=0.2, logits=0.3, boundary=2)
    assert kept["distillation"] == asdict(chosen)


def test_train_on_ones_own_videos(data: Path, dev: Path, init: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = call("train", "--data", data, "--dev", dev, "--init", init, "-o", out, "--steps", 1, *SMALL)
    assert done.returncode == 0, done.stderr
    judged = [line["dev"]["JF"] for line in lines(out) if "dev" in line]
    assert [line["step"] for line in lines(out) if "dev" in line] == [0, 1]
    weights_line, score_line = done.stdout.splitlines()
    assert weights_line == f"Weights: {out / 'ema.safetensors'}"
    assert score_line.startswith(
        f"J&F on the development split: first {judged[0]:.1f}, best {max(judged):.1f} (best.safetensors)"
    )


@pytest.mark.parametrize(
    ("verb", "options"),
    [
        ("train", {"--data", "--dev", "--init", "--out", "-o", "--workers", "--steps", "--model", "--seed", "--json"}),
        ("distill", {"--teacher", "--what", "--omega", "--boundary", "--representation", "--logits", "--student"}),
    ],
)
def test_help(verb: str, options: set[str]) -> None:
    done = call(verb, "--help")
    assert done.returncode == 0
    assert f"Example: mobilevos {verb} " in done.stdout
    said = set(done.stdout.replace(",", " ").split())
    assert options <= said
    assert "--distillation" not in done.stdout
    assert ("--teacher" in said) == (verb == "distill")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("distill", "--teacher", "nobody", "--data", "DATA"), "There are no trained weights of 'nobody'"),
        (("distill", "--teacher", "lite0", "--omega", "2", "--data", "DATA"), "omega is 2.0; it must lie between 0 "),
        (("distill", "--teacher", "ema", "--what", "features", "--data", "DATA"), "Features are learnt from a trained"),
        (("distill", "--teacher", "ema", "--what", "nothing", "--data", "DATA"), "nothing"),
        (("distill", "--data", "DATA"), "--teacher"),
        (("distill", "--teacher", "ema"), "neither stills nor clips"),
        (("train", "--data", "DATA", "--seed", "-1"), "The seed is -1; it must not be negative"),
        (("train", "--data", "DATA", "--teacher", "lite0"), "There is no option --teacher"),
    ],
)
def test_bad_input(arguments: tuple[str, ...], words: str, data: Path, tmp_path: Path) -> None:
    given = [str(data) if argument == "DATA" else argument for argument in arguments]
    done = call(*given, "-o", tmp_path / "run")
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("mobilevos: ")
    assert not (tmp_path / "run").exists()
