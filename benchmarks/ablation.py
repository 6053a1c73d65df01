"""The ablation of docs/ablation.md: what each part of the distillation brings, at equal samples, over several seeds.

    python benchmarks/ablation.py --data data/train --dev data/dev --init student.safetensors --teacher lite0

Every variant trains from the same weights on the same clips (a seed decides both), so differences between variants
are taken seed by seed. A run that was stopped goes on where it was; runs that are done are not repeated.
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
from mobilevos.evaluation import Sequence, evaluate, find_sequences
from mobilevos.models import load_weights
from mobilevos.runtimes.torch_runtime import TorchRuntime
from mobilevos.tracker import Tracker
from mobilevos.training.loop import train
from mobilevos.training.recipe import Distillation, Recipe

PLAIN, HEADLINE = "no teacher", "both terms, omega 0.95"
EVERYWHERE = 64
"""A boundary's reach that covers any crop."""
SEGMENT, HOP = 30, 15
"""Frames of the pieces that the development clips are also scored in: more starts, less luck."""


def variants(teacher: str) -> dict[str, Distillation | None]:
    """The rows of the table."""
    both = Distillation(teacher, omega=0.95)
    return {
        PLAIN: None,
        "logits only": replace(both, representation=0),
        "representation only, omega 0.95": replace(both, logits=0),
        "both terms, omega 0 (contrastive)": replace(both, omega=0),
        "both terms, omega 0.5": replace(both, omega=0.5),
        HEADLINE: both,
        "both terms, omega 1 (distillation)": replace(both, omega=1),
        f"{HEADLINE}, pixels anywhere": replace(both, boundary=EVERYWHERE),
    }


@dataclass(frozen=True)
class Scores:
    """J&F of one run's averaged weights, in percent."""

    clips: float
    """Whole development clips."""
    segments: float
    """Their overlapping pieces."""
    infinite: float
    """The pieces, with every fifth frame kept in memory."""


def pieces(sequences: list[Sequence]) -> list[Sequence]:
    """Overlapping pieces of every clip, each started from its own first mask."""
    return [
        Sequence(f"{s.name}@{start}", s.frames[start : start + SEGMENT], s.annotations[start : start + SEGMENT])
        for s in sequences
        for start in range(0, max(1, len(s.frames) - SEGMENT + 1), HOP)
    ]


def score(weights: Path, dev: Path) -> Scores:
    """Evaluate one run."""
    runtime = TorchRuntime(load_weights(str(weights)))
    sequences = list(find_sequences(dev))
    finite, infinite = partial(Tracker, runtime=runtime), partial(Tracker, runtime=runtime, memory_every=5)
    return Scores(
        evaluate(sequences, finite).overall.JF,
        evaluate(pieces(sequences), finite).overall.JF,
        evaluate(pieces(sequences), infinite).overall.JF,
    )


def table(results: dict[str, list[Scores]]) -> str:
    """Mean and standard deviation over seeds, and of the differences to plain training seed by seed."""
    lines = [
        "| variant | seeds | dev clips | dev pieces | pieces, gain over no teacher | pieces, infinite memory |",
        "|---|---|---|---|---|---|",
    ]
    plain = results.get(PLAIN, [])
    for name, runs in results.items():
        gains = [own.segments - other.segments for own, other in zip(runs, plain, strict=False)]
        cells = [
            *(_spread([getattr(run, field) for run in runs]) for field in ("clips", "segments")),
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
    report: Path = Path("docs/ablation.md"),
    seeds: int = 3,
    steps: int = 300,
    threads: int = 2,
) -> None:
    """Train and score every variant, seed after seed, and write the table after each run."""
    torch.set_num_threads(threads)
    recipe = Recipe(
        model=model, steps=steps, batch=4, frames=3, size=192, learning_rate=5e-4, hardest_start=0.3, ema=0.98
    )
    results: dict[str, list[Scores]] = {name: [] for name in variants(teacher)}
    for seed in range(seeds):
        for name, distillation in variants(teacher).items():
            folder = out / f"{name} {seed}".replace(" ", "-").replace(",", "")
            done = folder / "scores.json"
            if not done.exists():
                run = replace(recipe, seed=seed, distillation=distillation)
                weights = train(run, data, folder, init=init).weights
                done.write_text(json.dumps(vars(score(weights, dev))))
            results[name].append(Scores(**json.loads(done.read_text())))
            print(name, seed, results[name][-1], flush=True)
            report.write_text(
                f"# Ablation\n\nStudent {model} from {Path(init).name}, teacher {Path(teacher).name} "
                f"with infinite memory; {steps} steps of {recipe.batch} clips of {recipe.frames} frames "
                f"of {recipe.size} px; "
                f"{date.today()}, {describe_machine()}; mean ± standard deviation over seeds, J&F in percent.\n\n"
                f"{table({name: runs for name, runs in results.items() if runs})}\n"
            )


if __name__ == "__main__":
    cyclopts.run(main)
