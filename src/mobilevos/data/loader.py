"""Batches of clips as PyTorch tensors, made by worker processes."""

from collections.abc import Iterator
from itertools import count
from typing import Protocol, TypedDict

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from mobilevos.data.types import Clip
from mobilevos.errors import InputError


class Source(Protocol):
    """Clips by number, such as a ``ClipMix``."""

    def draw(self, index: int) -> Clip:
        """Clip number ``index``."""
        ...


class Batch(TypedDict):
    """B clips.

    frames: (B, T, 3, S, S) uint8 RGB. labels: (B, T, S, S) uint8; 0 background, 1..K objects, 255 unknown.
    index: number of the first clip; the batch holds `index` to `index + B - 1`.
    """

    frames: Tensor
    labels: Tensor
    index: int


class _Batches(Dataset[Batch | InputError]):
    """Batches by the number of their first clip; bad data is returned, not raised (see `batches`)."""

    def __init__(self, source: Source, batch: int) -> None:
        self._source = source
        self._batch = batch

    def __getitem__(self, start: int) -> Batch | InputError:
        try:
            clips = [self._source.draw(index) for index in range(start, start + self._batch)]
        except InputError as error:
            return error
        frames = torch.from_numpy(np.stack([clip.frames for clip in clips]))
        labels = torch.from_numpy(np.stack([clip.labels for clip in clips]))
        return Batch(frames=frames.permute(0, 1, 4, 2, 3).contiguous(), labels=labels, index=start)


def batches(source: Source, batch: int, start_index: int = 0, workers: int = 1) -> Iterator[Batch]:
    """Endless batches in order from clip number `start_index`; the number of workers changes only the speed.

    Args:
        source: where clips come from.
        batch: B, clips in a batch.
        start_index: number of the first clip; to resume, `index + B` of the last batch that was used.
        workers: processes that make clips, one core each; 0 makes them in this process.

    Raises:
        InputError: a file of the data cannot be used.
    """
    cv2.setNumThreads(0)
    loader = DataLoader(
        _Batches(source, batch),
        batch_size=None,
        sampler=count(start_index, batch),
        num_workers=workers,
        worker_init_fn=_use_one_thread,
    )
    for item in loader:
        # An exception that crosses from a worker drags a stack trace into its message: raise it here instead.
        if isinstance(item, InputError):
            raise item
        yield item


def _use_one_thread(_: int) -> None:
    cv2.setNumThreads(0)
    torch.set_num_threads(1)
