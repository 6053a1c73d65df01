"""Frames from image files."""

from collections.abc import Generator
from os.path import commonpath
from pathlib import Path

import numpy as np

from mobilevos.errors import InputError
from mobilevos.video.film_image import is_density
from mobilevos.video.source import DEFAULT_FPS, FrameSource, beyond_end, width_x_height
from mobilevos.video.stills import Levels, have_decimals, read_rgb, upright_size


class ImageFrames(FrameSource):
    """Image files as frames at 24 per second, in the order given; EXIF orientation is applied.

    The headers of all files are read at construction, so that a stray size shows before any work is done; images of
    more than 8 bits are read whole, as the largest value decides what is white.

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
        self._folder = Path(commonpath([path.parent for path in paths]))
        self.name = name
        self.fps = DEFAULT_FPS
        self.frame_count = len(paths)
        self.decimals = have_decimals(paths)
        self.size = upright_size(paths[0])
        for path in paths[1:]:
            self._check(path, upright_size(path))
        self._levels = Levels.of(paths)

    @property
    def warning(self) -> str | None:
        """One sentence on how the colours were taken, where that is not certain."""
        if not is_density(self._paths[0]):
            return None
        return f"{self._paths[0].name} says that it holds density; the frames were shown along Cineon's curve."

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
            frame = read_rgb(path, self._levels)
            self._check(path, frame.shape[:2])
            yield frame

    def stem(self, index: int) -> str:
        return self._paths[index].stem

    def file_name(self, index: int) -> str:
        return self._paths[index].relative_to(self._folder).as_posix()

    def _check(self, path: Path, size: tuple[int, ...]) -> None:
        if size != self.size:
            raise InputError(
                f"{path.name} is {width_x_height(size)} but {self._paths[0].name} is "
                f"{width_x_height(self.size)}; all frames must be of one size."
            )
