"""The masks a user gives: of one frame, or of several."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mobilevos.errors import Advice, InputError
from mobilevos.video.mask_ids import MOST_OBJECTS, VOID
from mobilevos.video.mask_size import check_shape, scaled, scaling
from mobilevos.video.masks import MaskSet, without_void
from mobilevos.video.sink import ObjectName, ids_of
from mobilevos.video.source import FrameSource
from mobilevos.video.stills import MASK_SUFFIXES, is_image


@dataclass(frozen=True)
class GivenMask:
    """A mask that is read again when it is its turn.

    Attributes:
        name: for messages.
        size: (H, W).
        objects: ids in it, in order.
        read: gives the (H, W) uint8 label map; 0 is background.
    """

    name: str
    size: tuple[int, int]
    objects: list[int]
    read: Callable[[], np.ndarray]

    @classmethod
    def of(cls, name: str, read: Callable[[], np.ndarray]) -> "GivenMask":
        """Read it once, to see that it can be read and what it holds."""
        labels = read()
        return cls(name, (labels.shape[0], labels.shape[1]), ids_of(labels), read)


class Annotations:
    """Masks by the frame they belong to. Those without an object are left out.

    Args:
        masks: by the frame's index.
        source: the frames.
        where: what holds the masks, for messages.
        names: of the objects, as far as they have any.

    Attributes:
        frames: all that have a mask, be it without an object.
        objects: ids in all masks, in order.

    Raises:
        InputError: a mask of another shape than the frames; no object at all, or one of an id that is void.
    """

    def __init__(
        self,
        masks: Mapping[int, GivenMask],
        source: FrameSource,
        where: str,
        names: Mapping[int, ObjectName] | None = None,
    ) -> None:
        masks = in_size(masks, source.size)
        self.frames = frozenset(masks)
        self._masks = {index: masks[index] for index in sorted(masks) if masks[index].objects}
        if not self._masks:
            raise InputError(f"{where} empty; mark at least one object with a value other than 0.")
        self.objects = sorted({i for mask in self._masks.values() for i in mask.objects})
        if self.objects[-1] > MOST_OBJECTS:
            raise InputError(f"{where} of object {self.objects[-1]}; ids are 1 to {MOST_OBJECTS}, as {VOID} is void.")
        self.names = dict(names or {})

    @property
    def first(self) -> int:
        """The first annotated frame."""
        return next(iter(self._masks))

    @property
    def last(self) -> int:
        """The last annotated frame."""
        return next(reversed(self._masks))

    def __contains__(self, index: int) -> bool:
        return index in self._masks

    def __getitem__(self, index: int) -> np.ndarray:
        """(H, W) uint8 label map of an annotated frame."""
        return self._masks[index].read()


def in_size(
    masks: Mapping[int, GivenMask], size: tuple[int, int], other: str = "the frames are"
) -> dict[int, GivenMask]:
    """Masks in the size of their frames, (H, W), or of whatever ``other`` names; a warning says which are scaled.

    Raises:
        InputError: one of another shape than the frames.
    """
    others = [mask for mask in masks.values() if mask.size != size]
    for mask in others:
        check_shape(mask.size, size, mask.name, other)
    if others:
        more = f" So were {len(others) - 1} more." if len(others) > 1 else ""
        warnings.warn(scaling(others[0].name, others[0].size, size, other) + more, Advice, stacklevel=3)
    return {index: mask if mask.size == size else _scaled(mask, size) for index, mask in masks.items()}


def _scaled(mask: GivenMask, size: tuple[int, int]) -> GivenMask:
    return GivenMask.of(mask.name, lambda: scaled(mask.read(), size))


def image_annotations(path: Path, source: FrameSource, start: int | None = None, *, snap: bool = False) -> Annotations:
    """Masks in image files; every one is checked at once, and read again when it is its turn.

    Ids and colours mean the same in all of them (`mobilevos.video.masks.MaskSet`); void is background.

    In a folder each file is named as its frame: the frame's stem, or in a video its number from 0, with or without
    leading zeros. Files that are no images, hidden ones, and masks without an object are left out.

    Args:
        path: mask image, or a folder of them.
        source: the frames.
        start: the frame, from 0, that a single mask belongs to; None for the first.
        snap: see `mobilevos.video.masks.load_mask`.

    Raises:
        InputError: ``start`` with a folder or below 0; a mask that cannot be used, is of another shape or matches no
            frame; two of one frame; no mask at all.
    """
    if path.is_dir():
        if start is not None:
            raise InputError(
                f"{path} is a folder, whose files' names say which frames they belong to; leave out --start, "
                "or give a single mask."
            )
        found, where = _by_frame(path, source), f"the masks in {path} are"
    else:
        if start is not None and start < 0:
            raise InputError(f"there is no frame {start}; frames are numbered from 0.")
        found, where = {start or 0: path}, f"{path.name} is"
    return Annotations(image_masks(found, snap=snap), source, where)


def image_masks(paths: Mapping[int, Path], *, snap: bool = False) -> dict[int, GivenMask]:
    """Masks in image files by their frames, in which ids and colours mean the same.

    Raises:
        InputError: one that cannot be used.
    """
    masks = MaskSet(paths.values(), snap=snap)

    def given(path: Path) -> GivenMask:
        return GivenMask(path.name, masks.size(path), masks.objects(path), lambda: without_void(masks[path]))

    return {index: given(path) for index, path in paths.items()}


def _by_frame(folder: Path, source: FrameSource) -> dict[int, Path]:
    found: dict[int, Path] = {}
    for path in sorted(folder.iterdir()):
        if not is_image(path, MASK_SUFFIXES):
            continue
        index = source.index_of(path.stem)
        if index is None:
            raise InputError(
                f"{path} matches no frame of {source.name}; name each mask as its frame, such as {source.stem(0)}.png."
            )
        if index in found:
            raise InputError(f"{found[index].name} and {path.name} are masks of one frame; keep one of them.")
        found[index] = path
    if not found:
        raise InputError(f"{folder} holds no masks; name each as its frame, such as {source.stem(0)}.png.")
    return found
