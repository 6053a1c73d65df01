"""What was seen of a frame: one look at all objects or, where they are far apart, two at some of them each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from mobilevos.engine.attention import View
from mobilevos.engine.bounds import Bounds
from mobilevos.engine.cells import Cells
from mobilevos.engine.region import Mask, Region
from mobilevos.engine.runtime import Features, Float


def in_sight(mask: Mask) -> bool:
    """Whether anything of a mask is above 0.5."""
    return bool((mask > 0.5).any())


@dataclass
class Look:
    """What the network saw in a region of a frame, and the masks of all K objects in it."""

    region: Region
    features: Features
    masks: Mask
    """(K, *region.grid) probabilities; 0 of objects that were not looked for."""
    rows: list[int]
    """Of the objects that were looked for."""

    @property
    def cell_area(self) -> float:
        """Pixels of the source frame that a mask's cell covers."""
        height, width = self.region.box_size
        rows, columns = self.region.grid
        return height * width / (rows * columns)

    def area(self, mask: Mask | Cells) -> float:
        """Pixels of the source frame where a mask (*region.grid) is above 0.5, or true."""
        return float(np.count_nonzero(mask > 0.5) * self.cell_area)

    def centre(self, cells: Cells) -> complex:
        """Middle of some cells (*region.grid), at least one; x + y j in pixels of the source frame."""
        (height, width), (down, across) = self.region.box_size, self.region.grid
        rows, columns = np.nonzero(cells)
        x = self.region.left + (columns.mean() + 0.5) * width / across
        return complex(x, self.region.top + (rows.mean() + 0.5) * height / down)

    def holds(self, cells: Cells, place: complex) -> bool:
        """Whether a place, x + y j in pixels of the source frame, is in some cells (*region.grid)."""
        (height, width), (down, across) = self.region.box_size, self.region.grid
        row = int((place.imag - self.region.top) * down // height)
        column = int((place.real - self.region.left) * across // width)
        return 0 <= row < down and 0 <= column < across and bool(cells[row, column])

    def drop_object(self, row: int) -> None:
        """Forget the object in a row."""
        self.masks = np.delete(self.masks, row, 0)
        self.rows = [each - (each > row) for each in self.rows if each != row]


@dataclass
class MemoryFrame(Look):
    """A look in memory: its key and the values of its objects."""

    key: Float
    """(key_dim, n)."""
    value: Float
    """(K, value_dim, n)."""
    evidence: Float | None = None
    """(K, D + 1, D + 2) for target models, of a look whose masks are known."""

    def drop_object(self, row: int) -> None:
        """Forget the object in a row."""
        super().drop_object(row)
        self.value = np.delete(self.value, row, 0)
        if self.evidence is not None:
            self.evidence = np.delete(self.evidence, row, 0)


AnyLook = TypeVar("AnyLook", bound=Look)


@dataclass
class Sighting(Generic[AnyLook]):
    """The looks at a frame; each object is followed in one of them, and is only a rival in others."""

    looks: list[AnyLook]
    homes: list[int]
    """Of each object's row, the number of the look that it is followed in."""

    @classmethod
    def of(cls, views: Sequence[View], looks: list[AnyLook]) -> "Sighting[AnyLook]":
        """The looks at some views, which have all objects between them."""
        homes = {row: number for number, view in enumerate(views) for row in view.rows}
        return cls(looks, [homes[row] for row in range(len(homes))])

    @property
    def views(self) -> list[View]:
        """Where was looked for whom."""
        return [View(look.region, tuple(self.followed(number))) for number, look in enumerate(self.looks)]

    def followed(self, number: int) -> list[int]:
        """Rows of the objects that are followed in a look."""
        return [row for row, home in enumerate(self.homes) if home == number]

    def home(self, row: int) -> AnyLook:
        """The look that an object is followed in."""
        return self.looks[self.homes[row]]

    def bring_home(self, row: int, look: AnyLook) -> None:
        """Follow an object in a look from now on; what other looks have of it is gone."""
        for number, other in enumerate(self.looks):
            if other is look:
                self.homes[row] = number
            else:
                other.masks[row] = 0
        look.rows = sorted({*look.rows, row})

    def mask(self, row: int) -> Mask:
        """(rows, columns) probabilities of an object."""
        return self.home(row).masks[row]

    def bounds(self, row: int) -> Bounds | None:
        """Bounding box of an object, None if it is not seen."""
        return self.home(row).region.bounds_in_source(self.mask(row))

    def masks_in(self, region: Region) -> Mask:
        """Masks (K, *region.grid) as a region shows them; 0 where was not looked."""
        if len(self.looks) == 1:
            return self.looks[0].region.transfer(self.looks[0].masks, region)
        masks = np.empty((len(self.homes), *region.grid), np.float32)
        for number, look in enumerate(self.looks):
            if rows := self.followed(number):
                masks[rows] = look.region.transfer(look.masks[rows], region)
        return masks

    def mask_in(self, row: int, region: Region) -> Mask:
        """Mask (*region.grid) of an object as a region shows it; 0 where was not looked for it."""
        look = self.home(row)
        return look.region.transfer(look.masks[[row]], region)[0]

    def showing(self, rows: Iterable[int]) -> list[AnyLook]:
        """The looks in which any of some objects are in sight; all of them if there is none."""
        rows = list(rows)
        return [look for look in self.looks if in_sight(look.masks[rows])] or self.looks

    def paint(self, ids: Sequence[int], frame_size: tuple[int, int]) -> NDArray[np.uint8]:
        """Label map (H, W) of the frame."""
        labels = np.zeros(frame_size, np.uint8)
        for number, look in enumerate(self.looks):
            painted = look.region.paint(look.masks, ids)
            if rivals := [i for row, i in enumerate(ids) if self.homes[row] != number]:
                painted[np.isin(painted, rivals)] = 0
            here = labels[_box(look.region)]
            np.copyto(here, painted, where=here == 0 if number else True)  # what two claim stays with the first
        return labels

    def soften(self, rows: Sequence[int], frame_size: tuple[int, int]) -> Mask:
        """Probabilities (H, W) that any of some objects is there."""
        soft = np.zeros(frame_size, np.float32)
        for number, look in enumerate(self.looks):
            if own := [row for row in rows if self.homes[row] == number]:
                here = soft[_box(look.region)]
                np.maximum(here, look.region.soften(look.masks[own]), out=here)
        return soft

    def drop_object(self, row: int) -> None:
        """Forget an object."""
        del self.homes[row]
        for look in self.looks:
            look.drop_object(row)


def _box(region: Region) -> tuple[slice, slice]:
    return np.s_[region.top : region.bottom, region.left : region.right]
