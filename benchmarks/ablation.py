"""The ablation of docs/ablation.md: what each part of the distillation brings, at equal samples, over several seeds.

    python benchmarks/ablation.py --data data/train --dev data/dev --init student.safetensors --teacher lite0

Every variant trains from the same weights on the same clips (a seed decides both), so differences between variants
are taken seed by seed. The headline is repeated over all seeds, the finer questions are asked with the first alone.
A run that was stopped goes on where it was; runs that are done are not repeated.
"""

import json
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from statistics import mean, stdev

import cyclopts
import torch

from mobilevos.benchmark import describe_machine
from mobilevos.evaluation import evaluate, find_sequences
from mobilevos.evaluation.pieces import LENGTH, cut
from mobilevos.models import load_weights
from mobilevos.models.network import Network
from mobilevos.runtimes.torch_runtime import TorchRuntime
from mobilevos.tracker import Tracker
from mobilevos.training.loop import train
from mobilevos.training.recipe import Distillation, Recipe

PLAIN, HEADLINE = "no teacher", "both terms, omega 0.95"
FEATURES = "the teacher's features alone, as many images"
EVERYWHERE = 64
"""A boundary's reach that covers any crop."""
HOP = 15
"""Frames between the starts of the pieces that the development clips are scored in."""
SIZE = 256
"""Internal size of the scored trackers."""


def variants(recipe: Recipe, teacher: str) -> dict[str, Recipe]:
    """The rows of the table, those of the headline first."""
    both = Distillation(teacher, omega=0.95)
    masks = {
        HEADLINE: both,
        "logits only": replace(both, representation=0),
        "representation only, omega 0.95": replace(both, logits=0),
        "both terms, omega 0 (contrastive)": replace(both, omega=0),
        "both terms, omega 0.5": replace(both, omega=0.5),
        "both terms, omega 1 (distillation)": replace(both, omega=1),
        f"{HEADLINE}, pixels anywhere": replace(both, boundary=EVERYWHERE),
    }
    features = replace(
        recipe,
        batch=recipe.batch * recipe.frames,
        frames=1,
        objects=1,
        distillation=Distillation(teacher, what="features"),
    )
    return {PLAIN: recipe, FEATURES: features} | {
        name: replace(recipe, distillation=distillation) for name, distillation in masks.items()
    }


@dataclass(frozen=True)
class Scores:
    """J&F of a run's averaged weights on overlapping pieces of the development clips, in percent."""

    finite: float
    """First and previous frame in memory."""
    infinite: float
    """Every fifth frame kept in memory."""


def score(network: Network, dev: Path) -> Scores:
    """Evaluate a network."""
    runtime = TorchRuntime(network)
    sequences = [piece for sequence in find_sequences(dev) for piece in cut(sequence, HOP)]
    finite, infinite = (partial(Tracker, runtime=runtime, size=SIZE, memory_every=every) for every in (None, 5))
    return Scores(evaluate(sequences, finite).overall.JF, evaluate(sequences, infinite).overall.JF)


def table(results: dict[str, list[Scores]]) -> str:
    """Mean and standard deviation over seeds, and of the differences to plain training seed by seed."""
    lines = ["| variant | seeds | J&F | gain over no teacher | J&F, infinite memory |", "|---|---|---|---|---|"]
    plain = results.get(PLAIN, [])
    for name, runs in results.items():
        gains = [own.finite - other.finite for own, other in zip(runs, plain, strict=False)]
        cells = [
            _spread([run.finite for run in runs]),
            _spread(gains, signed=True) if gains and name != PLAIN else "",
            _spread([run.infinite for run in runs]),
        ]
        lines.append(f"| {name} | {len(runs)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _spread(values: list[float], signed: bool = False) -> str:
    shown = f"{mean(values):+.1f}" if signed else f"{mean(values):.1f}"
    return f"{shown} ± {stdev(values):.1f}" if len(values) > 1 else shown


def main(
    *,
    data: Path,
    dev: Path,
    init: str,
    teacher: str,
    model: str = "mobilenetv2",
    out: Path = Path("runs/ablation"),
    report: Path = Path("runs/ablation/table.md"),
    seeds: int = 3,
    steps: int = 300,
    learning_rate: float = 3e-4,
    threads: int = 2,
) -> None:
    """Train and score every variant, seed after seed, and write the table after each run."""
    torch.set_num_threads(threads)
    recipe = Recipe(
        model=model,
        steps=steps,
        batch=4,
        frames=3,
        size=192,
        learning_rate=learning_rate,
        backbone_learning_rate=learning_rate,
        hardest_start=0.3,
        ema=0.98,
    )
    rows = variants(recipe, teacher)
    results: dict[str, list[Scores]] = {name: [] for name in rows}
    before = score(load_weights(init), dev)
    repeated = [(name, seed) for seed in range(seeds) for name in (PLAIN, FEATURES, HEADLINE)]
    for name, seed in [*repeated, *((name, 0) for name in rows if (name, 0) not in repeated)]:
        folder = out / f"{name} {seed}".replace(" ", "-").replace(",", "")
        done = folder / "scores.json"
        if not done.exists():
            weights = train(replace(rows[name], seed=seed), data, folder, init=init).weights
            done.write_text(json.dumps(vars(score(load_weights(str(weights)), dev))))
        results[name].append(Scores(**json.loads(done.read_text())))
        print(name, seed, results[name][-1], flush=True)
        report.write_text(
            f"# Ablation\n\nStudent {model} from {Path(init).name} (J&F {before.finite:.1f} before), "
            f"teacher {Path(teacher).name} with infinite memory; {steps} steps of {recipe.batch} clips of "
            f"{recipe.frames} frames of {recipe.size} px, learning rate {recipe.learning_rate:g}; "
            f"{date.today()}, {describe_machine()}. "
            f"J&F in percent on {LENGTH}-frame pieces of the development clips at size {SIZE}; "
            f"mean ± standard deviation over seeds.\n\n"
            f"{table({name: runs for name, runs in results.items() if runs})}\n"
        )


if __name__ == "__main__":
    cyclopts.run(main)
