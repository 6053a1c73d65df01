"""One click on each of several objects: masks made of them one by one, and together.

    python benchmarks/clicks_together.py DEV_IDENTITY MORE ...

Together, what one object is clicked on is no part of the others. Frames with two to eight objects, every 30th by
default.
"""

from pathlib import Path

import numpy as np
from prompts import annotated
from script import run

from mobilevos.data.clicks import next_click
from mobilevos.engine.runtime import Prompter
from mobilevos.evaluation import jaccard
from mobilevos.first_mask import Prompts
from mobilevos.runtimes import load_prompter

MOST = 8


def scores(prompter: Prompter, frame: np.ndarray, labels: np.ndarray, ids: list[int]) -> np.ndarray:
    """(2, K) IoU of K objects: one by one, where the smaller mask is in front, and together."""
    clicks = []
    for i in ids:
        x, y, _ = next_click(np.zeros(labels.shape, bool), labels == i)
        clicks.append(f"{i}:{int(x)},{int(y)}")
    alone = [Prompts([click], []).masks(frame, prompter).labels for click in clicks]
    apart = np.zeros_like(labels)
    for mask in sorted(alone, key=lambda mask: -np.count_nonzero(mask)):
        apart = np.where(mask > 0, mask, apart)
    together = Prompts(clicks, []).masks(frame, prompter).labels
    return np.array([[jaccard(made == i, labels == i) for i in ids] for made in (apart, together)])


def main(*roots: Path, model: str = "lite0", every: int = 30) -> None:
    """Print the mean IoU of all frames.

    Parameters
    ----------
    roots
        Folders in the layout of DAVIS.
    model
        Whose prompt head.
    every
        Every so-many-th frame of each clip.
    """
    prompter, found = load_prompter(model), []
    for name, frame, labels, ids in annotated(list(roots), every):
        if 1 < len(ids) <= MOST:
            found.append(scores(prompter, frame, labels, ids))
            print(f"{name}: {len(ids)} objects, " + ", ".join(f"{each:.3f}" for each in found[-1].mean(1)), flush=True)
    apart, together = np.concatenate(found, 1).mean(1)
    print(f"{len(found)} frames: one by one {apart:.3f}, together {together:.3f}")


if __name__ == "__main__":
    run(main)
