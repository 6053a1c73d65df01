"""First masks measured: simulated clicks and boxes on annotated frames, beside Segment Anything if its files are there.

    python benchmarks/prompts.py DEV DEV_IDENTITY [--track DEV] [--sam FOLDER] [--model MODEL]

Clicks are simulated as RITM does: each in the middle of the largest mistake. ``--also`` adds figures of another set
that are reported only.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Protocol

import numpy as np
from cyclopts import Parameter
from md_table import md_table
from performance import in_convolutions
from script import run

from mobilevos.data.clicks import drawn_box, next_click
from mobilevos.data.pseudo.sam import Sam
from mobilevos.engine.bounds import bounding_box
from mobilevos.engine.main_object import main_object
from mobilevos.errors import InputError
from mobilevos.evaluation import boundary_f, find_sequences, jaccard
from mobilevos.evaluation.davis import Sequence as Clip
from mobilevos.prompt import Prompt
from mobilevos.runtimes import Prompter, load_prompter
from mobilevos.tracker import Tracker
from mobilevos.video.masks import MaskSet
from mobilevos.video.stills import read_rgb
from mobilevos.weights.store import PROMPT, shipped_folder

MOST_CLICKS = 20
GOOD = 0.85
"""IoU that clicks are counted to."""
AT = (1, 3, 5)
FOUND = 0.7
"""IoU to an annotated object from which a guess counts as found."""
AHEAD = 3
"""Frames between the one that is searched for a main object and that which shows what moves."""
ROUNDS = 5
"""Times that each kind of prompt is timed."""
WORST = 0.1
"""Share of a clip's tracked frames that are corrected: the worst."""
BARS = {
    "box": "0.87",
    "1 click": "0.72",
    "best of candidates": "0.80",
    "3 clicks": "0.85",
    "5 clicks": "0.89",
    f"clicks to {GOOD}": "<= 4.0",
    "ms a click": "<= 40",
    "MB added": "<= 3",
    "correction by one click": "+ 0.10",
    "auto: found": "0.60",
    "auto: wrong ones unsure": "0.80",
}
Several = Parameter(consume_multiple=True, negative="")


class Prompted(Protocol):
    """A frame, waiting for prompts about one object."""

    def click(self, x: float, y: float, positive: bool = True) -> np.ndarray:
        """The (H, W) bool mask after one click more."""

    def box(self, x: float, y: float, width: float, height: float) -> np.ndarray:
        """The (H, W) bool mask of a box."""

    @property
    def candidates(self) -> list[tuple[np.ndarray, float]]:
        """All masks for the prompts so far, with the IoU that each estimates of itself."""


class SamPrompted:
    """A Segment Anything in the same manner."""

    def __init__(self, sam: Sam, frame: np.ndarray) -> None:
        self._view = _seen(sam, frame.tobytes(), frame.shape)
        self._clicks: list[tuple[float, float, bool]] = []
        self.candidates: list[tuple[np.ndarray, float]] = []

    def click(self, x: float, y: float, positive: bool = True) -> np.ndarray:
        """See ``Prompted``."""
        self._clicks.append((x, y, positive))
        return self._view.said(self._clicks) > 0

    def box(self, x: float, y: float, width: float, height: float) -> np.ndarray:
        """See ``Prompted``."""
        return self._view.said([], (x, y, x + width, y + height)) > 0


@dataclass(frozen=True)
class Target:
    """One object in one frame."""

    name: str
    frame: np.ndarray
    truth: np.ndarray


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


def annotated(roots: Sequence[Path], every: int) -> Iterator[tuple[str, np.ndarray, np.ndarray, list[int]]]:
    """Name, picture, label map and objects of the first and every so-many-th frame of all clips."""
    for clip in clips(roots):
        masks = _masks(clip)
        for index in range(0, len(clip.frames), every):
            path = clip.annotations[index]
            if path is not None:
                labels = masks[path]
                yield f"{clip.name} {path.stem}", read_rgb(clip.frames[index]), labels, _objects(labels)


def targets(roots: Sequence[Path], every: int) -> Iterator[Target]:
    """Each object in the first and every so-many-th frame of all clips."""
    for name, frame, labels, ids in annotated(roots, every):
        for object_id in ids:
            yield Target(f"{name} {object_id}", frame, labels == object_id)


def clips(roots: Sequence[Path]) -> list[Clip]:
    """All clips below some folders in the layout of DAVIS."""
    return [clip for root in roots for clip in find_sequences(root)]


def measure(begin: Callable[[np.ndarray], Prompted], target: Target) -> Scores:
    """Ask a system for one object, with clicks and with boxes."""
    scores = Scores(target.name)
    prompted, mask = begin(target.frame), np.zeros_like(target.truth)
    for number in range(1, MOST_CLICKS + 1):
        mask = prompted.click(*next_click(mask, target.truth))
        scores.clicks.append(jaccard(mask, target.truth))
        if number == 1:
            scores.best = max([scores.clicks[0], *(jaccard(mask, target.truth) for mask, _ in prompted.candidates)])
        if scores.clicks[-1] >= GOOD:
            scores.needed = min(scores.needed, number)
        if number >= max(AT) and scores.needed < MOST_CLICKS:
            break
    scores.box = jaccard(begin(target.frame).box(*tight_box(target.truth)), target.truth)
    left, top, right, bottom = drawn_box(target.truth, np.random.default_rng(len(target.name)))
    scores.loose = jaccard(begin(target.frame).box(left, top, right - left, bottom - top), target.truth)
    return scores


def summary(scores: Sequence[Scores]) -> dict[str, float]:
    """Means over all objects."""
    clicks = {f"{count} click{'s' * (count > 1)}": [s.clicks[count - 1] for s in scores] for count in AT}
    columns: dict[str, Sequence[float]] = {
        "box": [s.box for s in scores],
        "loose box": [s.loose for s in scores],
        **clicks,
        "best of candidates": [s.best for s in scores],
        f"clicks to {GOOD}": [s.needed for s in scores],
    }
    return {name: float(np.mean(values)) for name, values in columns.items()}


def milliseconds(prompter: Prompter, found: Sequence[Target]) -> float:
    """Median time of a click after the frame's own query; that of a region it zooms to is counted."""
    times = []
    for target in found[:10]:
        prompt, mask = Prompt(target.frame, prompter), np.zeros_like(target.truth)
        prompt.click(*next_click(mask, target.truth))  # looks at the whole frame once
        for _ in range(3):
            click = next_click(mask, target.truth)
            began = time.perf_counter()
            mask = prompt.click(*click)
            times.append(1000 * (time.perf_counter() - began))
        prompt.undo()
    return float(np.median(times))


def prompts_in_convolutions(model: str, target: Target) -> dict[str, float]:
    """Processor time of prompts for one object on one thread, over that of a convolution timed beside it.

    The same convolution as in performance.py; least of several rounds, so neither the machine nor other work enters.
    """
    prompter, (x, y, _) = load_prompter(model, threads=1), next_click(np.zeros_like(target.truth), target.truth)
    _, across = bounding_box(target.truth)
    half = target.truth.copy()
    half[:, (across.start + across.stop) // 2 :] = False
    begun, known = Prompt(target.frame, prompter), Prompt(target.frame, prompter, half)
    for prompt, times in ((begun, 2), (known, 1)):
        for _ in range(times):
            prompt.click(x, y)

    def again(prompt: Prompt) -> None:
        prompt.click(x, y)
        prompt.undo()

    work: dict[str, Callable[[], object]] = {
        "first click": lambda: Prompt(target.frame, prompter).click(x, y),
        "further click": partial(again, begun),
        "box": lambda: Prompt(target.frame, prompter).box(*tight_box(target.truth)),
        "first click on a given mask": lambda: Prompt(target.frame, prompter, half).click(x, y),
        "further click on a given mask": partial(again, known),
    }
    return {f"{name}, convolutions": ratio for name, ratio in in_convolutions(work, ROUNDS).items()}


def guesses(prompter: Prompter, roots: Sequence[Path]) -> dict[str, float]:
    """The main object of each clip's first frame, found without a hand."""
    ious, sure = [], []
    for clip in clips(roots):
        first = clip.annotated[0]
        later = min(first + AHEAD, len(clip.frames) - 1)
        path = clip.annotations[first]
        assert path is not None
        labels = _masks(clip)[path]
        truths = [labels == object_id for object_id in _objects(labels)]
        try:
            guess = main_object(prompter, [read_rgb(clip.frames[i]) for i in (first, later)])
        except InputError:
            ious.append(0.0)
            sure.append(False)
            continue
        ious.append(max(jaccard(guess.mask, truth) for truth in truths))
        sure.append(guess.sure)
        print(f"auto {clip.name}: IoU {ious[-1]:.2f}, confidence {guess.confidence:.2f}", flush=True)
    wrong = [not each for each, iou in zip(sure, ious, strict=True) if iou < FOUND]
    return {
        "auto: found": float(np.mean([iou >= FOUND for iou in ious])),
        "auto: wrong ones unsure": float(np.mean(wrong)) if wrong else 1.0,
    }


def tracked(prompter: Prompter, model: str, roots: Sequence[Path]) -> dict[str, float]:
    """Whole clips from first masks of several kinds: J&F, and what one click does for the worst frames."""
    kinds: dict[str, list[float]] = {name: [] for name in ("true mask", "box", "3 clicks", "1 click")}
    gains = []
    for clip in clips(roots):
        masks = _masks(clip)
        frames = [read_rgb(path) for path in clip.frames]
        truths = [None if path is None else masks[path] > 0 for path in clip.annotations]
        assert truths[0] is not None
        for name, judged in kinds.items():
            found = _followed(Tracker(model), frames, _first(prompter, frames[0], truths[0], name))
            scores = [
                (index, jaccard(mask, truth), boundary_f(mask, truth))
                for index, (mask, truth) in enumerate(zip(found, truths, strict=True))
                if truth is not None and 0 < index < len(frames) - 1
            ]
            judged.append(50 * float(np.mean([j + f for _, j, f in scores])))
            if name == "true mask":
                worst = sorted(scores, key=lambda score: score[1])[: max(3, round(WORST * len(scores)))]
                gains += [_corrected(prompter, frames[i], found[i], truths[i]) - iou for i, iou, _ in worst]
    return {
        "correction by one click": float(np.mean(gains)),
        **{f"J&F from {name}": float(np.mean(judged)) for name, judged in kinds.items()},
    }


def _first(prompter: Prompter, frame: np.ndarray, truth: np.ndarray, kind: str) -> np.ndarray:
    if kind == "true mask":
        return truth
    prompt = Prompt(frame, prompter)
    if kind == "box":
        return prompt.box(*tight_box(truth))
    for _ in range(int(kind[0])):
        prompt.click(*next_click(prompt.mask, truth))
    return prompt.mask


def _followed(tracker: Tracker, frames: list[np.ndarray], mask: np.ndarray) -> list[np.ndarray]:
    return [tracker.start(frames[0], mask) > 0, *(tracker.step(frame) > 0 for frame in frames[1:])]


def _corrected(prompter: Prompter, frame: np.ndarray, mask: np.ndarray, truth: np.ndarray | None) -> float:
    assert truth is not None
    return jaccard(Prompt(frame, prompter, mask).click(*next_click(mask, truth)), truth)


def tight_box(truth: np.ndarray) -> tuple[int, int, int, int]:
    """x and y of the upper left corner, width and height of the smallest box around a mask."""
    down, across = bounding_box(truth)
    return across.start, down.start, across.stop - across.start, down.stop - down.start


def _masks(clip: Clip) -> MaskSet:
    return MaskSet([path for path in clip.annotations if path], snap=True, full_paths=True)


def _objects(labels: np.ndarray) -> list[int]:
    return [int(i) for i in np.unique(labels) if 0 < i < 255]


@cache
def _seen(sam: Sam, pixels: bytes, shape: tuple[int, ...]):  # type: ignore[no-untyped-def]
    return sam.look(np.frombuffer(pixels, np.uint8).reshape(shape))


def _all(begin: Callable[[np.ndarray], Prompted], found: Sequence[Target], name: str) -> list[Scores]:
    scores = []
    for target in found:
        scores.append(measure(begin, target))
        s = scores[-1]
        print(
            f"{name} {s.name}: {' '.join(f'{iou:.2f}' for iou in s.clicks[:5])} of {s.needed}, best {s.best:.2f}, "
            f"box {s.box:.2f} loose {s.loose:.2f}",
            flush=True,
        )
    return scores


def main(
    *roots: Path,
    model: str = "lite0",
    track: Annotated[tuple[Path, ...], Several] = (),
    also: Path | None = None,
    sam: Path | None = None,
    every: int = 10,
    out: Path | None = None,
) -> None:
    """Print the table.

    Parameters
    ----------
    roots
        Folders in the layout of DAVIS.
    model
        Whose head, and what follows.
    track
        Folders whose clips are followed from first masks of several kinds.
    also
        Folder whose figures are reported only.
    sam
        Folder of encoder.onnx and sam.onnx to put beside.
    every
        Distance of the frames.
    out
        JSON file for all figures.
    """
    prompter = load_prompter(model)
    found = list(targets(roots, every))
    ours = _all(lambda frame: Prompt(frame, prompter), found, "ours")
    graph = shipped_folder(model) / PROMPT
    figures = summary(ours) | {"ms a click": milliseconds(prompter, found)} | guesses(prompter, roots)
    figures |= prompts_in_convolutions(model, found[0])
    if graph.is_file():
        figures["MB added"] = graph.stat().st_size / 2**20
    if track:
        figures |= tracked(prompter, model, track)
    columns = {f"{len(found)} objects": figures}
    if also is not None:
        others = list(targets([also], every))
        columns[f"{also.name}, {len(others)} objects"] = summary(
            _all(lambda frame: Prompt(frame, prompter), others, "also")
        ) | guesses(prompter, [also])
    if sam is not None:
        teacher = Sam(sam)
        columns["Segment Anything"] = summary(_all(partial(SamPrompted, teacher), found, "sam"))
    if out is not None:
        out.write_text(json.dumps({"columns": columns, "ours": [asdict(each) for each in ours]}, indent=2) + "\n")
    rows = [
        (name, BARS.get(name, ""), *(f"{column[name]:.3f}" if name in column else "" for column in columns.values()))
        for name in figures
    ]
    print(md_table(("", "bar", *columns), rows))


if __name__ == "__main__":
    run(main)
