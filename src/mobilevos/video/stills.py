"""Image files: which they are, their order, and their pixels as a person sees them."""

import re
import struct
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Self, TypeVar

import numpy as np
from PIL import Image, ImageOps

from mobilevos.errors import InputError
from mobilevos.video.film_image import FILM_SUFFIXES, film_size, is_film, read_film

_PPM = (".ppm", ".pgm", ".pbm", ".pnm")
_OTHERS = (".webp", ".bmp", ".tif", ".tiff", ".tga", ".jp2", ".gif")
MASK_SUFFIXES = frozenset({".jpg", ".jpeg", ".jfif", ".png", *_OTHERS, *_PPM, *FILM_SUFFIXES})
IMAGE_SUFFIXES = MASK_SUFFIXES - {".gif"}
"""Of frames."""
IMAGE_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    TypeError,
    KeyError,
    EOFError,
    struct.error,
    Image.DecompressionBombError,
)
"""What Pillow raises for a file that is damaged, not an image, or absurdly large."""

_EXIF_ORIENTATION = 0x0112
_DECIMAL = r"(?<![\d.])\d+\.\d+(?![\d.])"
T = TypeVar("T")


def is_image(path: Path, suffixes: Iterable[str] = IMAGE_SUFFIXES) -> bool:
    """By its name; hidden files are none, as macOS leaves ``._00000.png`` beside ``00000.png``."""
    return path.suffix.lower() in suffixes and not path.name.startswith(".")


def in_order(paths: Iterable[Path]) -> list[Path]:
    """Files in order of the numbers in their names: 2 before 10, and 0.25 before 0.5.

    A point between two numbers is a decimal point unless that would make two names equal (1.1 and 1.10), or what
    follows it counts on by itself after the same number (take 1.9, take 1.10).
    """
    files = sorted(paths)
    number = rf"({_DECIMAL}|\d+)" if have_decimals(files) else r"(\d+)"
    return sorted(files, key=lambda path: (_key(str(path.parent), r"(\d+)"), _key(path.stem, number)))


def have_decimals(files: list[Path]) -> bool:
    """Whether the numbers in some files' names are decimal fractions; see `in_order`."""
    last = {found[-1] for path in files if (found := re.findall(_DECIMAL, path.stem))}
    if not last or len({Fraction(number) for number in last}) < len(last):
        return False
    wholes, parts = {number.split(".")[0] for number in last}, sorted(int(number.split(".")[1]) for number in last)
    count_on = len(wholes) == 1 and len(parts) > 1 and parts == list(range(parts[0], parts[0] + len(parts)))
    return not count_on


def _key(name: str, number: str) -> tuple[str | int | Fraction, ...]:
    """Text at even places and numbers at odd ones, so that like compares with like."""
    parts = re.split(number, name.lower())
    return tuple((Fraction(part) if "." in part else int(part)) if odd % 2 else part for odd, part in enumerate(parts))


@dataclass(frozen=True)
class Levels:
    """Which values of images with more than 8 bits are black and white; the same for all frames of a sequence.

    Whole numbers are 8, 9, 10 ... bits deep, as the largest one needs; fractions go from 0 to 1, or to the largest one.
    Where there are negative numbers the range is that of the values.
    """

    black: float
    white: float

    @classmethod
    def of(cls, paths: Iterable[Path]) -> Self | None:
        """Of the images with more than 8 bits among some files; None if there is none.

        Raises:
            InputError: a file that is no image.
        """
        return cls.of_values(map(deep_values, paths))

    @classmethod
    def of_values(cls, images: Iterable[np.ndarray | None]) -> Self | None:
        """Of the grey values, of any shape, of images with more than 8 bits; None stands for others."""
        low, high, fractions, found = 0.0, 0.0, False, False
        for values in images:
            if values is not None:
                low, high = min(low, float(values.min())), max(high, float(values.max()))
                fractions |= bool((values != np.rint(values)).any())
                found = True
        if not found:
            return None
        if low < 0:
            return cls(low, high)
        if fractions:
            return cls(0, max(1, high))
        return cls(0, 2 ** max(8, int(high).bit_length()) - 1)

    def to_rgb(self, values: np.ndarray) -> np.ndarray:
        """(H, W) grey values -> (H, W, 3) uint8 RGB."""
        share = (values.astype(np.float64) - self.black) / (self.white - self.black)
        return np.repeat(np.rint(255 * share.clip(0, 1)).astype(np.uint8)[..., None], 3, axis=2)


def deep_values(path: Path) -> np.ndarray | None:
    """(H, W) upright grey values of an image with more than 8 bits, NaN as 0; None for others, which are not decoded.

    Raises:
        InputError: no image.
    """
    return None if is_film(path) else _opened(path, lambda image: pixels(image) if is_deep(image) else None)


def read_upright(path: Path) -> Image.Image:
    """Decode an image as it is stored, but turned as its EXIF orientation says.

    Raises:
        InputError: no image.
    """
    return _opened(path, _upright)


def read_rgb(path: Path, levels: Levels | None = None) -> np.ndarray:
    """Decode an image as (H, W, 3) uint8 RGB, upright.

    Args:
        path: image file.
        levels: of the sequence, if it has more than 8 bits; those of the image itself if not given.

    Raises:
        InputError: no image.
    """
    values = read_film(path) if is_film(path) else _opened(path, pixels)
    if values.ndim == 3:
        return values
    levels = levels or Levels.of_values([values])
    assert levels is not None
    return levels.to_rgb(values)


def upright_size(path: Path) -> tuple[int, int]:
    """(H, W) of an image as `read_rgb` gives it; only the header is read.

    Raises:
        InputError: no image.
    """
    return film_size(path) if is_film(path) else _opened(path, _upright_size)


def pixels(image: Image.Image) -> np.ndarray:
    """An opened image, upright: (H, W, 3) uint8 RGB, or (H, W) grey values of more than 8 bits, NaN as 0."""
    if is_deep(image):
        return np.nan_to_num(np.array(_upright(image)), posinf=0, neginf=0)
    return np.array(_upright(image).convert("RGB"))


def orientation(image: Image.Image) -> int:
    """EXIF orientation, 1 (upright) to 8, of an opened image, which is not decoded."""
    # The base class's getexif: PNG's own decodes the whole image, for EXIF data that may follow the pixels.
    return int(Image.Image.getexif(image).get(_EXIF_ORIENTATION, 1))


def turned_by_pillow(image: Image.Image) -> bool:
    """Whether decoding makes an image upright; what opening it tells of its size depends on Pillow's version."""
    return image.format == "TIFF" and orientation(image) > 1


def is_lossy(path: Path) -> bool:
    """Whether a file's compression scatters colours: JPEG, and WebP but for its lossless kind; False for no file."""
    with suppress(OSError), path.open("rb") as file:
        head = file.read(12)
        return head.startswith(b"\xff\xd8") or (head[8:] == b"WEBP" and b"VP8 " in file.read())
    return False


def is_deep(image: Image.Image) -> bool:
    """More than 8 bits a channel."""
    return image.mode.startswith(("I", "F"))


def unreadable(path: Path) -> InputError:
    """For a file that should be an image."""
    if not path.exists():
        return InputError(f"{path} does not exist.")
    return InputError(f"{path} is not a readable image; replace or remove it.")


def _upright_size(image: Image.Image) -> tuple[int, int]:
    if turned_by_pillow(image):
        image = _upright(image)
    width, height = image.size
    return (width, height) if orientation(image) >= 5 else (height, width)


def _upright(image: Image.Image) -> Image.Image:
    image.load()
    return ImageOps.exif_transpose(image)


def _opened(path: Path, use: Callable[[Image.Image], T]) -> T:
    try:
        # By its path, Pillow would map a turned TIFF into memory with its sides swapped.
        with path.open("rb") as file, Image.open(file) as image:
            return use(image)
    except IMAGE_ERRORS as error:
        raise unreadable(path) from error
