"""How likely a mask is an object that somebody would choose, by what needs no knowledge of things."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mobilevos.engine.candidates import Mask
from mobilevos.engine.cells import grown
from mobilevos.engine.checks import Frame
from mobilevos.engine.motion import own_motion

FILE = Path(__file__).with_name("main_object.json")
"""What ``benchmarks/main_object_weights.py`` fits: a logistic regression on clips with one annotated object."""
_FITTED: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
WEIGHTS: dict[str, float] = _FITTED["weights"]
"""Log-odds for each unit of what ``Scene.signs`` gives, by its name."""
Signs = dict[str, float]
_LARGE = 0.2  # share of the frame from which a mask is large
_TOUCHED = 0.1  # share of a side of the frame from which a mask touches it
_NEAR, _AROUND = 0.1, 0.25  # surroundings for colour and for motion, in units of the square root of the area
_COLOURS = 8  # steps of each channel


def appeal(signs: Signs) -> float:
    """Log-odds that a mask with such signs is an object of interest, if none of the frame is a better one."""
    return sum(weight * signs[name] for name, weight in WEIGHTS.items()) + _FITTED["bias"]


class Scene:
    """A frame, and what moves in it, for masks to be judged against.

    Args:
        frames: (H, W, 3) uint8 RGB: the one that the masks are of, and others from some tenth of a second later.
        grid: (rows, columns) of the masks.
    """

    def __init__(self, frames: Sequence[Frame], grid: tuple[int, int]) -> None:
        size = grid[::-1]
        steps = np.asarray(Image.fromarray(frames[0]).resize(size, Image.Resampling.BOX)).astype(int) * _COLOURS // 256
        self._colours = steps @ (_COLOURS**2, _COLOURS, 1)
        moves = [
            np.asarray(Image.fromarray(own_motion(frames[0], later)).resize(size, Image.Resampling.BILINEAR))
            for later in frames[1:]
        ]
        self._motion = np.mean(moves, 0) if moves else np.zeros(grid, np.float32)
        self._border = np.ones(grid, bool)
        rim = max(2, grid[0] // 12)
        self._border[rim:-rim, rim:-rim] = False

    def signs(self, mask: Mask, quality: float, votes: int) -> Signs:
        """What speaks for and against a mask, by the names in ``WEIGHTS``.

        Args:
            mask: (*grid), not empty.
            quality: its estimated IoU, 0..1.
            votes: how many clicks on a grid gave it.
        """
        rows, columns = mask.shape
        y, x = np.nonzero(mask)
        area = float(mask.mean())
        sides = [mask[0], mask[-1], mask[:, 0], mask[:, -1]]
        at_rim = sum(int(side.sum()) for side in sides)
        outline = sum(int(np.count_nonzero(np.diff(mask, axis=axis))) for axis in (0, 1))
        reach = float(np.sqrt(len(y)))
        own = self._shares(mask)
        around = grown(mask, max(1, round(_AROUND * reach))) & ~mask
        motion = self._motion[mask].mean() - (self._motion[around].mean() if around.any() else 0.0)
        return {
            "quality": quality,
            "votes": np.log1p(votes),
            "large": max(0.0, float(np.log(area / _LARGE))),
            "off the middle": np.hypot(x.mean() / columns - 0.5, y.mean() / rows - 0.5),
            "rim": at_rim / (at_rim + outline),
            "sides": sum(side.mean() > _TOUCHED for side in sides),
            "contrast": _unlike(own, self._shares(grown(mask, max(2, round(_NEAR * reach))) & ~mask)),
            "colours of its own": _unlike(own, self._shares(~mask)),
            "unlike the border": _unlike(own, self._shares(self._border & ~mask)),
            "motion": np.clip(motion, -1, 3),
        }

    def _shares(self, mask: Mask) -> NDArray[np.float64]:
        """How much of a mask has each colour."""
        counts = np.bincount(self._colours[mask], minlength=_COLOURS**3) + 1e-3
        shares: NDArray[np.float64] = counts / counts.sum()
        return shares


def _unlike(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """0 for the same colours, 1 for none in common."""
    return float(np.abs(one - other).sum() / 2)
