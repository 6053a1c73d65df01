"""Seconds of a training step by precision, the same clips for all, taking turns.

    python benchmarks/training.py DATA --threads 1

"quick" is what `mobilevos train --precision bfloat16` does: gradients of depth-wise convolutions of our own making, and
a backbone's batch norms inside of its convolutions. No step changes a weight.
"""

import time
from dataclasses import replace
from pathlib import Path
from statistics import median

import torch
from md_table import md_table
from script import run

from mobilevos.data.loader import batches
from mobilevos.data.mix import ClipMix
from mobilevos.models import load_weights
from mobilevos.training.objectives import Clips, clip_objective
from mobilevos.training.quick import quicken
from mobilevos.training.recipe import Recipe


def main(data: Path, *, threads: int = 1, batch: int = 4, frames: int = 4, size: int = 272, rounds: int = 5) -> None:
    """Time forward and backward passes on the same clips.

    Parameters
    ----------
    data
        Folder of training data.
    threads
        Of PyTorch.
    batch
        Clips in a step.
    frames
        Frames in a clip.
    size
        Side of the crops, px.
    rounds
        Steps of each variant; the median counts.
    """
    torch.set_num_threads(threads)
    recipe = Recipe(batch=batch, frames=frames, size=size, objects=4, followed_fraction=0.6, hardest_start=0.25)
    mix = ClipMix.from_folder(data, frames=frames, size=size, batch=batch, max_objects=4, followed_fraction=0.6)
    source = batches(mix, batch, workers=0)
    variants = {
        "float32": (recipe, False),
        "bfloat16": (replace(recipe, precision="bfloat16"), False),
        "bfloat16, quick": (replace(recipe, precision="bfloat16"), True),
    }
    networks = {}
    for name, (_, quick) in variants.items():
        network = load_weights("lite0").to(memory_format=torch.channels_last).train()
        network.backbone.freeze_first_stages()
        if quick:
            quicken(network)
        networks[name] = network
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds + 1):  # the first one warms up
        made = next(source)
        clips = Clips(made["frames"], made["labels"], [made["index"] + place for place in range(batch)])
        for name, (own, _) in variants.items():
            began = time.perf_counter()
            loss, _ = clip_objective(networks[name], None, clips, own, 0)
            loss.backward()
            seconds[name].append(time.perf_counter() - began)
            networks[name].zero_grad(set_to_none=True)
    times = {name: median(values[1:]) for name, values in seconds.items()}
    print(f"{torch.get_num_threads()} thread(s), {batch} clips of {frames} frames of {size} px:\n")
    slowest = times["float32"]
    print(
        md_table(
            ("precision", "seconds a step", "times as fast"),
            ([n, f"{t:.2f}", f"{slowest / t:.2f}"] for n, t in times.items()),
        )
    )


if __name__ == "__main__":
    run(main)
