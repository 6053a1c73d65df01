"""Changes to the masks of a paused frame, until they are handed to the tracker."""

from collections import deque
from dataclasses import dataclass

import numpy as np

from mobilevos.errors import InputError
from mobilevos.video.mask_ids import MOST_OBJECTS

_MOST_UNDONE = 30


@dataclass(frozen=True)
class Changes:
    """What a draft changed.

    Attributes:
        mask: (H, W) uint8 label map of the objects that are new or have another mask; 0 elsewhere.
        removed: ids of objects that are gone.
    """

    mask: np.ndarray
    removed: list[int]


class Draft:
    """The label map of one frame while the user works on it.

    Args:
        labels: (H, W) uint8, as the tracker left it.
        ids: of all objects that the tracker knows, seen in this frame or not.

    Attributes:
        labels: (H, W) uint8, as it is now.
        object_id: of the object that is painted.
    """

    def __init__(self, labels: np.ndarray, ids: list[int]) -> None:
        self._before = labels
        self.labels = labels.copy()
        self._ids = set(ids)
        self.object_id = min(ids, default=1)
        self._history: deque[tuple[np.ndarray, int, set[int]]] = deque(maxlen=_MOST_UNDONE)

    def remember(self) -> None:
        """What follows, up to the next call, is one step of `undo`."""
        self._history.append((self.labels.copy(), self.object_id, set(self._ids)))

    def undo(self) -> None:
        """Take the last step back, if there is one."""
        if self._history:
            self.labels, self.object_id, self._ids = self._history.pop()

    def new_object(self) -> None:
        """Paint an object that there is not yet.

        Raises:
            InputError: there are as many as masks hold.
        """
        used = self._ids | set(np.unique(self.labels).tolist())
        free = next((i for i in range(1, MOST_OBJECTS + 1) if i not in used), None)
        if free is None:
            raise InputError(f"there are {MOST_OBJECTS} objects, which are the most; remove one first.")
        self.object_id = free

    @property
    def others(self) -> np.ndarray:
        """(H, W) label map of all objects but the chosen one."""
        return np.where(self.labels == self.object_id, 0, self.labels).astype(np.uint8)

    def replace(self, mask: np.ndarray, others: np.ndarray) -> None:
        """Make the pixels of an (H, W) bool mask the chosen object, and the rest of the frame what others have."""
        self.labels = np.where(mask, self.object_id, others).astype(np.uint8)
        self._ids.add(self.object_id)

    def brush(self, start: tuple[int, int], end: tuple[int, int], radius: int, erase: bool = False) -> None:
        """Paint the chosen object, or erase any, along a line between two (x, y), ``radius`` pixels to each side."""
        (x0, y0), (x1, y1) = start, end
        top, left = max(min(y0, y1) - radius, 0), max(min(x0, x1) - radius, 0)
        part = self.labels[top : max(y0, y1) + radius + 1, left : max(x0, x1) + radius + 1]
        y, x = np.ogrid[top : top + part.shape[0], left : left + part.shape[1]]
        along, down = x1 - x0, y1 - y0
        share = np.clip(((x - x0) * along + (y - y0) * down) / max(along**2 + down**2, 1), 0, 1)
        near = (x - x0 - share * along) ** 2 + (y - y0 - share * down) ** 2 <= radius**2
        part[near] = 0 if erase else self.object_id
        self._ids.add(self.object_id)

    def remove(self) -> None:
        """Take the chosen object away, wherever it is."""
        self.labels[self.labels == self.object_id] = 0
        self._ids.discard(self.object_id)
        self.object_id = min(self._ids, default=1)

    def changes(self, ids: list[int]) -> Changes:
        """What to tell a tracker that knows the objects ``ids``."""
        given = set(np.unique(self.labels).tolist()) - {0}
        differ = [i for i in given if not np.array_equal(self.labels == i, self._before == i)]
        gone = [i for i in ids if i not in given and (i not in self._ids or (self._before == i).any())]
        return Changes(np.where(np.isin(self.labels, differ), self.labels, 0).astype(np.uint8), gone)
