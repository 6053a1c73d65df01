"""What every effect is."""

from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Soft = NDArray[np.float32]


class Effect(Protocol):
    """Changes a video frame by frame.

    ::

        effect = Blur()
        for frame in frames:
            tracker.step(frame)
            show(effect(frame, tracker.soft()))

    An effect with a delay holds that many frames back: it answers None until it has them, then with one frame for each
    it is given, and with the last ones in `rest`.
    """

    def __call__(self, frame: Image, soft: Soft) -> Image | None:
        """Take the next frame.

        Args:
            frame: (H, W, 3) uint8 RGB, not changed; the same size every time.
            soft: (H, W) float32 in 0..1, the soft mask of the objects, as `mobilevos.Tracker.soft` gives it.

        Returns:
            (H, W, 3) uint8 RGB or (H, W, 4) uint8 RGBA of the frame given ``delay`` calls ago, or None.
        """
        ...

    def rest(self) -> Iterable[Image]:
        """The frames that are held back, after the last call."""
        ...


class Immediate:
    """An effect without delay."""

    def rest(self) -> Iterator[Image]:
        """Nothing is held back."""
        return iter(())
