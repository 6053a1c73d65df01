"""Label maps that wait for their turn on disk."""

import json
import tempfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from mobilevos.json_text import parse_json
from mobilevos.video.files import output_error
from mobilevos.video.sink import Seen


class LabelStack:
    """Last in, first out: (H, W) uint8 label maps and what is known of their objects, in a nameless file, some KB each.

    ::

        with LabelStack(folder, (H, W)) as stack:
            stack.push(labels, objects)
            labels, objects = stack.pop()

    Args:
        folder: on whose disk the file is to be.
        size: (H, W) of the label maps.

    Raises:
        OutputError: from any method: the file cannot be made or grow.
    """

    def __init__(self, folder: Path, size: tuple[int, int]) -> None:
        self._folder, self._size = folder, size
        self._ends = [0]
        try:
            # Unbuffered: what a full disk refused is not tried again at every later call.
            self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 (the with block closes it)
        except OSError as error:
            raise output_error(folder, error) from error

    def __len__(self) -> int:
        return len(self._ends) - 1

    def push(self, labels: np.ndarray, objects: Mapping[int, Seen]) -> None:
        """Put a label map on top."""
        data = zlib.compress(labels.tobytes() + json.dumps(objects).encode(), 1)
        end = self._ends[-1] + len(data)
        try:
            self._file.seek(self._ends[-1])
            while data:
                data = data[self._file.write(data) :]
        except OSError as error:
            raise output_error(self._folder, error) from error
        self._ends.append(end)

    def pop(self) -> tuple[np.ndarray, dict[int, Seen]]:
        """Take the label map on top away."""
        end, start = self._ends.pop(), self._ends[-1]
        self._file.seek(start)
        data = zlib.decompress(self._file.read(end - start))
        labels = np.frombuffer(data, np.uint8, count=self._size[0] * self._size[1]).reshape(self._size)
        return labels, {int(i): Seen(*known) for i, known in parse_json(data[labels.size :]).items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
