"""How well objects are told apart that look the same: each clip's object meets itself.

    python benchmarks/crossing.py DEV RULER

Into the first frames of a clip of a data set in the DAVIS layout, its object is laid once more as its mirror image,
shifted by twice its width to one side at first and to the other at last: the two pass each other at an even pace. The
twin passes behind or in front, and is followed as object 2 or is nobody's. Printed are the mean J of what is followed,
and that of the last eight frames, in percent.
"""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from statistics import mean

import numpy as np
from leaving import read_clip
from md_table import md_table
from script import run

from mobilevos import Tracker, load_runtime
from mobilevos.evaluation import find_sequences, jaccard

FRAMES, LAST = 40, 8
WIDTHS = 2.0
"""Of the object, by which the twin is shifted at first."""
SHOWN = 0.7
"""Part of the object that its twin must show in the first frame, or the clip is left out."""

Pictures = list[tuple[np.ndarray, np.ndarray]]
"""Frames (H, W, 3) uint8 and label maps (H, W) uint8."""


def met(
    frames: list[np.ndarray], masks: list[np.ndarray], side: int, front: bool
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The frames with the twin, and label maps: 1 is the object, 2 the twin.

    Args:
        frames: (H, W, 3) uint8.
        masks: (H, W) bool of the object.
        side: -1 or 1, from where the twin comes.
        front: whether it hides the object, or the object it.
    """
    columns = np.flatnonzero(masks[0].any(0))
    shift = side * WIDTHS * min(max(columns[-1] + 1 - columns[0], 30), masks[0].shape[1] // 3)
    for t, (frame, mask) in enumerate(zip(frames, masks, strict=True)):
        seen, labels = frame.copy(), mask.astype(np.uint8)
        rows, columns = np.nonzero(mask)
        middle = columns.mean() if columns.size else 0.0
        to = np.round(2 * middle - columns + shift * (1 - 2 * t / (len(frames) - 1))).astype(int)
        shown = (to >= 0) & (to < mask.shape[1])
        shown[shown] &= front | ~mask[rows[shown], to[shown]]
        rows, columns, to = rows[shown], columns[shown], to[shown]
        seen[rows, to], labels[rows, to] = frame[rows, columns], 2
        yield seen, labels


def score(tracker: Tracker, pictures: Pictures, named: bool) -> list[float]:
    """Mean J of every frame but the first, in percent."""
    ids = (1, 2) if named else (1,)
    frame, truth = pictures[0]
    tracker.start(frame, np.where(np.isin(truth, ids), truth, 0))
    found = []
    for frame, truth in pictures[1:]:
        labels = tracker.step(frame)
        found.append(100 * mean(jaccard(labels == i, truth == i) for i in ids))
    return found


def main(*roots: Path, mode: str = "best", model: str = "lite0", threads: int = 1) -> None:
    """Score every clip with one object."""
    runtime = load_runtime(model, threads=threads)
    rows: list[list[float]] = []
    names = []
    for clip in (clip for root in roots for clip in find_sequences(root)):
        frames, truth = read_clip(clip)
        frames, masks = frames[:FRAMES], [labels > 0 for labels in truth[:FRAMES]]
        if len(frames) < FRAMES or np.unique(truth[0]).size > 2 or not masks[0].any():
            continue
        shown = {side: np.count_nonzero(next(met(frames, masks, side, True))[1] == 2) for side in (-1, 1)}
        side = max(shown, key=shown.__getitem__)
        if shown[side] < SHOWN * masks[0].sum():
            continue
        row = []
        for front, named in product((False, True), (True, False)):
            scores = score(Tracker(runtime=runtime, mode=mode), list(met(frames, masks, side, front)), named)
            row += [mean(scores), mean(scores[-LAST:])]
        names.append(clip.name)
        rows.append(row)
        print(clip.name, *map("{:.1f}".format, row), flush=True)
    heads = [f"{where}, {who}" for where, who in product(("behind", "in front"), ("both followed", "one"))]
    lines = [
        [name, *(f"{row[i]:.1f} / {row[i + 1]:.1f}" for i in range(0, 8, 2))]
        for name, row in zip(names, rows, strict=True)
    ]
    middle = [mean(column) for column in zip(*rows, strict=True)]
    lines.append(["**mean**", *(f"{middle[i]:.1f} / {middle[i + 1]:.1f}" for i in range(0, 8, 2))])
    print(md_table(("J, and at last", *heads), lines))


if __name__ == "__main__":
    run(main)
