"""What a second object that leaves costs the first one.

    python benchmarks/leaving.py DEV

Into each clip of a data set in the DAVIS layout a second object is laid, once a textured square and once what another
clip shows in its first frame. It moves out of sight within fifteen frames and stays away. The first object is followed
alone in the clip as it is, and together with the second: both scores are printed, and in how many frames the second is
reported though it is gone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import cyclopts
import numpy as np
from PIL import Image

from mobilevos import Tracker, load_runtime
from mobilevos.evaluation import Sequence as Clip
from mobilevos.evaluation import boundary_f, find_sequences, jaccard
from mobilevos.video.masks import load_mask
from mobilevos.video.stills import read_rgb

GONE = 15
"""From this frame on the second object is out of sight."""
SIDE = 0.25
"""Height of the second object as a part of the frame's."""


@dataclass(frozen=True)
class Guest:
    """The second object: pixels (h, w, 3) uint8 RGB, and which of them belong to it, (h, w) bool."""

    pixels: np.ndarray
    inside: np.ndarray


def square(height: int) -> Guest:
    """A patch of coarse noise on a red ground, a quarter of a frame high."""
    side = max(4, round(SIDE * height))
    noise = np.random.default_rng(0).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    noise[..., 0] |= 128
    pixels = np.asarray(Image.fromarray(noise).resize((side, side), Image.Resampling.NEAREST))
    return Guest(pixels, np.ones((side, side), bool))


def cut_out(frame: np.ndarray, mask: np.ndarray, height: int) -> Guest:
    """What a mask (H, W) bool shows of a frame (H, W, 3), a quarter of a frame high."""
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = SIDE * height / (rows[-1] + 1 - rows[0])
    size = tuple(max(4, round(scale * side)) for side in mask[box].shape[::-1])
    pixels, inside = (Image.fromarray(array[box]).resize(size) for array in (frame, mask.astype(np.uint8) * 255))
    return Guest(np.asarray(pixels), np.asarray(inside) > 127)


def visited(
    frames: Sequence[np.ndarray], truth: Sequence[np.ndarray], guest: Guest, gone: int = GONE
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The frames with a guest, object 2, and their label maps; object 1 is whatever ``truth`` has.

    The guest comes to lie where it hides the least of object 1, and leaves at an even pace by the nearer side.
    """
    height, width = truth[0].shape
    high, wide = guest.inside.shape
    top, left = min(
        (
            (y, x)
            for y in np.linspace(0, height - high, 5, dtype=int)
            for x in np.linspace(0, width - wide, 5, dtype=int)
        ),
        key=lambda corner: np.count_nonzero(truth[0][corner[0] : corner[0] + high, corner[1] : corner[1] + wide]),
    )
    way = width - left if left + wide / 2 > width / 2 else -(left + wide)
    for number, (frame, labels) in enumerate(zip(frames, truth, strict=True)):
        seen, known = frame.copy(), (labels > 0).astype(np.uint8)
        start = left + round(way * number / gone)
        shown = np.s_[max(-start, 0) : max(min(width - start, wide), 0)]
        rows, columns = np.s_[top : top + high], np.s_[max(start, 0) : max(min(start + wide, width), 0)]
        if number < gone and shown.start < shown.stop:
            inside = guest.inside[:, shown]
            seen[rows, columns][inside], known[rows, columns][inside] = guest.pixels[:, shown][inside], 2
        yield seen, known


@dataclass(frozen=True)
class Scores:
    """Of one run; J and F of object 1 in percent."""

    j: float
    f: float
    ghosts: int
    """Frames in which object 2 is reported though it is gone."""


def score(tracker: Tracker, clip: Sequence[tuple[np.ndarray, np.ndarray]], gone: int = GONE) -> Scores:
    """Follow all objects of the first label map."""
    tracker.start(*clip[0])
    j, f, ghosts = [], [], 0
    for number, (frame, truth) in enumerate(clip[1:], 1):
        labels = tracker.step(frame)
        j.append(jaccard(labels == 1, truth == 1))
        f.append(boundary_f(labels == 1, truth == 1))
        ghosts += bool(number >= gone and (labels == 2).any())
    return Scores(100 * mean(j), 100 * mean(f), ghosts)


def main(dev: Path, *, mode: str = "best", model: str = "lite0", clips: str = "", threads: int = 1) -> None:
    """Score every clip, or those that are named, separated by commas."""
    runtime = load_runtime(model, threads=threads)
    found = [clip for clip in find_sequences(dev) if not clips or clip.name in clips.split(",")]
    firsts = [(read_rgb(clip.frames[0]), load_mask(clip.annotations[0] or Path()) > 0) for clip in found]
    print("| clip | guest | J alone | J | J&F alone | J&F | frames with a ghost of the guest |")
    print("|---|---|---|---|---|---|---|")
    for at, clip in enumerate(found):
        frames, truth = read_clip(clip)
        first = [(frame, (labels > 0).astype(np.uint8)) for frame, labels in zip(frames, truth, strict=True)]
        alone = score(Tracker(runtime=runtime, mode=mode), first)
        height = truth[0].shape[0]
        guests = {"square": square(height), found[at - 1].name: cut_out(*firsts[at - 1], height)}
        for name, guest in guests.items():
            both = score(Tracker(runtime=runtime, mode=mode), list(visited(frames, truth, guest)))
            jf = [(each.j + each.f) / 2 for each in (alone, both)]
            cells = f"{alone.j:.1f} | {both.j:.1f} | {jf[0]:.1f} | {jf[1]:.1f} | {both.ghosts}"
            print(f"| {clip.name} | {name} | {cells} |", flush=True)


def read_clip(clip: Clip) -> tuple[list[np.ndarray], list[np.ndarray]]:
    pairs = [(read_rgb(f), load_mask(a)) for f, a in zip(clip.frames, clip.annotations, strict=True) if a]
    return [frame for frame, _ in pairs], [labels for _, labels in pairs]


if __name__ == "__main__":
    cyclopts.run(main)
