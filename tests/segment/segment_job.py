"""A clip, a mask and a tracker simple enough to be repeated by hand, for tests of the whole job."""

import os
from fractions import Fraction
from pathlib import Path

import numpy as np

from mobilevos.video.masks import load_mask, save_palette_png
from mobilevos.video.reader import open_frames
from mobilevos.video.writer import VideoWriter

HEIGHT, WIDTH, COUNT = 48, 64, 30


class Threshold:
    """Keeps the ids it was started with: bright pixels are the first of them, bright and green the last."""

    def __init__(self) -> None:
        self.ids: list[int] = []

    def start(self, frame: np.ndarray, mask: np.ndarray) -> np.ndarray:
        self.ids = np.unique(mask[mask > 0]).tolist()
        return self.step(frame)

    def step(self, frame: np.ndarray) -> np.ndarray:
        labels = np.where(frame.mean(axis=2) > 110, self.ids[0], 0)
        labels[frame[..., 1] > 190] = self.ids[-1]
        return labels.astype(np.uint8)


class Counting(Threshold):
    """Knows how many frames it was given."""

    steps = 0

    def step(self, frame: np.ndarray) -> np.ndarray:
        self.steps += 1
        return super().step(frame)


class Blocked:
    """Makes the output ``rle`` hang at its first frame until it is released: a pipe is in place of its file."""

    def __init__(self, out: Path) -> None:
        out.mkdir()
        self._pipe = out / ".masks.part.json"  # the name it is written to until it is complete
        os.mkfifo(self._pipe)

    def release(self) -> None:
        self._pipe.read_bytes()


def picture(index: int) -> np.ndarray:
    frame = np.random.default_rng(index).integers(0, 80, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    frame[10:25, 5 + index : 20 + index] = (200, 160, 200)
    frame[30:40, 20:50] = (60, 240, 60)
    return frame


def save_clip(folder: Path) -> Path:
    with VideoWriter(folder / "clip.mp4", Fraction(24), (HEIGHT, WIDTH)) as writer:
        for index in range(COUNT):
            writer.write(picture(index))
    return folder / "clip.mp4"


def save_mask(folder: Path) -> Path:
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    labels[10:25, 5:20] = 2
    labels[30:40, 20:50] = 5
    save_palette_png(folder / "first.png", labels)
    return folder / "first.png"


def by_hand(video: Path, mask: Path) -> list[np.ndarray]:
    tracker = Threshold()
    results = []
    for index, frame in enumerate(open_frames(video)):
        results.append(tracker.step(frame) if index else tracker.start(frame, load_mask(mask)))
    return results


def frames_in(path: Path) -> int:
    return sum(1 for _ in open_frames(path))


def assert_masks(folder: Path, expected: list[np.ndarray]) -> None:
    assert sorted(os.listdir(folder)) == [f"{i:05d}.png" for i in range(len(expected))]
    for index, labels in enumerate(expected):
        np.testing.assert_array_equal(load_mask(folder / f"{index:05d}.png"), labels)
