"""Reading an image and its mask from disk."""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image as PillowImage

from mobilevos.data.types import IGNORE, Image, Labels, id_shares
from mobilevos.errors import InputError
from mobilevos.video.image_frames import IMAGE_ERRORS

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")

_MAX_GREY_ID = 64
_JPEG_START, _JPEG_SCAN, _JPEG_END = b"\xff\xd8", b"\xff\xda", b"\xff\xd9"
_REDUCED = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}


def files_by_stem(folder: Path, suffixes: tuple[str, ...] = IMAGE_SUFFIXES) -> dict[str, Path]:
    """The files in `folder` with one of the suffixes, by name without suffix, in sorted order.

    Hidden files are no data: macOS leaves `._00000.png` beside `00000.png`.
    """
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() in suffixes and not p.name.startswith("."))
    return {path.stem: path for path in files}


def read_image(path: Path, shrink: int = 1) -> Image:
    """Decode an image as (h, w, 3) uint8 RGB at 1/`shrink` (1, 2, 4 or 8) of its size.

    Raises:
        InputError: the file cannot be decoded or breaks off.
    """
    data = path.read_bytes() if path.is_file() else b""
    # OpenCV fills what is missing of a JPEG with grey and says nothing.
    if data.startswith(_JPEG_START) and data.rfind(_JPEG_END) < data.rfind(_JPEG_SCAN):
        raise InputError(f"{path} breaks off before the end of the image; replace or remove the file.")
    flags = _REDUCED[shrink] | cv2.IMREAD_IGNORE_ORIENTATION
    image = cv2.imdecode(np.frombuffer(data, np.uint8), flags) if data else None
    if image is None:
        raise InputError(f"{path} cannot be decoded as an image; replace or remove the file.")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB, dst=image)


def read_mask(path: Path) -> Labels:
    """Decode a mask as an (H, W) uint8 map of ids.

    Palette and greyscale files hold ids. A greyscale file with values between 64 and 255 is a binary mask with
    smooth edges: 255 from 128 up, else 0. In files with colours every pixel that is not black is object 1.

    Raises:
        InputError: the file cannot be decoded or has an id above 255.
    """
    try:
        with PillowImage.open(path) as file:
            mode = file.mode
            mask = np.array(file.convert("RGB") if mode in ("RGBA", "LA") else file)
    except IMAGE_ERRORS as error:
        raise InputError(f"{path} cannot be decoded as a mask; replace or remove the file.") from error
    if mask.ndim == 3:
        if (mask != mask[..., :1]).any():
            return np.any(mask, axis=2).view(np.uint8)
        mask = np.ascontiguousarray(mask[..., 0])
    if mask.dtype not in (np.uint8, np.bool_) and (mask.min() < 0 or mask.max() > 255):
        raise InputError(f"{path} has ids up to {mask.max()}, expected at most 255; number the objects from 1.")
    mask = mask.astype(np.uint8)
    if mode != "P" and cv2.countNonZero(cv2.inRange(mask, _MAX_GREY_ID + 1, IGNORE - 1)):
        return cv2.threshold(mask, 127, IGNORE, cv2.THRESH_BINARY)[1]
    return mask


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


def resolve_binary(*masks: Labels) -> list[int]:
    """Where 255 is the only value besides 0 it is a binary mask's object, not `IGNORE`: turn it into 1.

    Returns:
        The object ids in the masks of one image or clip after that, as `object_ids`.
    """
    ids = object_ids(*masks)
    if not ids:
        for mask in masks:
            np.minimum(mask, 1, out=mask)
        ids = object_ids(*masks)
    return ids
