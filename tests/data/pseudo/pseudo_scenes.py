"""Scenes of coloured shapes, and a teacher that sees colours."""

import cv2
import numpy as np

RED, BLUE = (220, 40, 40), (40, 60, 220)
SIZE = 120, 160


def scene(*objects: tuple[int, int, tuple[int, int, int]], noise: int = 0) -> np.ndarray:
    """(120, 160, 3): squares of 32 px with their upper left corner at (x, y), on a textured ground."""
    rng = np.random.default_rng(noise)
    ground = cv2.resize(rng.integers(90, 160, (30, 40, 3), np.uint8), SIZE[::-1], interpolation=cv2.INTER_LINEAR)
    for x, y, colour in objects:
        ground[y : y + 32, x : x + 32] = colour
    return ground


class ColourView:
    """Sees the connected region of one of the two colours; of the ground, a small patch it is not sure of."""

    def __init__(self, frame: np.ndarray, blind_to: tuple[int, int, int] | None = None) -> None:
        self._frame, self._blind_to = frame, blind_to
        self.size = frame.shape[:2]

    def at(self, x: float, y: float) -> tuple[np.ndarray, float]:
        colour = self._frame[int(y), int(x)]
        if tuple(colour) not in (RED, BLUE) or tuple(colour) == self._blind_to:
            return np.full(self.size, -9, np.float32), 0.3
        _, parts = cv2.connectedComponents((self._frame == colour).all(-1).astype(np.uint8))
        return np.where(parts == parts[int(y), int(x)], 9, -9).astype(np.float32), 0.97

    def again(self, mask: np.ndarray) -> tuple[np.ndarray, float]:
        y, x = (int(np.median(where)) for where in np.nonzero(mask))
        return ColourView.at(self, x, y)
