"""The weights of what speaks for a main object, fitted on clips with one annotated object each.

    python benchmarks/main_object_weights.py ROOT [--frames 2] [--save]

Some frames of each clip are searched as `--auto` does; a logistic regression on their signs learns which proposals are
the annotated object. Figures are of clips that the regression has not seen: each is left out once. Those of all
clips are what ``--save`` writes into the package.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from prompts import AHEAD, FOUND, clips
from script import run

from mobilevos.engine.main_object import SURE, proposals
from mobilevos.engine.salience import FILE, WEIGHTS
from mobilevos.errors import InputError
from mobilevos.evaluation import jaccard
from mobilevos.runtimes import Prompter, load_prompter
from mobilevos.video.masks import MaskSet
from mobilevos.video.stills import read_rgb

RIDGE = 1.0
"""Pull of the weights towards 0, for signs of standard deviation 1."""


@dataclass(frozen=True)
class Searched:
    """The proposals of one frame: what speaks for each (N, S), and its IoU with the annotated object (N,)."""

    clip: str
    signs: np.ndarray
    ious: np.ndarray


@dataclass(frozen=True)
class Fit:
    """A regression: log-odds are ``signs @ weights + bias``."""

    weights: np.ndarray
    bias: float

    def odds(self, signs: np.ndarray) -> np.ndarray:
        """(N, S) -> (N,)."""
        return signs @ self.weights + self.bias

    def text(self) -> str:
        """As the package has it, JSON."""
        weights = dict(zip(WEIGHTS, self.weights.round(2).tolist(), strict=True))
        return json.dumps({"bias": round(self.bias, 2), "weights": weights}, indent=2)


def searched(prompter: Prompter, roots: list[Path], frames: int) -> list[Searched]:
    """So many frames of each clip, evenly from the first on."""
    found = []
    for clip in clips(roots):
        known = [(index, path) for index, path in enumerate(clip.annotations) if path is not None]
        masks = MaskSet([path for _, path in known], snap=True, full_paths=True)
        for index, path in (known[part * len(known) // frames] for part in range(frames)):
            truth = masks[path] > 0
            ahead = min(index + AHEAD, len(clip.frames) - 1)
            proposed = proposals(prompter, [read_rgb(clip.frames[at]) for at in (index, ahead)])
            if proposed:
                ious = np.array([jaccard(proposal.mask, truth) for proposal in proposed])
                signs = np.array([[proposal.signs[name] for name in WEIGHTS] for proposal in proposed])
                found.append(Searched(clip.name, signs, ious))
                print(f"{clip.name} {index}: of {len(ious)} proposals the best has IoU {ious.max():.2f}", flush=True)
    return found


def fitted(frames: list[Searched]) -> Fit:
    """A logistic regression by Newton's method; each sign is scaled to a standard deviation of 1 for the ridge."""
    signs = np.concatenate([frame.signs for frame in frames])
    right = np.concatenate([frame.ious for frame in frames]) >= FOUND
    middle, scale = signs.mean(0), signs.std(0) + 1e-9
    x = np.column_stack([(signs - middle) / scale, np.ones(len(signs))])
    pull = np.diag([RIDGE] * signs.shape[1] + [0.0])
    weights = np.zeros(x.shape[1])
    for _ in range(50):
        likely = 1 / (1 + np.exp(-x @ weights))
        slope = x.T @ (right - likely) - pull @ weights
        step = np.linalg.solve((x * (likely * (1 - likely))[:, None]).T @ x + pull + 1e-9 * np.eye(len(pull)), slope)
        weights = weights + step
        if np.abs(step).max() < 1e-6:
            break
    own = weights[:-1] / scale
    return Fit(own, float(weights[-1] - middle @ own))


def report(frames: list[Searched], fits: dict[str, Fit]) -> str:
    """How often the best by the regression that belongs to the clip is right, and how sure."""
    chosen = [fits[frame.clip].odds(frame.signs) for frame in frames]
    right = np.array([frame.ious[odds.argmax()] >= FOUND for frame, odds in zip(frames, chosen, strict=True)])
    sure = np.array([1 / (1 + np.exp(-odds.max())) >= SURE for odds in chosen])
    possible = sum(frame.ious.max() >= FOUND for frame in frames)
    return (
        f"{right.sum()} of {len(frames)} frames right, {possible} possible; "
        f"{(~sure & ~right).sum()} of {(~right).sum()} wrong ones unsure, {(sure & right).sum()} right ones sure"
    )


def main(*roots: Path, model: str = "lite0", frames: int = 2, save: bool = False) -> None:
    """Fit, and print figures and weights.

    Parameters
    ----------
    roots
        Folders in the layout of DAVIS, with one object a clip.
    model
        Whose prompt head.
    frames
        Frames of each clip.
    save
        Use these weights from now on.
    """
    found = searched(load_prompter(model), list(roots), frames)
    names = sorted({frame.clip for frame in found})
    if len(names) < 2:
        raise InputError("one clip is left out at a time, so two clips at least must have something to propose.")
    left_out = {name: fitted([frame for frame in found if frame.clip != name]) for name in names}
    everything = fitted(found)
    print("Each clip left out:", report(found, left_out))
    print("All clips together:", report(found, dict.fromkeys(names, everything)))
    text = everything.text()
    print(text)
    if save:
        FILE.write_text(text + "\n")


if __name__ == "__main__":
    run(main)
