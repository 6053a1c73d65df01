"""The frames around the one that is being filled, each with the map that leads to it."""

import numpy as np
from PIL import Image

from mobilevos.effects.view import View
from mobilevos.effects.warp import Map

KEPT = 6
"""Past frames that are held."""
KEY_EVERY = 4
"""Every so-many-th frame may fill others."""
OLDEST = 150
"""Past frames are forgotten after this many; maps over longer times are too far off."""
RENEWED = 24
"""A filled frame serves so many frames, as every copy of a copy is more blurred."""


class Timeline:
    """A bounded number of frames: some of the past, thinner with age, and all from the one being filled on."""

    def __init__(self) -> None:
        self._past: list[View] = []
        self._ahead: list[View] = []
        self.filled: View | None = None
        """An earlier frame of the same shot, filled."""

    def add(self, view: View, motion: Map | None) -> None:
        """Take the next frame of the video and the map from it to the one before; None begins a new shot."""
        if self._ahead or self._past:
            last = (self._ahead or self._past)[-1]
            view.shot = last.shot + (motion is None)
            if motion is not None:
                view.to_view = np.linalg.inv(motion) @ last.to_view
        self._ahead.append(view)

    def advance(self) -> View:
        """Make the next frame the one that is being filled, and return it."""
        now = self._ahead[0]
        back = np.linalg.inv(now.to_view)
        if self.filled is not None and self.filled.shot != now.shot:
            self.filled = None
        self._past = [view for view in self._past if view.shot == now.shot and now.number - view.number <= OLDEST]
        for view in (*self._past, self.filled, *self._ahead):
            if view is not None and view.shot == now.shot:
                view.to_view = view.to_view @ back
                view.fitted = None if view.fitted is None else view.fitted @ back
        if self._past and self._past[-1].number % KEY_EVERY:
            del self._past[-1]  # it was held only because it was the newest
        if len(self._past) > KEPT:
            ages = np.array([now.number - view.number for view in self._past])
            del self._past[1 + int(np.argmin((ages[:-2] - ages[2:]) / ages[1:-1]))]
        self._past.append(self._ahead.pop(0))
        return now

    def keep(self, image: Image.Image) -> None:
        """Offer the frame that is being filled, filled."""
        now = self._past[-1]
        if self.filled is None or now.number - self.filled.number >= RENEWED:
            self.filled = View(now.number, image, now.factor, np.full_like(now.seen, 255), now.shot)

    def candidates(self) -> list[View]:
        """Frames of the same shot that may fill the one that is being filled."""
        now = self._past[-1]
        others = (*self._past[:-1], *self._ahead)
        return [
            view for view in others if view.shot == now.shot and (view.number % KEY_EVERY == 0 or view is others[-1])
        ]
