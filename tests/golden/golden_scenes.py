"""Rectangles on grey, and a network that finds them by their colour; golden_scenes.mjs has the same for Node."""

from typing import Any

import numpy as np

from colour_runtime import ColourRuntime

COLOURS = ((220, 40, 40), (40, 60, 220), (40, 200, 40), (210, 200, 30), (30, 190, 210), (200, 40, 200))

Shape = tuple[int, int, int, int, int, int]
"""Id, index of its colour, top, left, height, width."""


def frame_of(size: tuple[int, int], shapes: list[Shape]) -> np.ndarray:
    """(H, W, 3) uint8 RGB; what comes later lies in front."""
    frame = np.full((*size, 3), 90, np.uint8)
    for _, colour, top, left, height, width in shapes:
        frame[max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)] = COLOURS[colour]
    return frame


def labels_of(size: tuple[int, int], shapes: list[Shape], ids: list[int]) -> np.ndarray:
    """(H, W) uint8: what is seen of some objects."""
    labels = np.zeros(size, np.uint8)
    for i, _, top, left, height, width in shapes:
        box = np.s_[max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)]
        labels[box] = i if i in ids else 0
    return labels


class SceneRuntime(ColourRuntime):
    """As its base; the odds of an object also grow with its mask in the frame before.

    Among the sizes that it viewed it notes how much memory it reads, and that it makes some.
    """

    def read(
        self, features: Any, memory_key: np.ndarray, memory_value: np.ndarray, prior: np.ndarray, classifier: None
    ) -> np.ndarray:
        self.viewed.append((memory_value.shape[2],))
        found = super().read(features, memory_key, memory_value, prior, classifier).astype(np.float64)
        odds = found / np.maximum(1 - found.sum(0), 1e-9) * (0.7 + 0.6 * prior)
        return (odds / (1 + odds.sum(0))).astype(np.float32)

    def memorise(self, features: Any, masks: np.ndarray) -> np.ndarray:
        self.viewed.append(())
        return super().memorise(features, masks)
