"""What a mask's image file shows, before anything is known of the other masks beside it."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from mobilevos.errors import InputError
from mobilevos.video.colours import PALETTE_TOLERANCE, indexed, is_soft, premultiplied, snapped
from mobilevos.video.film_image import film_values, is_film
from mobilevos.video.palette import DAVIS_IDS, PALETTE
from mobilevos.video.stills import is_lossy, read_upright

WHITE = 255
MAX_SMALL_ID = 64
"""Grey values up to this one are ids beyond doubt: drawn shades are brighter."""

_GREYS = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 4, axis=1)
_GREYS[:, 3] = 255
_WHITES = (1023, 4095, 16383, 65535, 65280)  # of 10, 12, 14 and 16 bits, and of 8 bits moved up by 8
_NEARLY_WHITE = 224
_FEW_COLOURS = 4

Kind = Literal["bits", "palette", "greys", "colours"]


@dataclass(frozen=True)
class Drawing:
    """A mask's pixels.

    Attributes:
        name: of the file, for messages.
        kind: what ``index`` holds: ``bits`` (0 or 1), ids that are indices of a ``palette``, ``greys`` that are ids
            or shades, or no more than indices of ``colours``.
        index: (H, W) integers.
        colours: (N, 4) uint8 RGBA, premultiplied, by index.
        soft: whether soft edges were snapped or fractions rounded, so that the colours are not exact.
    """

    name: str
    kind: Kind
    index: np.ndarray
    colours: np.ndarray
    soft: bool = False

    @cached_property
    def used(self) -> np.ndarray:
        """(M,) indices that occur."""
        if self.index.dtype == np.uint8:  # Pillow counts bytes several times as fast
            return np.flatnonzero(Image.fromarray(self.index).histogram())
        return np.flatnonzero(np.bincount(self.index.ravel(), minlength=len(self.colours)))

    def first_seen(self) -> np.ndarray:
        """(M,) indices that occur, by their first pixel in reading order."""
        first = np.full(len(self.colours), self.index.size)
        first[self.index.ravel()[::-1]] = np.arange(self.index.size)[::-1]
        return self.used[np.argsort(first[self.used])]

    def as_picture(self, *, snap: bool) -> "Drawing":
        """The same as its colours show it, whatever their indices are.

        Raises:
            InputError: soft edges without ``snap``.
        """
        return _picture(self.colours[self.index], self.name, snap=snap)


def read_drawing(path: Path, name: str, *, snap: bool) -> Drawing:
    """Read a mask's file, upright.

    Args:
        path: image file.
        name: what messages call it.
        snap: give the blended pixels of soft edges to the colours around them instead of refusing the image.

    Raises:
        InputError: no readable image, soft edges without ``snap``, or values that mean neither ids nor shades.
    """
    if not path.exists():
        raise InputError(f"{path} does not exist; give an image of the objects.")
    if is_film(path):
        return _of_film(film_values(path), name, snap=snap)
    image = read_upright(path)
    if image.mode == "P":
        return _of_palette(image, name, snap=snap)
    if image.mode == "1":
        return Drawing(name, "bits", np.asarray(image).astype(np.uint8), _GREYS)
    if image.mode == "L" and "transparency" not in image.info:
        return _greys(np.array(image), name, snap=snap, lossy=is_lossy(path))
    if image.mode.startswith(("I", "F")):
        return _deep(np.array(image), name, snap=snap)
    return _picture(premultiplied(np.array(image.convert("RGBA"))), name, snap=snap, lossy=is_lossy(path))


def _of_film(values: np.ndarray, name: str, *, snap: bool) -> Drawing:
    if values.ndim == 3 and (values == values[..., :1]).all():
        values = values[..., 0]
    if values.ndim == 2:
        return _deep(values, name, snap=snap)
    if values.dtype.kind == "f":
        values = np.rint(WHITE * np.nan_to_num(values).clip(0, 1)).astype(np.uint8)
    return _picture(np.dstack([values, np.full_like(values[..., 0], WHITE)]), name, snap=snap)


def _of_palette(image: Image.Image, name: str, *, snap: bool) -> Drawing:
    index, colours = np.array(image), _palette_of(image)
    drawing = Drawing(name, "palette", index, colours)
    used = drawing.used
    if not _zero_is_ground(used, colours) or (_is_own_palette(used, colours) and is_soft(index, colours)):
        return drawing.as_picture(snap=snap)
    return drawing


def _palette_of(image: Image.Image) -> np.ndarray:
    """(256, 4) uint8 RGBA, premultiplied."""
    colours = np.zeros((256, 4), np.uint8)
    stored = np.array(image.getpalette("RGBA") or [], np.uint8).reshape(-1, 4)
    colours[: len(stored)] = stored
    colours[len(stored) :, 3] = 255
    transparency = image.info.get("transparency")
    if isinstance(transparency, bytes):
        colours[: len(transparency), 3] = np.frombuffer(transparency[:256], np.uint8)
    elif isinstance(transparency, int):
        colours[transparency, 3] = 0
    return premultiplied(colours)


def _zero_is_ground(used: np.ndarray, colours: np.ndarray) -> bool:
    """Whether index 0 is what is black or transparent, or nothing is."""
    ground = (colours[:, 3] < WHITE // 2) | (colours[:, :3].max(axis=1) < PALETTE_TOLERANCE)
    others = used[used > 0]
    if ground[0]:
        return not (colours[others, 3] < WHITE // 2).any()
    return not ground[others].any()


def _is_own_palette(used: np.ndarray, colours: np.ndarray) -> bool:
    """Whether a palette of many colours was made for this image, perhaps one with soft edges."""
    used = used[used < WHITE]  # that is void, whatever its colour
    return len(used) > _FEW_COLOURS and not (
        used.max() < DAVIS_IDS and bool((colours[used, :3] == PALETTE[used]).all())
    )


def _deep(values: np.ndarray, name: str, *, snap: bool) -> Drawing:
    """Whole numbers are ids up to 255; or shades, if the largest is the white of some depth. So are fractions."""
    least, most = float(values.min()), float(values.max())
    if not np.isfinite(values).all() or least < 0:
        raise InputError(f"{name} has values that are negative or no numbers; save the mask with 8 bits a channel.")
    whole = bool((values == np.rint(values)).all())
    fractions = not whole and most <= 1
    if fractions or (whole and most in _WHITES):
        values = values * (WHITE / most)
    elif most > WHITE:
        raise InputError(
            f"{name} has values up to {most:g}; number the objects from 1 to 254, or save the mask with 8 bits."
        )
    drawing = _greys(np.rint(values).astype(np.uint8), name, snap=snap)
    if fractions and drawing.used[0]:  # as of probabilities, which are nowhere 0
        raise InputError(
            f"{name} has fractions from {least:.2g} to {most:.2g} and no background; make what is no object 0."
        )
    return replace(drawing, soft=drawing.soft or fractions)


def _greys(values: np.ndarray, name: str, *, snap: bool, lossy: bool = False) -> Drawing:
    scattered = lossy and values.max() > WHITE - PALETTE_TOLERANCE
    if scattered:
        values[values < PALETTE_TOLERANCE] = 0
        values[values > WHITE - PALETTE_TOLERANCE] = WHITE
    drawing = Drawing(name, "greys", values, _GREYS)
    used = drawing.used
    if scattered:
        soft = len(used) > 2
    else:
        soft = bool(((used > MAX_SMALL_ID) & (used < WHITE)).any()) and is_soft(values, _GREYS)
    if not soft:
        return drawing
    labels, main = _snapped(drawing, len(used), snap=snap, lossy=lossy)
    shades = main[:, 0]
    shades[shades < PALETTE_TOLERANCE], shades[shades >= _NEARLY_WHITE] = 0, WHITE
    return Drawing(name, "greys", shades[labels], _GREYS, soft=True)


def _picture(rgba: np.ndarray, name: str, *, snap: bool, lossy: bool = False) -> Drawing:
    """Of (H, W, 4) uint8 premultiplied colours."""
    if rgba[..., 3].min() == WHITE and (rgba[..., :3] == rgba[..., :1]).all():
        return _greys(rgba[..., 0], name, snap=snap, lossy=lossy)
    index, colours = indexed(rgba)
    drawing = Drawing(name, "colours", index, colours)
    if not is_soft(index, colours, lossy=lossy):
        return drawing
    return Drawing(name, "colours", *_snapped(drawing, len(colours), snap=snap, lossy=lossy), soft=True)


def _snapped(drawing: Drawing, count: int, *, snap: bool, lossy: bool) -> tuple[np.ndarray, np.ndarray]:
    if not snap:
        raise InputError(
            f"{drawing.name} has {count} colours and looks anti-aliased; pass --snap to snap them to the dominant ones."
        )
    return snapped(drawing.index, drawing.colours, drawing.name, lossy=lossy)
