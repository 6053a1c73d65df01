"""Frames from image files."""

from collections.abc import Generator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from mobilevos.errors import InputError
from mobilevos.video.source import DEFAULT_FPS, FrameSource, beyond_end, width_x_height

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".ppm"})
IMAGE_ERRORS = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)
"""What Pillow raises for a file that is damaged, not an image, or absurdly large."""

_EXIF_ORIENTATION = 0x0112


class ImageFrames(FrameSource):
    """Image files as frames at 24 per second, in the order given; EXIF orientation is applied.

    The headers of all files are read at construction, so that a stray size shows before any work is done.

    Raises:
        InputError: no file; two files of one stem; a file that is no image; a size unlike the first one's.
    """

    def __init__(self, paths: list[Path], name: str) -> None:
        if not paths:
            raise InputError(f"{name} holds no frames; give a folder or pattern with JPEG, PNG or WebP images.")
        seen: dict[str, Path] = {}
        for path in paths:
            other = seen.setdefault(path.stem, path)
            if other is not path:
                raise InputError(
                    f"{other.name} and {path.name} would share their output names; keep one image a frame."
                )
        self._paths = paths
        self._indices = {path.stem: index for index, path in enumerate(paths)}
        self.name = name
        self.fps = DEFAULT_FPS
        self.frame_count = len(paths)
        self.size = _size(paths[0])
        for path in paths[1:]:
            self._check(path, _size(path))

    def forward(self, start: int = 0) -> Generator[np.ndarray]:
        self._check_index(start)
        return self._read(self._paths[start:])

    def backward(self, last: int) -> Generator[np.ndarray]:
        self._check_index(last)
        return self._read(self._paths[last::-1])

    def index_of(self, stem: str) -> int | None:
        return self._indices.get(stem)

    def _check_index(self, index: int) -> None:
        if index >= len(self._paths):
            raise beyond_end(self.name, index, len(self._paths))

    def _read(self, paths: list[Path]) -> Generator[np.ndarray]:
        for path in paths:
            try:
                with Image.open(path) as image:
                    frame = np.array(ImageOps.exif_transpose(image).convert("RGB"))
            except IMAGE_ERRORS as error:
                raise _unreadable(path) from error
            self._check(path, frame.shape[:2])
            yield frame

    def stem(self, index: int) -> str:
        return self._paths[index].stem

    def _check(self, path: Path, size: tuple[int, ...]) -> None:
        if size != self.size:
            raise InputError(
                f"{path.name} is {width_x_height(size)} but {self._paths[0].name} is "
                f"{width_x_height(self.size)}; all frames must be of one size."
            )


def _size(path: Path) -> tuple[int, int]:
    try:
        with Image.open(path) as image:
            width, height = image.size
            # The base class's getexif: PNG's own decodes the whole image, for EXIF data that may follow the pixels.
            quarter_turn = Image.Image.getexif(image).get(_EXIF_ORIENTATION, 1) >= 5
    except IMAGE_ERRORS as error:
        raise _unreadable(path) from error
    return (width, height) if quarter_turn else (height, width)


def _unreadable(path: Path) -> InputError:
    return InputError(f"{path} is not a readable image; replace or remove it.")
