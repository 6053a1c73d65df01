"""A frame that is held to fill holes of other frames from, and how the camera moved between two of them."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mobilevos.effects.align import AFFINE, HOMOGRAPHY, Template, displacement
from mobilevos.effects.warp import Float, Map, at_scale, move, sample

COARSE_SIDE = 60
"""Frames are compared first at about this many rows or columns, whichever are fewer, then at twice as many."""
FINER = (1, 2, 4)
"""How much finer than the coarse level the levels of comparison are."""
LEAST_CELLS = 50
"""Cells of background that two frames must share to be compared."""
FLAT = 2.0
"""Brightness of a background without any pattern deviates less than this (of 0..255)."""
SURE = 3.0
"""If the previous motion goes on, half of the pixels differ by less than this (of 0..255); else others are tried."""
ALIKE = 0.3
"""Correlation of aligned frames below which they belong to different shots."""


def coarse_factor(size: tuple[int, ...]) -> int:
    """By how much frames of (height, width) are reduced at the coarsest of three levels; a multiple of 4."""
    return max(4, round(min(size[:2]) / COARSE_SIDE / 4) * 4)


@dataclass(eq=False)
class View:
    """A frame, and what is needed of it again and again at reduced sizes.

    Attributes:
        number: of the frame, from 0.
        image: RGB.
        factor: see `coarse_factor`.
        seen: (h, w) uint8 at the coarse level, 255 where the whole cell shows background.
        shot: frames of different shots have nothing to do with each other.
        to_view: map from the frame that is being filled to this one.
        fitted: the same map, fitted to the surroundings of a hole; None if it was never used to fill one.
    """

    number: int
    image: Image.Image
    factor: int
    seen: NDArray[np.uint8]
    shot: int = 0
    to_view: Map = field(default_factory=lambda: np.eye(3))
    fitted: Map | None = None

    @property
    def best(self) -> Map:
        """The better known of the maps to this frame."""
        return self.to_view if self.fitted is None else self.fitted

    @cached_property
    def small(self) -> Image.Image:
        """RGB at the coarse level."""
        return self.image.reduce(self.factor)

    @cached_property
    def small_seen(self) -> Image.Image:
        """RGBA at the coarse level, transparent where there is no background."""
        image = self.small.copy()
        image.putalpha(Image.fromarray(self.seen))
        return image

    @cached_property
    def grey(self) -> tuple[Float, ...]:
        """Brightness at the coarse level, and twice and four times as fine."""
        grey = self.image.convert("L")
        return tuple(np.asarray(grey.reduce(self.factor // finer), np.float32) for finer in FINER)

    @cached_property
    def weights(self) -> tuple[Float, ...]:
        """1 where there is background, else 0; at the sizes of ``grey``."""
        sure = (self.seen // 255).astype(np.float32)
        sizes = [grey.shape for grey in self.grey]
        return tuple(
            np.repeat(np.repeat(sure, finer, 0), finer, 1)[: size[0], : size[1]]
            for finer, size in zip(FINER, sizes, strict=True)
        )


def camera_motion(now: View, before: View, guess: Map) -> Map | None:
    """The map from a frame to the one before, fitted to the background; None across a cut.

    Args:
        now: the frame.
        before: the one before.
        guess: the motion before, which often goes on.
    """
    coarse = Template(now.grey[0], now.weights[0])
    fits = [coarse.align(before.grey[0], at_scale(guess, now.factor), AFFINE, 2)]
    if fits[0][1] > SURE:
        fits += [coarse.align(before.grey[0], start, AFFINE, 2) for start in (np.eye(3), _apart(now, before))]
    motion = at_scale(min(fits, key=lambda fit: fit[1])[0], 1 / now.factor)
    factor = now.factor / FINER[1]
    middle = Template(now.grey[1], now.weights[1])
    motion = at_scale(middle.align(before.grey[1], at_scale(motion, factor), HOMOGRAPHY, 4)[0], 1 / factor)
    return motion if _likeness(now, before, motion) > ALIKE else None


def _apart(now: View, before: View) -> Map:
    """The shift between the backgrounds of two frames, in cells of the coarse level."""
    plain = []
    for view in (now, before):
        grey, weight = view.grey[0], view.weights[0]
        plain.append((grey - (grey * weight).sum() / max(weight.sum(), 1)) * weight)
    return displacement(plain[0], plain[1])


def _likeness(now: View, before: View, motion: Map) -> float:
    """Correlation, -1..1, of the background of two aligned frames."""
    height, width = now.grey[0].shape
    points = np.stack([each.ravel() + 0.5 for each in np.meshgrid(np.arange(width), np.arange(height))], 1)
    seen = sample(before.grey[0], move(at_scale(motion, now.factor), points))
    counts = np.isfinite(seen) & (now.weights[0].ravel() > 0)
    if counts.sum() < LEAST_CELLS:
        return 0.0
    one, other = now.grey[0].ravel()[counts], seen[counts]
    if min(one.std(), other.std()) < FLAT:
        return float(abs(one.mean() - other.mean()) < 10 * FLAT)
    return float(np.corrcoef(one, other)[0, 1])
