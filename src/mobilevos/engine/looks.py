"""Views of one frame, as the prompt head sees them."""

import numpy as np

from mobilevos.engine.checks import Frame
from mobilevos.engine.prompt_maps import Maps
from mobilevos.engine.region import Region
from mobilevos.engine.runtime import Features, Float, Prompter

_KEPT = 5


class Looks:
    """What the network knows of the regions of a frame, kept for further clicks.

    Args:
        runtime: a network with a prompt head.
        frame: (H, W, 3) uint8 RGB.
    """

    def __init__(self, runtime: Prompter, frame: Frame) -> None:
        self._runtime = runtime
        self._frame = frame
        self._seen: dict[tuple[Region, bool], Features] = {}

    def ask(self, region: Region, maps: Maps, both_ways: bool = False) -> tuple[Float, Float]:
        """Log-odds (C, *region.grid) and the estimated IoU (C,) of the candidates for some prompts.

        Args:
            region: where to look.
            maps: (4, *region.grid), see `mobilevos.engine.prompt_maps`.
            both_ways: whether to look at the mirror image too, and take the mean: twice the time, fewer slips.
        """
        logits, quality = self._runtime.prompt(self._features(region, False), maps)
        if not both_ways:
            return logits, quality
        turned, other = self._runtime.prompt(self._features(region, True), np.ascontiguousarray(maps[:, :, ::-1]))
        half = np.float32(0.5)
        return (logits + turned[:, :, ::-1]) * half, (quality + other) * half

    def _features(self, region: Region, mirrored: bool) -> Features:
        place = region, mirrored
        if place not in self._seen:
            while len(self._seen) >= _KEPT:
                del self._seen[next(iter(self._seen))]
            view = region.view(self._frame)
            self._seen[place] = self._runtime.query(np.ascontiguousarray(view[:, ::-1]) if mirrored else view)
        return self._seen[place]
