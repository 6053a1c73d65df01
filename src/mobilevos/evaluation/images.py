"""Frames and label maps of evaluation data sets.

Unlike `mobilevos.video.masks`, which guesses what a user's drawing means, values are taken as they are: an id
must mean the same in every frame, and 255 may be void.
"""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from ..errors import InputError

Frame = NDArray[np.uint8]
Labels = NDArray[np.uint8]

FRAME_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
MASK_SUFFIXES = frozenset({".png"})


def list_images(folder: Path, suffixes: frozenset[str]) -> list[Path]:
    """Image files of a folder in frame order: numbers in names count as numbers, 2 before 10."""
    files = [path for path in folder.iterdir() if path.suffix.lower() in suffixes and path.name[0] != "."]
    # Splitting at numbers leaves text at even and digits at odd places, so that like compares with like.
    return sorted(
        files,
        key=lambda path: [int(part) if odd % 2 else part for odd, part in enumerate(re.split(r"(\d+)", path.stem))],
    )


def subfolders(folder: Path) -> list[Path]:
    """Folders in a folder, by name, without hidden ones."""
    return sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] != ".")


def read_frame(path: Path) -> Frame:
    """Read an image as (H, W, 3) uint8 RGB.

    Raises:
        InputError: the file cannot be read as an image.
    """
    return np.asarray(_open(path).convert("RGB"))


def read_labels(path: Path) -> Labels:
    """Read a mask as (H, W) uint8 label map: palette indices, grey values, or 0 and 1 of a bilevel image.

    Raises:
        InputError: the file cannot be read, is coloured without a palette, or holds ids above 255.
    """
    image = _open(path)
    values = np.asarray(image)
    if values.ndim == 3:  # some DAVIS-2016 masks are grey pictures stored as RGB or RGBA
        colours = values[..., : len(image.getbands()) - image.mode.endswith("A")]
        if (colours != colours[..., :1]).any():
            raise InputError(f"{path} is a colour image; save masks as palette or grey PNG with the object ids.")
        values = colours[..., 0]
    if values.max(initial=0) > 255:
        raise InputError(f"{path} holds the object id {values.max()}; ids go from 1 to 255.")
    return values.astype(np.uint8)


def _open(path: Path) -> Image.Image:
    try:
        image = Image.open(path)
        image.load()
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist.") from error
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise InputError(f"{path} cannot be read as an image.") from error
    return image
