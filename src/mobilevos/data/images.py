"""Reading an image and its mask from disk."""

import io
from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from mobilevos.data.types import IGNORE, Image, Labels, id_shares
from mobilevos.errors import InputError
from mobilevos.video.film_image import is_film
from mobilevos.video.mask_size import announce_scaling, fitted
from mobilevos.video.masks import MaskSet
from mobilevos.video.stills import (
    IMAGE_ERRORS,
    IMAGE_SUFFIXES,
    Levels,
    in_order,
    is_deep,
    is_image,
    orientation,
    read_rgb,
    turned_by_pillow,
    unreadable,
    upright_size,
)

_ITS_IMAGE = "its image is"
_JPEG_START, _JPEG_SCAN, _JPEG_END = b"\xff\xd8", b"\xff\xda", b"\xff\xd9"
_REDUCED = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}
_TURNS: dict[int, Callable[[Image], Image]] = {
    2: np.fliplr,
    3: lambda image: np.rot90(image, 2),
    4: np.flipud,
    5: lambda image: image.transpose(1, 0, 2),
    6: lambda image: np.rot90(image, -1),
    7: lambda image: np.rot90(image.transpose(1, 0, 2), 2),
    8: np.rot90,
}
"""What makes an image of each EXIF orientation upright."""


def files_by_stem(folder: Path, suffixes: Iterable[str] = IMAGE_SUFFIXES) -> dict[str, Path]:
    """The files in `folder` with one of the suffixes, by name without suffix, in order of their numbers."""
    return {path.stem: path for path in in_order(p for p in folder.iterdir() if is_image(p, suffixes))}


def read_image(path: Path, shrink: int = 1, levels: Levels | None = None) -> Image:
    """Decode an image, upright, as (h, w, 3) uint8 RGB at 1/`shrink` (1, 2, 4 or 8) of its size.

    Args:
        path: image file.
        shrink: see above.
        levels: of the clip, if it has more than 8 bits; those of the image itself if not given.

    Raises:
        InputError: the file cannot be decoded or breaks off.
    """
    if is_film(path):
        return _smaller(read_rgb(path), shrink)
    data = path.read_bytes() if path.is_file() else b""
    # OpenCV fills what is missing of a JPEG with grey and says nothing.
    if data.startswith(_JPEG_START) and data.rfind(_JPEG_END) < data.rfind(_JPEG_SCAN):
        raise InputError(f"{path} breaks off before the end of the image; replace or remove the file.")
    try:
        with PillowImage.open(io.BytesIO(data)) as header:
            plain = not is_deep(header) and not turned_by_pillow(header) and header.mode != "LAB"
            turn = orientation(header)
    except IMAGE_ERRORS as error:
        raise unreadable(path) from error
    if not plain:
        return _smaller(read_rgb(path, levels), shrink)
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), _REDUCED[shrink] | cv2.IMREAD_IGNORE_ORIENTATION)
    if decoded is None:  # a kind that OpenCV does not know, such as TGA
        return _smaller(read_rgb(path), shrink)
    image = cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB, dst=decoded)
    return np.ascontiguousarray(_TURNS[turn](image)) if turn in _TURNS else image


def read_masks(paths: Iterable[Path]) -> list[Labels]:
    """Decode the masks of one image or clip, upright, as (H, W) uint8 maps of ids; 0 background, 255 unknown.

    They mean what docs/masks.md says, as everywhere; soft edges are snapped.

    Raises:
        InputError: a file cannot be decoded or does not show objects.
    """
    masks = MaskSet(paths := list(paths), snap=True, full_paths=True, keep=True)
    return [masks[path] for path in paths]


def read_pair(image_path: Path, mask_path: Path) -> tuple[Image, Labels]:
    """Decode an image, (h, w, 3), and its mask, (h, w).

    Raises:
        InputError: a file cannot be decoded, or their shapes differ.
    """
    image, (mask,) = read_image(image_path), read_masks([mask_path])
    return image, fitted(mask, image.shape[:2], str(mask_path), _ITS_IMAGE, one_of=f"A mask in {mask_path.parent}")


def onto_mask(image: Image, image_path: Path, mask: Labels, mask_path: Path, shrink: int) -> NDArray[np.float64]:
    """(3, 3) matrix from pixels (x, y) of an image that was shrunk to those of its mask.

    Raises:
        InputError: their shapes differ.
    """
    (h, w), (mask_h, mask_w) = image.shape[:2], mask.shape
    if abs(h * shrink - mask_h) < shrink and abs(w * shrink - mask_w) < shrink:
        return np.diag([float(shrink), shrink, 1])
    height, width = upright_size(image_path)
    one_of = f"A mask in {mask_path.parent}"
    announce_scaling(mask.shape, (height, width), str(mask_path), _ITS_IMAGE, one_of)
    return np.diag([shrink * mask_w / width, shrink * mask_h / height, 1])


def object_ids(*masks: Labels) -> list[int]:
    """The object ids that occur in the masks of one image or clip, without 0 and 255."""
    seen = np.any([id_shares(mask) > 0 for mask in masks], axis=0)
    seen[[0, IGNORE]] = False
    return np.flatnonzero(seen).tolist()


def _smaller(image: Image, shrink: int) -> Image:
    size = image.shape[1] // shrink, image.shape[0] // shrink
    return image if shrink == 1 else cv2.resize(image, size, interpolation=cv2.INTER_AREA)
