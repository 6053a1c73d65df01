"""Frames from animated WebP, which FFmpeg does not decode."""

from collections.abc import Generator, Iterable
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

from mobilevos.errors import InputError
from mobilevos.video.playback import Playback
from mobilevos.video.source import DEFAULT_FPS, FrameSource, beyond_end
from mobilevos.video.stills import IMAGE_ERRORS


class AnimatedWebP(FrameSource):
    """The frames of an animated WebP image, without its transparency, at its own times.

    Raises:
        InputError: it is damaged; also from iterating.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = path.stem
        seconds: list[float] = []
        with self._opened() as image:
            self.size = (image.height, image.width)
            for index in range(getattr(image, "n_frames", 1)):
                self._decoded(image, index)
                seconds.append(float(image.info.get("duration") or 0) / 1000)
        self.frame_count: int = len(seconds)
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
        return int(stem) if stem.isdecimal() else None

    def _check_index(self, index: int) -> None:
        if index >= self.frame_count:
            raise beyond_end(str(self._path), index, self.frame_count)

    def _read(self, indices: Iterable[int]) -> Generator[np.ndarray]:
        with self._opened() as image:
            for index in indices:
                yield self._decoded(image, index)

    def _opened(self) -> Image.Image:
        try:
            return Image.open(self._path)
        except IMAGE_ERRORS as error:
            raise self._unreadable() from error

    def _decoded(self, image: Image.Image, index: int) -> np.ndarray:
        try:
            image.seek(index)
            return np.array(image.convert("RGB"))
        except (*IMAGE_ERRORS, EOFError) as error:
            raise self._unreadable() from error

    def _unreadable(self) -> InputError:
        return InputError(f"{self._path} is not a readable image; replace or remove it.")
