"""Memory: a few permanent frames and the previous one, so that cost never grows with the video (unless wanted)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from mobilevos.engine.bounds import Bounds
from mobilevos.engine.region import Mask, Region
from mobilevos.engine.runtime import Features, Float
from mobilevos.engine.target_model import classifiers

MAX_PERMANENT = 3
"""Permanent frames: the first, and the newest ones the user corrected or added an object in."""


@dataclass
class Look:
    """What the network saw of a frame, and the masks of all K objects in it."""

    region: Region
    features: Features
    masks: Mask
    """(K, *region.grid) probabilities."""

    @property
    def cell_area(self) -> float:
        """Pixels of the source frame that a mask's cell covers."""
        height, width = self.region.box_size
        rows, columns = self.region.grid
        return height * width / (rows * columns)

    def bounds(self, index: int) -> Bounds | None:
        """Bounding box of the object in row ``index``, None if it is not seen."""
        return self.region.bounds_in_source(self.masks[index])

    def drop_object(self, index: int) -> None:
        """Forget the object in row ``index``."""
        self.masks = np.delete(self.masks, index, 0)


@dataclass
class MemoryFrame(Look):
    """A frame in memory: its key and the values of its objects."""

    key: Float
    """(key_dim, n)."""
    value: Float
    """(K, value_dim, n)."""
    evidence: Float | None = None
    """(K, D + 1, D + 2) for target models, of a frame whose masks are known."""

    def drop_object(self, index: int) -> None:
        """Forget the object in row ``index``."""
        super().drop_object(index)
        self.value = np.delete(self.value, index, 0)
        if self.evidence is not None:
            self.evidence = np.delete(self.evidence, index, 0)


class Recall(NamedTuple):
    """What a frame is compared with."""

    key: Float
    """(key_dim, N)."""
    value: Float
    """(K, value_dim, N)."""
    classifier: Float | None
    """(K, D + 1), of the target model."""


def recall(frames: Sequence[MemoryFrame], trusted: Sequence[MemoryFrame]) -> Recall:
    """Some frames side by side, and the target model of those whose masks are known."""
    return Recall(
        np.concatenate([frame.key for frame in frames], 1),
        np.concatenate([frame.value for frame in frames], 2),
        classifiers([frame.evidence for frame in trusted]),
    )


@dataclass
class Memory:
    """The frames that ``read`` compares with (paper: the first and the previous frame).

    Args:
        every: keep every so-many-th frame for good, as the paper's teacher does: memory then grows with the video.
    """

    every: int | None = None
    permanent: list[MemoryFrame] = field(default_factory=list)
    kept: list[MemoryFrame] = field(default_factory=list)
    previous: MemoryFrame | None = None
    _seen: int = 0

    @property
    def lasting(self) -> list[MemoryFrame]:
        """The frames that stay."""
        return [*self.permanent, *self.kept]

    @property
    def frames(self) -> list[MemoryFrame]:
        """Every frame in memory, each once."""
        if self.previous is None or any(frame is self.previous for frame in self.lasting):
            return self.lasting
        return [*self.lasting, self.previous]

    def greatest_area(self, index: int) -> float:
        """Pixels of the source that the object in row ``index`` covers at most in a permanent frame; at least 1."""
        areas = (frame.cell_area * np.count_nonzero(frame.masks[index] > 0.5) for frame in self.permanent)
        return max(1.0, *areas)

    def recall(self, frame: MemoryFrame) -> None:
        """Make a frame the previous one."""
        self.previous = frame
        self._seen += 1
        if self.every and self._seen % self.every == 0:
            self.kept.append(frame)

    def keep(self, frame: MemoryFrame) -> None:
        """Make a frame permanent; of those after the first, the oldest gives way when the memory is full."""
        if len(self.permanent) == MAX_PERMANENT:
            del self.permanent[1]
        self.permanent.append(frame)

    def drop_object(self, index: int) -> None:
        """Forget the object in row ``index`` of every frame."""
        for frame in self.frames:
            frame.drop_object(index)
