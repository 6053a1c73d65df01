"""Frames from image files that hold several: animated WebP, which FFmpeg does not decode, and stacks in TIFF."""

from collections.abc import Generator, Iterable
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

from mobilevos.errors import InputError
from mobilevos.video.playback import Playback
from mobilevos.video.source import DEFAULT_FPS, FrameSource, beyond_end, number_in, width_x_height
from mobilevos.video.stills import IMAGE_ERRORS, Levels, is_deep, pixels, unreadable


class PagedImage(FrameSource):
    """The pages of an image file, without transparency, at its own times or at 24 a second.

    More than 8 bits are read as those of image sequences are: the levels are those of all pages.

    Raises:
        InputError: it is damaged, also from iterating; or its pages differ in size.
    """

    frame_count: int

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = path.stem
        seconds: list[float] = []
        with self._opened() as image:
            self.frame_count = self._count(image)
            for index in range(self.frame_count):
                size = self._page(image, index).shape[:2]
                if index == 0:
                    self.size = size
                if size != self.size:
                    raise InputError(
                        f"page {index} of {path} is {width_x_height(size)} but the first one is "
                        f"{width_x_height(self.size)}; all pages must be of one size."
                    )
                seconds.append(float(image.info.get("duration") or 0) / 1000)
            self._levels = Levels.of_values(
                self._page(image, index) for index in range(self.frame_count if is_deep(image) else 0)
            )
        total = Fraction(sum(seconds)).limit_denominator(1000)
        self.fps = Fraction(len(seconds)) / total if total else DEFAULT_FPS
        self.playback: Playback = Playback(path, self.fps)
        for index in range(len(seconds)):
            self.playback.times.saw(index, sum(seconds[:index]) if all(seconds) else None)

    def forward(self, start: int = 0) -> Generator[np.ndarray]:
        self._check_index(start)
        return self._read(range(start, self.frame_count))

    def backward(self, last: int) -> Generator[np.ndarray]:
        self._check_index(last)
        return self._read(range(last, -1, -1))

    def stem(self, index: int) -> str:
        return f"{index:05d}"

    def index_of(self, stem: str) -> int | None:
        return number_in(stem)

    def _check_index(self, index: int) -> None:
        if index >= self.frame_count:
            raise beyond_end(str(self._path), index, self.frame_count)

    def _read(self, indices: Iterable[int]) -> Generator[np.ndarray]:
        with self._opened() as image:
            for index in indices:
                page = self._page(image, index)
                yield page if self._levels is None or page.ndim == 3 else self._levels.to_rgb(page)

    def _opened(self) -> Image.Image:
        try:
            return Image.open(self._path)
        except IMAGE_ERRORS as error:
            raise unreadable(self._path) from error

    def _count(self, image: Image.Image) -> int:
        try:
            return getattr(image, "n_frames", 1)
        except IMAGE_ERRORS as error:
            raise unreadable(self._path) from error

    def _page(self, image: Image.Image, index: int) -> np.ndarray:
        try:
            image.seek(index)
            return pixels(image)
        except IMAGE_ERRORS as error:
            raise unreadable(self._path) from error
