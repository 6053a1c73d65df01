"""What is found of an object that the camera turns away from, and comes back to.

    python benchmarks/panning.py DEV HELD_OUT --mode best

Out of each clip of data sets in the DAVIS layout a window is cut that shows a part of the width. It follows one object,
turns away from it after ten frames, comes back after twenty-eight and stays. All else that the clip shows is what may
be taken for the object. Printed are the part of the frames without the object in which it is reported, and J after
the window came back.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import numpy as np
from leaving import read_clip
from PIL import Image
from script import run

from mobilevos import Tracker, load_runtime
from mobilevos.evaluation import Sequence as Clip
from mobilevos.evaluation import find_sequences, jaccard

FRAMES, LEAST_FRAMES, STARTS = 50, 44, (0, 25)
"""Of a scene, and where scenes begin in a clip."""
AWAY, GONE, COMES, BACK = 10, 15, 28, 33
"""Frames in which the window begins to turn away, has turned, begins to come back, is back."""
WINDOWS = (0.5, 0.42, 0.35)
"""Parts of the width that a window may show; the widest that loses the object is taken."""
SHORT_SIDE, LEAST_AREA, MOST_OBJECTS = 480, 400, 3
FALSE = 100
"""Pixels of a mask that count as a report."""


@dataclass(frozen=True)
class Scene:
    """Frames (H, W, 3) uint8 RGB, and masks (H, W) bool of an object in them."""

    name: str
    frames: list[np.ndarray]
    truth: list[np.ndarray]


def scenes(clip: Clip) -> Iterator[Scene]:
    """All that can be made of a clip, one for each object and start."""
    pictures, truth = read_clip(clip)
    height, width = pictures[0].shape[:2]
    scale = min(1.0, SHORT_SIDE / min(height, width))
    size = round(scale * width), round(scale * height)
    for start in STARTS:
        part = slice(start, start + FRAMES)
        frames = [np.asarray(Image.fromarray(picture).resize(size)) for picture in pictures[part]]
        labels = [np.asarray(Image.fromarray(each).resize(size, Image.Resampling.NEAREST)) for each in truth[part]]
        if len(frames) < LEAST_FRAMES:
            continue
        for object_id in [int(i) for i in np.unique(labels[0]) if i][:MOST_OBJECTS]:
            if lefts := _lefts([each == object_id for each in labels]):
                window, offsets = lefts
                cuts = [np.s_[:, left : left + window] for left in offsets]
                yield Scene(
                    f"{clip.name} {start} {object_id}",
                    [frame[cut].copy() for frame, cut in zip(frames, cuts, strict=True)],
                    [each[cut] == object_id for each, cut in zip(labels, cuts, strict=True)],
                )


def _lefts(truth: list[np.ndarray]) -> tuple[int, list[int]] | None:
    """Width of a window that loses the object, and its left side in each frame; None if there is none."""
    columns = [np.flatnonzero(mask.any(0)) for mask in truth]
    if truth[0].sum() < LEAST_AREA or any(len(each) < 2 for each in columns):
        return None
    width = truth[0].shape[1]
    ends = [(int(each[0]), int(each[-1])) for each in columns]
    middle = sum(ends[(GONE + COMES) // 2]) / 2
    for part in WINDOWS:
        window = int(part * width) // 2 * 2
        room = width - window
        if max(right - left for left, right in ends) > 0.9 * window:
            continue
        far = 0 if middle > width / 2 else room
        lefts = []
        for number, (left, right) in enumerate(ends):
            near = min(max((left + right) // 2 - window // 2, 0), room)
            turned = np.interp(number, (AWAY, GONE, COMES, BACK), (0, 1, 1, 0))
            lefts.append(round(near + turned * (far - near)))
        shown = [mask[:, left : left + window] for mask, left in zip(truth, lefts, strict=True)]
        if shown[0].sum() >= LEAST_AREA and not any(mask.any() for mask in shown[GONE + 1 : COMES - 1]):
            return window, lefts
    return None


def score(tracker: Tracker, scene: Scene) -> tuple[float, float]:
    """The part of the frames without the object in which it is reported, and J once the window is back."""
    tracker.start(scene.frames[0], scene.truth[0].astype(np.uint8))
    reported, after = [], []
    for number, (frame, truth) in enumerate(zip(scene.frames[1:], scene.truth[1:], strict=True), 1):
        mask = tracker.step(frame) > 0
        if not truth.any():
            reported.append(bool(mask.sum() > FALSE))
        elif number >= BACK:
            after.append(jaccard(mask, truth))
    return mean(reported), mean(after)


def main(*folders: Path, mode: str = "best", model: str = "lite0", threads: int = 1) -> None:
    """Score all scenes of all clips of some folders."""
    runtime = load_runtime(model, threads=threads)
    print("| clip, start, object | reported while away | J after |")
    print("|---|---|---|")
    found = []
    for folder in folders:
        for clip in find_sequences(folder):
            for scene in scenes(clip):
                found.append(score(Tracker(runtime=runtime, mode=mode), scene))
                print(f"| {scene.name} | {100 * found[-1][0]:.0f} % | {100 * found[-1][1]:.1f} |", flush=True)
    means = [100 * mean(each) for each in zip(*found, strict=True)]
    print(f"| all {len(found)} | {means[0]:.1f} % | {means[1]:.1f} |")


if __name__ == "__main__":
    run(main)
