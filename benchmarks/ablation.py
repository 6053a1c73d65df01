"""The ablation of docs/ablation.md: what each part of the distillation brings, at equal samples, over several seeds.

    python benchmarks/ablation.py DEV DEV_IDENTITY HELD_OUT --data data/train --teacher lite0

Every variant trains from the same weights on the same clips (a seed decides both), so differences between variants
are taken seed by seed and clip by clip, with the ruler of docs/results.md. The headline is repeated over all seeds; the
finer questions are asked with the first alone, on fewer clips. A run that was stopped goes on where it was; runs
that are done are not repeated.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import torch
from candidates import open_candidate
from md_table import md_table
from script import run
from selection import shown

from mobilevos.benchmark import describe_machine
from mobilevos.evaluation.paired import Difference, weighted_mean
from mobilevos.evaluation.piece_cache import PieceCache
from mobilevos.evaluation.pieces import EVERY
from mobilevos.evaluation.selection import Candidate, ClipResult, by_folder, select
from mobilevos.training.loop import train
from mobilevos.training.recipe import Distillation, Recipe

PLAIN, CONTRASTIVE, BOTH = "no teacher", "both terms, omega 0 (contrastive)", "both terms, omega 0.95"
EVERYWHERE = 64
"""A boundary's reach that covers any crop."""
SIZE = 256
"""Internal size of the scored trackers."""
POINTS = 4
"""Of a run, so many are judged on the way, at equal distances; the last is its end."""
SAVES = 5
"""From one such point to the next."""


@dataclass(frozen=True)
class Run:
    """One training run."""

    variant: str
    seed: int
    clips: int
    recipe: Recipe

    @property
    def name(self) -> str:
        """Of its folder."""
        return f"{self.variant} {self.clips} {self.seed}".replace(" ", "-").replace(",", "")

    def point(self, number: int) -> str:
        """The name of its weights at one of ``POINTS``, from 1 on."""
        return f"{self.name} after {self.clips * number // POINTS}"


def headline(teacher: str) -> dict[str, Distillation | None]:
    """What the paper claims: labels alone, a contrastive term and logits, and its own mixture."""
    both = Distillation(teacher, omega=0.95)
    return {PLAIN: None, BOTH: both, CONTRASTIVE: replace(both, omega=0)}


def finer(teacher: str) -> dict[str, Distillation | None]:
    """Which part of it does what, beside labels alone and its own mixture."""
    both = Distillation(teacher, omega=0.95)
    return {
        PLAIN: None,
        BOTH: both,
        "logits only": replace(both, representation=0),
        "representation only, omega 0.5": replace(both, logits=0, omega=0.5),
        "representation only, omega 1 (distillation)": replace(both, logits=0, omega=1),
        f"{BOTH}, pixels anywhere": replace(both, boundary=EVERYWHERE),
    }


def runs(recipe: Recipe, teacher: str, seeds: int, clips: int, finer_clips: int) -> Iterator[Run]:
    """All of them, in the order in which they are trained."""
    for seed in range(seeds):
        for variant, distillation in headline(teacher).items():
            steps = clips // recipe.batch
            yield Run(variant, seed, clips, replace(recipe, steps=steps, seed=seed, distillation=distillation))
    if finer_clips:
        for variant, distillation in finer(teacher).items():
            steps = finer_clips // recipe.batch
            yield Run(variant, 0, finer_clips, replace(recipe, steps=steps, distillation=distillation))


def trained(one: Run, data: Path, folder: Path, init: str | None) -> dict[str, Path]:
    """Train, or go on; averaged weights on the way and at the end, by the names of the points."""
    every = max(1, one.recipe.steps // (POINTS * SAVES))
    points = {SAVES * number * every: one.point(number) for number in range(1, POINTS)}
    weights = {name: folder / f"{name}.safetensors" for name in points.values()}

    def keep(done: int, _: Mapping[str, float]) -> None:
        """Called before a step's own save: what lies there is of the save before."""
        point = weights.get(points.get((done - 1) // every * every, ""))
        if point and not point.exists():
            shutil.copy(folder / "ema.safetensors", point)

    end = folder / f"{one.point(POINTS)}.safetensors"
    if not end.exists():
        shutil.copy(train(one.recipe, data, folder, init=init, save_every=every, progress=keep).weights, end)
    return {name: path for name, path in weights.items() if path.exists()} | {one.point(POINTS): end}


def main(
    *folders: Path,
    data: Path,
    teacher: str,
    init: str | None = None,
    model: str = "lite0",
    out: Path = Path("runs/ablation"),
    seeds: int = 2,
    clips: int = 20_000,
    finer_clips: int = 8_000,
    learning_rate: float = 1e-3,
    every: int = EVERY,
    threads: int = 2,
) -> None:
    """Train and judge every variant, seed after seed; the table in the folder of the runs is written after each.

    Parameters
    ----------
    folders
        Folders in the DAVIS layout to judge on.
    data
        Training data.
    teacher
        Network to distil; its memory is infinite.
    init
        Weights to start from in place of ImageNet ones.
    model
        The student.
    out
        Folder of the runs.
    seeds
        Of the headline's variants.
    clips
        Of each of their runs.
    finer_clips
        Of each run that asks a finer question; 0 asks none.
    learning_rate
        Of new layers; the backbone has a fifth of it.
    every
        Frames between the starts of the pieces that are judged.
    threads
        Of training.
    """
    torch.set_num_threads(threads)
    recipe = Recipe(
        model=model,
        batch=8,
        size=192,
        real_fraction=0.5,
        followed_fraction=0.6,
        max_step=10,
        learning_rate=learning_rate,
        backbone_learning_rate=learning_rate / 5,
        ema=0.99,
        precision="bfloat16",
    )
    sequences = by_folder(folders)
    done: list[Run] = []
    candidates: list[Candidate] = []
    cache = PieceCache(out / "scores.json")
    for one in runs(recipe, teacher, seeds, clips, finer_clips):
        points = trained(one, data, out / one.name, init)
        done.append(one)
        candidates += [replace(open_candidate(f"{path}:{SIZE}"), name=name) for name, path in points.items()]
        judged = select(sequences, candidates, every=every, cache=cache)
        text = report(done, judged.clips)
        (out / "table.md").write_text(
            f"Student {model} from {init or 'ImageNet weights'}, teacher {Path(teacher).name} with infinite memory; "
            f"steps of {recipe.batch} clips of {recipe.frames} frames of {recipe.size} px, learning rate "
            f"{learning_rate:g}; pieces from every {every}. start, size {SIZE}. "
            f"{date.today()}, {describe_machine()}.\n\n{text}"
        )
        print(text, flush=True)


def report(done: list[Run], clips: Sequence[ClipResult]) -> str:
    """Two tables for each number of clips: what a run is worth at its end, and on the way to it."""
    tables = []
    for count in dict.fromkeys(one.clips for one in done):
        groups: dict[str, list[Run]] = {}
        for one in done:
            if one.clips == count:
                groups.setdefault(one.variant, []).append(one)
        ends, ways = [], []
        for variant, own in groups.items():
            gain = "" if variant == PLAIN else shown(_gain(clips, own, groups[PLAIN]))
            way = [_score(clips, own, number) for number in range(1, POINTS + 1)]
            ends.append([variant, str(len(own)), way[-1], gain])
            ways.append([variant, *way])
        after = (str(count * number // POINTS) for number in range(1, POINTS + 1))
        tables.append(md_table((f"{count} clips", "seeds", "J&F", "gain over no teacher"), ends))
        tables.append(md_table(("J&F after clips", *after), ways))
    return "\n\n".join(tables) + "\n"


def _score(clips: Sequence[ClipResult], own: list[Run], number: int) -> str:
    """Mean of runs at a point, in percent; nothing if one of them has no weights of it."""
    names = [one.point(number) for one in own]
    if not all(name in clip.pieces for clip in clips for name in names):
        return ""
    scores = [float(np.mean([clip.score(name) for name in names])) for clip in clips]
    return f"{weighted_mean(scores, [clip.weight for clip in clips]):.1f}"


def _gain(clips: Sequence[ClipResult], own: list[Run], plain: list[Run]) -> Difference:
    """At the end, clip by clip: mean over the seeds that both have."""
    pairs = [(one.point(POINTS), other.point(POINTS)) for one in own for other in plain if one.seed == other.seed]
    gains = [float(np.mean([clip.score(one) - clip.score(other) for one, other in pairs])) for clip in clips]
    return Difference.of(gains, [clip.weight for clip in clips])


if __name__ == "__main__":
    run(main)
