"""The masks a user gives: of one frame, or of several."""

from pathlib import Path

import numpy as np

from mobilevos.errors import InputError
from mobilevos.video.image_frames import IMAGE_SUFFIXES
from mobilevos.video.masks import check_mask, load_mask
from mobilevos.video.source import FrameSource


class Annotations:
    """Mask images by the frame they belong to; every one is checked at once, and read again when it is its turn.

    In a folder each file is named as its frame: the frame's stem, or in a video its number from 0, with or without
    leading zeros. Files that are no images, hidden ones, and masks without an object are left out.

    Args:
        path: mask image, or a folder of them.
        source: the frames.
        start: the frame, from 0, that a single mask belongs to; None for the first.
        snap: see `mobilevos.video.masks.load_mask`.

    Attributes:
        paths: the mask's file by the frame's index, in order of the frames.
        objects: ids in all masks, in order.

    Raises:
        InputError: ``start`` with a folder or below 0; a mask that cannot be used, is of another size or matches no
            frame; two of one frame; no mask at all.
    """

    def __init__(self, path: Path, source: FrameSource, start: int | None = None, *, snap: bool = False) -> None:
        self._snap = snap
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
        objects: set[int] = set()
        self.paths: dict[int, Path] = {}
        for index in sorted(found):
            self.paths[index] = found[index]
            labels = self[index]
            if len(found) > 1 and not labels.any() and labels.shape == source.size:
                del self.paths[index]
                continue
            check_mask(labels, source.size, found[index].name)
            objects |= set(np.unique(labels[labels > 0]).tolist())
        if not self.paths:
            raise InputError(f"the masks in {path} are empty; mark at least one object with a value other than 0.")
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
        return load_mask(self.paths[index], snap=self._snap)


def _by_frame(folder: Path, source: FrameSource) -> dict[int, Path]:
    found: dict[int, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in IMAGE_SUFFIXES or path.name.startswith("."):
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
