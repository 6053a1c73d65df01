"""Masks of objects as image files; docs/masks.md says what each kind of file means."""

import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from mobilevos.errors import InputError
from mobilevos.video.files import atomic
from mobilevos.video.mask_file import WHITE, Drawing, read_drawing
from mobilevos.video.mask_ids import VOID, Colours, Look, id_tables, palettes_agree
from mobilevos.video.mask_size import fitted
from mobilevos.video.palette import PALETTE
from mobilevos.video.piped import is_piped, spooled

PNG_COMPRESSION = {"compress_type": zlib.Z_RLE}
"""For Pillow: flat areas, of which masks and cut-outs consist, are smallest as runs, and quickest."""


class MaskSet:
    """The masks of one run or clip, in which an id, a colour and 255 mean the same everywhere.

    All files are read at construction, to find out what they mean together, and each again when it is asked for.

    Args:
        paths: mask images.
        snap: give the blended pixels of anti-aliased or JPEG-compressed edges to the colours around them.
        full_paths: name files by them in messages, and not by their names alone.
        beside: masks of the same objects, whose colours keep their ids.
        keep: hold the images in memory instead of reading them again.

    Raises:
        InputError: no readable image, or values or colours that are not clearly objects.
    """

    def __init__(
        self,
        paths: Iterable[Path],
        *,
        snap: bool,
        full_paths: bool = False,
        beside: "MaskSet | None" = None,
        keep: bool = False,
    ) -> None:
        self._snap, self._full_paths, self._pictures = snap, full_paths, False
        self._kept: dict[Path, Drawing] = {}
        looks = self._look(paths := list(paths), keep)
        if not palettes_agree(looks.values()):
            self._pictures = True
            looks = self._look(paths, keep)
        self._looks = looks
        self._colours: Colours = Colours() if beside is None else beside._colours.copy()
        self._tables = dict(zip(looks, id_tables(list(looks.values()), self._colours), strict=True))

    def __contains__(self, path: Path) -> bool:
        return path in self._looks

    def __getitem__(self, path: Path) -> np.ndarray:
        """(H, W) uint8 label map of a mask: 0 is background, `VOID` unknown."""
        drawing = self._kept.get(path) or self._read(path)
        return self._tables[path].take(drawing.index, mode="clip")  # several times as fast as checking each index

    @property
    def binary(self) -> bool:
        """Whether all show one object, and none says its id: white on black."""
        looks = [look for look in self._looks.values() if look.values]
        return bool(looks) and all(look.values == {1 if look.kind == "bits" else WHITE} for look in looks)

    def objects(self, path: Path) -> list[int]:
        """Ids in a mask, in ascending order, without `VOID`."""
        return sorted(set(self._tables[path][self._looks[path].used].tolist()) - {0, VOID})

    def size(self, path: Path) -> tuple[int, int]:
        """(H, W) of a mask."""
        return self._looks[path].size

    def _look(self, paths: Iterable[Path], keep: bool) -> dict[Path, Look]:
        looks = {}
        for path in paths:
            drawing = self._read(path)
            looks[path] = Look.at(drawing)
            if keep:
                self._kept[path] = drawing
        return looks

    def _read(self, path: Path) -> Drawing:
        drawing = read_drawing(path, str(path) if self._full_paths else path.name, snap=self._snap)
        return drawing.as_picture(snap=self._snap) if self._pictures and drawing.kind == "palette" else drawing


def load_mask(path: str | Path, *, snap: bool = False) -> np.ndarray:
    """Read a mask image as object ids; docs/masks.md says what each kind of file means.

    >>> from mobilevos import sample
    >>> np.unique(load_mask(sample.mask_path())).tolist()
    [0, 1, 2]

    Args:
        path: image file.
        snap: give the blended pixels of anti-aliased or JPEG-compressed edges to the colours around them.

    Returns:
        (H, W) uint8 label map, 0 = background or void.

    Raises:
        InputError: no readable image, or values or colours that are not clearly objects.
    """
    file = spooled(Path(path)) if is_piped(Path(path)) else Path(path)
    return without_void(MaskSet([file], snap=snap, keep=True)[file])


def without_void(labels: np.ndarray) -> np.ndarray:
    """A label map whose unknown pixels are background."""
    return np.where(labels == VOID, 0, labels).astype(np.uint8)


def first_mask(mask: np.ndarray, size: tuple[int, int], name: str) -> np.ndarray:
    """A label map that can start a track, in the size of the frames (`mobilevos.video.mask_size.fitted`).

    Args:
        mask: (h, w) integer label map.
        size: (H, W) of the frames.
        name: of the mask, for messages.

    Raises:
        InputError: another shape than the frames', or no object.
    """
    mask = fitted(mask, size, name)
    if not mask.any():
        raise InputError(f"{name} is empty; mark at least one object with a value other than 0.")
    return mask


def save_palette_png(path: str | Path, labels: np.ndarray) -> None:
    """Write an (H, W) uint8 label map as a PNG with the DAVIS palette, complete or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    with atomic(Path(path)) as part:
        palette_image(labels).save(part, format="PNG", **PNG_COMPRESSION)


def palette_image(labels: np.ndarray) -> Image.Image:
    """An (H, W) uint8 label map as an image with the DAVIS palette."""
    image = Image.fromarray(np.ascontiguousarray(labels, np.uint8)).convert("L")
    image.putpalette(PALETTE.tobytes())
    return image
