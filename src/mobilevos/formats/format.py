"""The protocol of a format: what it is called, how it is recognised, read and written."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mobilevos.errors import InputError
from mobilevos.json_text import parse_json
from mobilevos.video.annotations import GivenMask
from mobilevos.video.distrust import check_pixels
from mobilevos.video.mask_ids import MOST_OBJECTS
from mobilevos.video.sink import Clip, ObjectName, Seen, Sink
from mobilevos.video.source import FrameSource
from mobilevos.video.stills import have_decimals


class Document:
    """A file or folder that may be of any format; what is read of it is read once."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def json(self) -> Any:
        """The content of a JSON file, or None if it is none.

        Raises:
            InputError: it is named as one, but cannot be read.
        """
        if self.path.suffix.lower() != ".json" or not self.path.is_file():
            return None
        try:
            return parse_json(self.path.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError) as error:
            raise InputError(f"{self.path} is no readable JSON file; export it again.") from error

    def has(self, *keys: str) -> bool:
        """It is a JSON object that has all of some keys."""
        return isinstance(self.json, dict) and self.json.keys() >= set(keys)


@dataclass
class Marks:
    """What a file says of a clip.

    Attributes:
        masks: by the frame's index, also those without an object.
        size: (H, W).
        names: of objects that have one.
        name: of the clip.
        fps: frames per second, where the file tells.
        files: names of the frames' files, as far as there are any.
        states: of the objects by frame and id.
        warning: one sentence on what was left out or is not certain.
    """

    masks: dict[int, GivenMask]
    size: tuple[int, int]
    names: dict[int, ObjectName] = field(default_factory=dict)
    name: str = "clip"
    fps: Fraction | None = None
    files: dict[int, str] = field(default_factory=dict)
    states: dict[int, dict[int, Seen]] = field(default_factory=dict)
    warning: str | None = None


@dataclass(frozen=True)
class Format:
    """What can be done with a format.

    Attributes:
        name: as users type it.
        file: its name in an output folder; without a suffix it is a folder.
        write: makes the writer, for a path and a clip; None if it is only read.
        read: gives the masks of a document whose frames are those of a source, if one is at hand; None if it is only
            written.
        recognises: whether a document is of this format.
        pictures: the writer needs the frames themselves.
        whole: the writer needs every frame from the first to the last.
        gathers: its folder takes several clips one after the other.
        reads: what ``read`` reads within a folder, other than the images that lie there.
    """

    name: str
    file: str
    write: Callable[[Path, Clip], Sink] | None = None
    read: Callable[[Document, FrameSource | None], Marks] | None = None
    recognises: Callable[[Document], bool] = lambda document: False
    pictures: bool = False
    whole: bool = False
    gathers: bool = False
    reads: Callable[[Path], Iterable[Path]] = lambda folder: ()


Shape = tuple[int, Callable[[], np.ndarray]]
"""An object's id, and what gives its (H, W) boolean mask."""


def painted(size: tuple[int, int], shapes: Sequence[Shape]) -> Callable[[], np.ndarray]:
    """What gives the label map of a frame's shapes; later ones lie over earlier ones."""

    def paint() -> np.ndarray:
        labels = np.zeros(size, np.uint8)
        for object_id, read in shapes:
            mask = read()
            if mask.shape != size:
                raise ValueError(f"a mask is {mask.shape[1]}x{mask.shape[0]} in a frame of {size[1]}x{size[0]}")
            labels[mask] = object_id
        return labels

    return paint


def marks_of(
    path: Path,
    sizes: Mapping[int, tuple[int, int]],
    shapes: Mapping[int, Sequence[Shape]],
    names: Mapping[int, ObjectName],
    warning: str | None = None,
) -> Marks:
    """The masks of frames from their shapes. Ids that a label map cannot hold are numbered anew, in their order.

    Args:
        path: of the file, for messages.
        sizes: (H, W) of each frame, also of those without a shape.
        shapes: of frames, from the lowest to the topmost.
        names: of objects.
        warning: what has been left out already.

    Raises:
        InputError: no frame, too many objects, or a shape that cannot be drawn.
    """
    if not sizes:
        raise InputError(f"{path} holds no frames.")
    ids = sorted({object_id for drawn in shapes.values() for object_id, _ in drawn})
    new = {object_id: object_id for object_id in ids}
    sentences = [warning] if warning else []
    if ids and not 1 <= ids[0] <= ids[-1] <= MOST_OBJECTS:
        if len(ids) > MOST_OBJECTS:
            raise InputError(f"{path} has {len(ids)} objects, but {MOST_OBJECTS} are the most; keep fewer.")
        new = {object_id: number for number, object_id in enumerate(ids, 1)}
        sentences.append(f"The objects of {path} have the ids 1 to {len(ids)} here, in the order of their own.")
    for index, (height, width) in sizes.items():
        check_pixels(height, width, f"frame {index} of {path.name}")
    masks, overlapping = {}, 0
    for index, size in sorted(sizes.items()):
        drawn = [(new[object_id], read) for object_id, read in shapes.get(index, ())]
        masks[index] = GivenMask.of(f"frame {index} of {path.name}", painted(size, drawn))
        if len(drawn) > 1:
            covered = sum(int(np.count_nonzero(read())) for _, read in drawn)
            overlapping += covered > int(np.count_nonzero(masks[index].read()))
    if overlapping:
        frames = f"{overlapping} frame{'s' * (overlapping > 1)}"
        sentences.append(f"Shapes overlap in {frames} of {path}; where they do, the later one counts.")
    return Marks(
        masks,
        next(iter(sizes.values())),
        {new[object_id]: name for object_id, name in names.items() if object_id in new},
        name=path.stem,
        warning=" ".join(sentences) or None,
    )


def lost_share(path: Path, holds: str, lost: int, total: int) -> str | None:
    """What a format of polygons has not kept of ``total`` pixels, in a sentence."""
    if not lost:
        return None
    return f"{path.name} has {holds}: {max(0.1, 100 * lost / total):.1f} % of the pixels differ."


def numbered(stems: Sequence[str], frames: FrameSource | None, path: Path) -> list[int]:
    """The frames' indices that file names without suffix speak of.

    Without the frames, they are the numbers that the names are or end in; or else the names' order.

    Raises:
        InputError: a name matches no frame, or two match one.
    """
    if frames is not None:
        found = [frames.index_of(stem) for stem in stems]
        for stem, index in zip(stems, found, strict=True):
            if index is None:
                raise InputError(
                    f"{stem} in {path} matches no frame of {frames.name}; they have names such as {frames.stem(0)}."
                )
        indices = [index for index in found if index is not None]
    else:
        ends = [stem[len(stem.rstrip("0123456789")) :] for stem in stems]
        heads = {stem[: len(stem) - len(end)] for stem, end in zip(stems, ends, strict=True)}
        decimals = have_decimals([Path(f"{stem}.png") for stem in stems])
        by_number = not decimals and all(ends) and len(heads) == 1 and len(set(map(int, ends))) == len(ends)
        indices = list(map(int, ends)) if by_number else list(range(len(stems)))
    if len(set(indices)) < len(indices):
        twice = next(index for index in indices if indices.count(index) > 1)
        raise InputError(f"{path} has frame {twice} twice; keep one of them.")
    return indices
