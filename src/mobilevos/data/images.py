"""Reading an image and its mask from disk."""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image as PillowImage

from mobilevos.data.types import IGNORE, Image, Labels, id_shares
from mobilevos.errors import InputError

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")

_REDUCED = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}


def files_by_stem(folder: Path, suffixes: tuple[str, ...] = IMAGE_SUFFIXES) -> dict[str, Path]:
    """The files in `folder` with one of the suffixes, by name without suffix, in sorted order."""
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in suffixes)
    return {path.stem: path for path in files}


def read_image(path: Path, shrink: int = 1) -> Image:
    """Decode an image as (h, w, 3) uint8 RGB at 1/`shrink` (1, 2, 4 or 8) of its size.

    Raises:
        InputError: the file cannot be decoded.
    """
    image = cv2.imread(str(path), _REDUCED[shrink] | cv2.IMREAD_IGNORE_ORIENTATION)
    if image is None:
        raise InputError(f"{path} cannot be decoded as an image; replace or remove the file.")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB, dst=image)


def read_mask(path: Path) -> Labels:
    """Decode a mask as an (H, W) uint8 map of ids.

    Palette and greyscale files hold ids; in files with colour channels every pixel that is not black is
    object 1.

    Raises:
        InputError: the file cannot be decoded or has more than 8 bits.
    """
    try:
        with PillowImage.open(path) as file:
            mask = np.array(file.convert("RGB") if file.mode == "RGBA" else file)
    except (OSError, SyntaxError) as error:
        raise InputError(f"{path} cannot be decoded as a mask; replace or remove the file.") from error
    if mask.ndim == 3:
        return np.any(mask, axis=2).view(np.uint8)
    if mask.dtype not in (np.uint8, np.bool_):
        raise InputError(f"{path} has {mask.dtype} pixels, expected 8 bits; save it as a palette PNG of ids.")
    return mask.astype(np.uint8)


def read_pair(image_path: Path, mask_path: Path) -> tuple[Image, Labels]:
    """Decode an image, (h, w, 3), and its mask, (h, w).

    Raises:
        InputError: a file cannot be decoded, or their sizes differ.
    """
    image, mask = read_image(image_path), read_mask(mask_path)
    check_sizes(image, image_path, mask, mask_path)
    return image, mask


def check_sizes(image: Image, image_path: Path, mask: Labels, mask_path: Path, shrink: int = 1) -> None:
    """Raise InputError unless `mask` has the size that `image` had before it was shrunk."""
    (h, w), (mask_h, mask_w) = image.shape[:2], mask.shape
    if abs(h * shrink - mask_h) >= shrink or abs(w * shrink - mask_w) >= shrink:
        raise InputError(
            f"{image_path} is {w * shrink} x {h * shrink} but its mask {mask_path} is {mask_w} x {mask_h}; "
            "both must have the same size."
        )


def object_ids(*masks: Labels) -> list[int]:
    """The object ids that occur in the masks of one image or clip, without 0 and 255."""
    seen = np.any([id_shares(mask) > 0 for mask in masks], axis=0)
    seen[[0, IGNORE]] = False
    return np.flatnonzero(seen).tolist()


def resolve_binary(*masks: Labels) -> None:
    """Where 255 is the only value besides 0 it is a binary mask's object, not `IGNORE`: turn it into 1."""
    if not object_ids(*masks):
        for mask in masks:
            np.minimum(mask, 1, out=mask)
