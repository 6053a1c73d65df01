"""First masks measured: simulated clicks and boxes on annotated frames, beside Segment Anything if its files are there.

python benchmarks/prompts.py DEV DEV_IDENTITY [--model MODEL] [--sam FOLDER]
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Protocol

import numpy as np
from cyclopts import Parameter
from md_table import md_table
from script import run

from mobilevos.data.clicks import drawn_box, next_click
from mobilevos.engine.bounds import bounding_box
from mobilevos.evaluation import find_sequences, jaccard
from mobilevos.evaluation.davis import Sequence as Clip
from mobilevos.prompt import Prompt
from mobilevos.runtimes import load_prompter
from mobilevos.video.masks import MaskSet
from mobilevos.video.stills import read_rgb

MOST_CLICKS = 20
GOOD = 0.85
"""IoU that clicks are counted to."""
_AT = (1, 3, 5)


class Prompted(Protocol):
    """A frame, waiting for prompts about one object."""

    def click(self, x: float, y: float, positive: bool = True) -> np.ndarray:
        """The (H, W) bool mask after one click more."""

    def box(self, x: float, y: float, width: float, height: float) -> np.ndarray:
        """The (H, W) bool mask of a box."""

    @property
    def candidates(self) -> list[tuple[np.ndarray, float]]:
        """All masks for the prompts so far, with the IoU that each estimates of itself."""


@dataclass(frozen=True)
class Target:
    """One object in one frame."""

    clip: str
    frame: np.ndarray
    truth: np.ndarray
    name: str


@dataclass
class Scores:
    """IoU of what a system made of the prompts for one object."""

    name: str
    clicks: list[float] = field(default_factory=list)
    """After each click."""
    best: float = 0.0
    """Of the best candidate after the first click."""
    box: float = 0.0
    loose: float = 0.0
    """Of a box that is up to 25 % too large."""
    needed: int = MOST_CLICKS
    """Clicks until the mask is good."""


def targets(roots: Sequence[Path], every: int) -> Iterator[Target]:
    """Each object in the first and every so-many-th frame of all clips."""
    for root in roots:
        for clip in find_sequences(root):
            yield from _of_clip(clip, every)


def _of_clip(clip: Clip, every: int) -> Iterator[Target]:
    masks = MaskSet([path for path in clip.annotations if path], snap=True, full_paths=True)
    for index in range(0, len(clip.frames), every):
        path = clip.annotations[index]
        if path is None:
            continue
        labels, frame = masks[path], read_rgb(clip.frames[index])
        for object_id in np.unique(labels[(labels > 0) & (labels < 255)]).tolist():
            yield Target(clip.name, frame, labels == object_id, f"{clip.name} {path.stem} {object_id}")


def measure(begin: Callable[[np.ndarray], Prompted], target: Target, most: int = MOST_CLICKS) -> Scores:
    """Ask a system for one object, with clicks in the manner of RITM, and with boxes."""
    scores = Scores(target.name)
    prompted, mask = begin(target.frame), np.zeros_like(target.truth)
    for number in range(1, most + 1):
        mask = prompted.click(*next_click(mask, target.truth))
        scores.clicks.append(jaccard(mask, target.truth))
        if number == 1:
            scores.best = max(jaccard(mask, target.truth) for mask, _ in prompted.candidates)
        if scores.clicks[-1] >= GOOD:
            scores.needed = min(scores.needed, number)
            if number >= max(_AT):
                break
    down, across = bounding_box(target.truth)
    tight = (across.start, down.start, across.stop - across.start, down.stop - down.start)
    scores.box = jaccard(begin(target.frame).box(*tight), target.truth)
    left, top, right, bottom = drawn_box(target.truth, np.random.default_rng(len(target.name)))
    scores.loose = jaccard(begin(target.frame).box(left, top, right - left, bottom - top), target.truth)
    return scores


def summary(scores: Sequence[Scores]) -> dict[str, float]:
    """Means over all objects."""
    means = {f"{count} click{'s' * (count > 1)}": np.mean([s.clicks[count - 1] for s in scores]) for count in _AT}
    return {
        "box": float(np.mean([s.box for s in scores])),
        "loose box": float(np.mean([s.loose for s in scores])),
        "best of candidates": float(np.mean([s.best for s in scores])),
        **{name: float(value) for name, value in means.items()},
        f"clicks to {GOOD}": float(np.mean([s.needed for s in scores])),
    }


def main(
    *roots: Path,
    model: str = "lite0",
    every: int = 10,
    most: Annotated[int, Parameter(help="Clicks for one object.")] = MOST_CLICKS,
    details: bool = False,
) -> None:
    """Print the table."""
    prompter = load_prompter(model)
    found = []
    for target in targets(roots, every):
        found.append(measure(lambda frame: Prompt(frame, prompter), target, most))
        if details:
            s = found[-1]
            print(
                s.name,
                *(f"{iou:.2f}" for iou in s.clicks[:5]),
                f"best {s.best:.2f} box {s.box:.2f} {s.loose:.2f}",
                flush=True,
            )
    print(md_table(("", str(len(found))), [(name, f"{value:.3f}") for name, value in summary(found).items()]))


if __name__ == "__main__":
    run(main)
