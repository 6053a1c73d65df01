"""A runtime whose masks can be foretold, and scenes for it."""

from typing import Any

import numpy as np

from mobilevos.evaluation import jaccard
from mobilevos.tracker import Tracker

HEIGHT, WIDTH = 120, 160
COLOURS = {3: (220, 40, 40), 200: (40, 60, 220), 7: (40, 200, 40)}


class ColourRuntime:
    """A memory network that can be foretold: an object is whatever has the mean colour its masks have in memory.

    Log-odds are 0 where an object covers half of a cell of 4 x 4 pixels, and grow with its share. Keys say nothing.
    A value is, for each object, the number of its pixels in each cell and the sum of their colours.
    """

    def __init__(self) -> None:
        self.viewed: list[tuple[int, int]] = []
        self.recalled: list[np.ndarray] = []

    def query(self, frame: np.ndarray) -> dict[str, np.ndarray]:
        self.viewed.append(frame.shape[:2])
        return {"frame": frame.astype(np.float32)}

    def key(self, features: Any) -> np.ndarray:
        height, width, _ = features["frame"].shape
        return np.zeros((1, height // 16 * width // 16), np.float32)

    def descriptor(self, features: Any) -> None:
        return None

    def read(
        self, features: Any, memory_key: np.ndarray, memory_value: np.ndarray, prior: np.ndarray, classifier: None
    ) -> np.ndarray:
        assert memory_key.shape[1] == memory_value.shape[2]
        height, width, _ = features["frame"].shape
        assert prior.shape == (len(memory_value), height // 4, width // 4)
        total = memory_value.sum(2)
        self.recalled.append(total)
        colour = total[:, 1:] / np.maximum(total[:, :1], 1e-6)
        distance = np.abs(features["frame"][None] - colour[:, None, None]).max(-1)
        alike = (distance < 40) & (total[:, :1, None] > 0)
        share = np.stack([_blocks(each, 4).mean((1, 3)) for each in alike])
        odds = 1000.0 ** (2 * share - 1)
        return (odds / (1 + odds.sum(0))).astype(np.float32)

    def memorise(self, features: Any, masks: np.ndarray) -> np.ndarray:
        assert masks.dtype == np.float32
        assert masks.min() >= 0
        assert masks.sum(0).max() <= 1.01
        colours = _blocks(features["frame"], 4).mean((1, 3))
        pixels = 16 * masks[..., None]
        sums = np.concatenate([pixels, pixels * colours], -1)
        cells = np.stack([_blocks(each, 4).sum((1, 3)) for each in sums])
        return cells.reshape(len(cells), -1, 4).transpose(0, 2, 1).astype(np.float32)


def _blocks(image: np.ndarray, side: int) -> np.ndarray:
    """(H, W, ...) -> (H / side, side, W / side, side, ...)."""
    height, width, *channels = image.shape
    return image.reshape(height // side, side, width // side, side, *channels)


def scene(time: int = 0, *ids: int, blank: int = 90) -> tuple[np.ndarray, np.ndarray]:
    """Frame and true labels: one disc of radius 14 for each id, on grey, moving 1 px a frame."""
    frame, labels = np.full((HEIGHT, WIDTH, 3), blank, np.uint8), np.zeros((HEIGHT, WIDTH), np.uint8)
    yy, xx = np.mgrid[:HEIGHT, :WIDTH]
    for number, i in enumerate(ids):
        inside = (xx - 30 - 45 * number - time) ** 2 + (yy - 60 - 10 * number) ** 2 < 14**2
        frame[inside], labels[inside] = COLOURS[i], i
    return frame, labels


def painted(size: tuple[int, int], boxes: dict[int, tuple[int, int, int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Frame and label map with a box (top, left, height, width) for each id."""
    frame, labels = np.full((*size, 3), 90, np.uint8), np.zeros(size, np.uint8)
    for i, (top, left, height, width) in boxes.items():
        box = np.s_[top : top + height, left : left + width]
        frame[box], labels[box] = COLOURS[i], i
    return frame, labels


def assert_follows(labels: np.ndarray, truth: np.ndarray) -> None:
    assert labels.dtype == np.uint8
    assert set(np.unique(labels)) == set(np.unique(truth))
    for i in np.unique(truth):
        assert jaccard(labels == i, truth == i) > 0.8


def states(tracker: Tracker) -> dict[int, str]:
    return {i: state.state for i, state in tracker.objects.items()}
