"""Networks on the same training clips, drawn once: what they learn by heart, and what they learn for good.

    python benchmarks/fixed_clips.py DATA --candidates lite0 run/ema.safetensors --real-fraction 1

DATA is a folder as `mobilevos train --data` takes it. On the clips of its own data a network may get better and better
while it stays as it was on real clips that the run has never seen (a folder with held-out videos alone): then it lacks
pictures, not time. Differences are paired with the first candidate, their standard error is over clips.
"""

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import torch
from cyclopts import Parameter
from md_table import md_table
from script import run

from mobilevos.data.loader import batches
from mobilevos.data.mix import ClipMix
from mobilevos.models import load_weights
from mobilevos.training.objectives import Clips, clip_objective
from mobilevos.training.recipe import Recipe


def main(
    data: Path,
    /,
    *,
    candidates: Annotated[list[str], Parameter(consume_multiple=True)],
    clips: int = 96,
    frames: int = 6,
    size: int = 304,
    objects: int = 4,
    max_step: int = 8,
    real_fraction: float = 0.4,
    seed: int = 777,
    precision: Literal["float32", "bfloat16"] = "float32",
    threads: int = 1,
) -> None:
    """Loss and overlap of some networks on clips that are followed as the tracker follows them.

    Parameters
    ----------
    data
        Folder of training data, or of held-out videos.
    candidates
        Shipped models or .safetensors files.
    clips
        How many.
    frames
        Of a clip.
    size
        Side of the crops, px.
    objects
        At most so many of a clip are followed.
    max_step
        Largest step between two frames of a real clip.
    real_fraction
        Share of real clips; 1 for real ones alone, 0 for those synthesised from stills alone.
    seed
        Another seed gives other clips.
    precision
        Of the networks.
    threads
        Of PyTorch.
    """
    torch.set_num_threads(threads)
    recipe = Recipe(mistakes=0, prior_drop=0, hardest_end=1, precision=precision)
    mix = ClipMix.from_folder(
        data,
        seed=seed,
        real_fraction=real_fraction,
        frames=frames,
        size=size,
        followed_fraction=1,
        max_step=max_step,
        max_objects=objects,
    )
    source = batches(mix, 1, workers=0)
    networks = {name: load_weights(name).to(memory_format=torch.channels_last).eval() for name in candidates}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in candidates}
    for _ in range(clips):
        made = next(source)
        clip = Clips(made["frames"], made["labels"], [made["index"]])
        for name, network in networks.items():
            with torch.no_grad():
                _, figures = clip_objective(network, None, clip, recipe, 0)
            found[name].append((figures.get("segmentation", figures["loss"]), 100 * figures["iou"]))
    first = np.array(found[candidates[0]])
    rows = []
    for name, figures in found.items():
        mean, change = np.mean(figures, 0), figures - first
        error = change.std(0) / np.sqrt(clips)
        rows.append(
            [
                name,
                f"{mean[0]:.4f}",
                f"{change[:, 0].mean():+.4f} ± {error[0]:.4f}",
                f"{mean[1]:.1f}",
                f"{change[:, 1].mean():+.1f} ± {error[1]:.1f}",
            ]
        )
    print(f"{clips} clips of {frames} frames of {size} px, {real_fraction:.0%} real:\n")
    print(md_table(("network", "loss", "difference", "IoU of the last frame, %", "difference"), rows))


if __name__ == "__main__":
    run(main)
