"""The masks a user gives: of one frame, or of several."""

from pathlib import Path

import numpy as np

from mobilevos.errors import InputError
from mobilevos.video.masks import MASK_SUFFIXES, MaskSet, check_size, without_void
from mobilevos.video.source import FrameSource
from mobilevos.video.stills import is_image


class Annotations:
    """Mask images by the frame they belong to; every one is checked at once, and read again when it is its turn.

    Ids and colours mean the same in all of them (`mobilevos.video.masks.MaskSet`); void is background.

    In a folder each file is named as its frame: the frame's stem, or in a video its number from 0, with or without
    leading zeros. Files that are no images, hidden ones, and masks without an object are left out.

    Args:
        path: mask image, or a folder of them.
        source: the frames.
        start: the frame, from 0, that a single mask belongs to; None for the first.
        snap: see `mobilevos.video.masks.load_mask`.

    Attributes:
        paths: the mask's file by the frame's index, in order of the frames.
        frames: all that have a mask, be it without an object.
        objects: ids in all masks, in order.

    Raises:
        InputError: ``start`` with a folder or below 0; a mask that cannot be used, is of another size or matches no
            frame; two of one frame; no mask at all.
    """

    def __init__(self, path: Path, source: FrameSource, start: int | None = None, *, snap: bool = False) -> None:
        if path.is_dir():
            if start is not None:
                raise InputError(
                    f"{path} is a folder, whose files' names say which frames they belong to; leave out --start, "
                    "or give a single mask."
                )
            found = _by_frame(path, source)
        else:
            if start is not None and start < 0:
                raise InputError(f"there is no frame {start}; frames are numbered from 0.")
            found = {start or 0: path}
        self._masks = MaskSet(found.values(), snap=snap)
        self.frames = frozenset(found)
        objects: set[int] = set()
        self.paths: dict[int, Path] = {}
        for index, mask in sorted(found.items()):
            ids = self._masks.objects(mask)
            check_size(self._masks.size(mask), source.size, mask.name)
            if ids:
                self.paths[index] = mask
            objects.update(ids)
        if not self.paths:
            what = f"the masks in {path} are" if path.is_dir() else f"{path.name} is"
            raise InputError(f"{what} empty; mark at least one object with a value other than 0.")
        self.objects = sorted(objects)

    @property
    def first(self) -> int:
        """The first annotated frame."""
        return next(iter(self.paths))

    @property
    def last(self) -> int:
        """The last annotated frame."""
        return next(reversed(self.paths))

    def __contains__(self, index: int) -> bool:
        return index in self.paths

    def __getitem__(self, index: int) -> np.ndarray:
        """(H, W) uint8 label map of an annotated frame."""
        return without_void(self._masks[self.paths[index]])


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
