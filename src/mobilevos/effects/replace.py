"""Objects before another background: a colour, an image or a video."""

from collections.abc import Iterable, Iterator
from itertools import repeat
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL import ImageColor, ImageOps

from mobilevos.effects.blending import foreground, over
from mobilevos.effects.effect import Image, Immediate, Soft
from mobilevos.effects.matte import matte
from mobilevos.errors import InputError
from mobilevos.video.reader import located, open_frames
from mobilevos.video.stills import IMAGE_SUFFIXES, read_rgb


class Replace(Immediate):
    """Lays the objects over other pictures, which are scaled and cut to fill the frame.

    Args:
        backgrounds: (h, w, 3) uint8 RGB, one for each frame; the last one stays.
    """

    def __init__(self, backgrounds: Iterable[Image]) -> None:
        self._backgrounds = iter(backgrounds)
        self._given: Image | None = None
        self._fitted: Image

    def __call__(self, frame: Image, soft: Soft) -> Image:
        """See `Effect`; RGB."""
        given = next(self._backgrounds, self._given)
        if given is None:
            raise InputError("There is no background; give at least one picture.")
        if given is not self._given:
            self._given, size = given, (frame.shape[1], frame.shape[0])
            self._fitted = np.asarray(ImageOps.fit(Pillow.fromarray(given), size, Pillow.Resampling.BILINEAR))
        alpha = matte(frame, soft)
        return over(foreground(frame, alpha), alpha, self._fitted)


def colour(name: str) -> Iterator[Image]:
    """A plain background of a colour as in CSS: ``green``, ``#00b140``, ``rgb(0, 177, 64)``.

    Raises:
        InputError: no such colour.
    """
    try:
        rgb = ImageColor.getrgb(name)[:3]
    except ValueError as error:
        raise InputError(f"There is no colour {name!r}; give a name such as green, or #00b140.") from error
    return repeat(np.full((1, 1, 3), rgb, np.uint8))


def pictures(path: str | Path) -> Iterator[Image]:
    """Backgrounds from an image, or from a video or folder of frames, which begins again when it ends.

    Raises:
        InputError: neither an image nor a video.
    """
    path = located(path)
    if path.suffix.lower() not in IMAGE_SUFFIXES or not path.is_file():
        return _looped(open_frames(path))
    return repeat(read_rgb(path))


def _looped(frames: Iterable[Image]) -> Iterator[Image]:
    while True:
        yield from frames
