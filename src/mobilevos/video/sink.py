"""What is found in a frame, and what takes it: the protocol of everything that masks are written to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from PIL import Image

from mobilevos.engine.bounds import bounding_box
from mobilevos.video.playback import Playback
from mobilevos.video.stills import is_image


class ObjectName(NamedTuple):
    """What people call an object, and its class."""

    name: str
    kind: str = "object"


class Seen(NamedTuple):
    """An object in one frame: ``area`` pixels, and what the tracker says of it, if it says something."""

    area: int
    state: str | None = None
    """visible, occluded or lost."""
    score: float | None = None
    """0..1"""


@dataclass(frozen=True)
class Clip:
    """What is known of a video before its first frame.

    Attributes:
        name: of the file without suffix, or of the folder.
        size: (H, W).
        fps: exact frames per second.
        playback: when and how a video file shows the frames; None for images.
        count: number of frames as far as known.
        objects: ids that will occur, in order; those of objects that are found out later are missing.
        names: of the objects that have one.
        number_from: the number that frame 0 has in sequences of images and labels of time; None leaves each its name.
        timecode: label of frame 0, such as 01:00:00:00; with ``;`` for drop frame.
        decimals: see `mobilevos.video.source.FrameSource`.
    """

    name: str
    size: tuple[int, int]
    fps: Fraction
    playback: Playback | None = None
    count: int | None = None
    objects: tuple[int, ...] = ()
    names: Mapping[int, ObjectName] = field(default_factory=dict)
    number_from: int | None = None
    timecode: str | None = None
    decimals: bool = False

    def named(self, object_id: int) -> ObjectName:
        """An object's name and class."""
        return self.names.get(object_id, ObjectName(f"object {object_id}"))

    def kinds(self) -> list[str]:
        """The classes of all objects that have a name or are known, each once, in order of the ids."""
        known = sorted({*self.objects, *self.names})
        return list(dict.fromkeys(self.named(i).kind for i in known)) or [ObjectName("").kind]

    def stem(self, index: int, name: str) -> str:
        """File name without suffix for frame ``index``, whose own file is ``name``."""
        return stem_of(name) if self.number_from is None else f"{index + self.number_from:04d}"


class Piece(NamedTuple):
    """The pixels of an object: an (h, w) boolean mask with the rows and columns that it fills."""

    rows: slice
    columns: slice
    mask: np.ndarray

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, width, height."""
        return (
            self.columns.start,
            self.rows.start,
            self.columns.stop - self.columns.start,
            self.rows.stop - self.rows.start,
        )

    def whole(self, size: tuple[int, int]) -> np.ndarray:
        """The (H, W) boolean mask of the frame."""
        full = np.zeros(size, bool)
        full[self.rows, self.columns] = self.mask
        return full


@dataclass(frozen=True)
class Result:
    """A frame with its masks.

    Attributes:
        index: of the frame in the video, from 0.
        name: of the frame's file, or its number.
        frame: (H, W, 3) uint8 RGB; None where the video is not at hand.
        labels: (H, W) uint8 label map.
        time: seconds after frame 0.
        objects: of all ids followed, also those that have no pixel here.
        soft: (H, W) float32 in 0..1 by id, for those who asked (`Sink.wants_soft`) and if the tracker has such.
    """

    index: int
    name: str
    frame: np.ndarray | None
    labels: np.ndarray
    time: float = 0.0
    objects: Mapping[int, Seen] = field(default_factory=dict)
    soft: Mapping[int, np.ndarray] | None = None

    @cached_property
    def pieces(self) -> dict[int, Piece]:
        """The objects that have pixels, by id in ascending order."""
        rows, columns = bounding_box(self.labels)
        inside = self.labels[rows, columns]
        found = {}
        for object_id in ids_of(inside):
            mask = inside == object_id
            own = bounding_box(mask)
            found[object_id] = Piece(
                slice(rows.start + own[0].start, rows.start + own[0].stop),
                slice(columns.start + own[1].start, columns.start + own[1].stop),
                mask[own],
            )
        return found

    def image(self) -> np.ndarray:
        """The frame, where it is certain to be there."""
        assert self.frame is not None
        return self.frame


class Sink(Protocol):
    """Takes results, in order if it must; nothing is on disk before the first ``write``.

    Both methods raise `OutputError`, after removing what would be incomplete. After a failed ``write``,
    ``close`` still finishes whatever can be finished.
    """

    path: Path
    """The file or folder that it writes."""
    folders: Sequence[Path]
    """The folders that its files go to directly, if it writes a folder."""
    in_order: bool
    """Frames must come in order; otherwise each is complete by itself."""
    wants_soft: bool
    """Soft masks are put to use."""
    warning: str | None
    """One sentence on what the format could not hold, once that has happened."""

    def write(self, result: Result) -> None:
        """Take a frame's masks."""

    def close(self) -> None:
        """Complete the output with the frames so far."""


def stem_of(name: str) -> str:
    """Name of a frame's file without folders and suffix; what follows the last point may be part of a number."""
    path = Path(name)
    return path.stem if is_image(path) else path.name


def has_suffix(name: str) -> bool:
    """Whether a frame has a file, and is not called by a number alone, such as 00002 or 0.25."""
    return Path(name).suffix[1:2].isalpha()


def ids_of(labels: np.ndarray) -> list[int]:
    """Ids in a label map of bytes, in ascending order."""
    if not labels.size:
        return []
    counts = Image.fromarray(np.ascontiguousarray(labels)).histogram()  # several times as fast as sorting
    return [object_id for object_id in range(1, 256) if counts[object_id]]
