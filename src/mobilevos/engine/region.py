"""Region of interest: the part of the frame around the objects that the network looks at.

A finite-memory tracker knows where its objects were one frame ago. Looking only there, at a scale at which they
fill a good part of the view, gives small objects more pixels, keeps far look-alikes out of sight, and bounds the
cost of a frame whatever its size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mobilevos.engine.bounds import Bounds, bounding_box

Mask = NDArray[np.float32]
Sight = int | tuple[int, int]
"""How large the network sees a region: about so many pixels squared, or always (height, width)."""

STRIDE = 16
LEAST = 1e-4
"""Probabilities below this are as good as 0."""
IMPROBABLE = -5.0
"""Log-odds below which soft masks may end: under 1 %."""
STEEP = np.float32(1e6)
"""Log-odds times this become bytes of at least 1 if they are above a millionth."""
MASK_STRIDE = 4
"""Masks are a grid this much coarser than what the network sees of the frame."""
MIN_SIDE = 0.25
"""A region's sides are at least this part of the frame's: tiny objects move fast in relation to their size."""
MAX_ZOOM = 2.0
"""Source pixels are enlarged at most this much; beyond it there is nothing to gain."""
SHORTEST = 64
"""Shortest side the network sees. Strips are squeezed in their length, so that the cost stays bounded."""


@dataclass(frozen=True)
class Region:
    """A box in the source frame and the size (a multiple of 16) at which the network sees it."""

    left: int
    top: int
    right: int
    bottom: int
    height: int
    width: int

    @property
    def box_size(self) -> tuple[int, int]:
        """(height, width) in source pixels."""
        return self.bottom - self.top, self.right - self.left

    @property
    def area(self) -> int:
        """Source pixels."""
        height, width = self.box_size
        return height * width

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """(row, column) of ``grid`` at a pixel of the source; the nearest one to what lies outside."""
        (height, width), (rows, columns) = self.box_size, self.grid
        row, column = int((y - self.top) * rows / height), int((x - self.left) * columns / width)
        return min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)

    @property
    def zoom(self) -> float:
        """Pixels that the network sees for each one of the source, along a side; further stretching does not count."""
        height, width = self.box_size
        return min(sqrt(self.height * self.width / (height * width)), MAX_ZOOM)

    def view(self, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Crop and resize a source frame (H, W, 3) uint8 to the network's (height, width, 3)."""
        crop = frame[self.top : self.bottom, self.left : self.right]
        if crop.shape[:2] == (self.height, self.width):
            return np.ascontiguousarray(crop)
        image = Image.fromarray(np.ascontiguousarray(crop))
        size = (self.width, self.height)
        return np.asarray(image.resize(size, Image.Resampling.BILINEAR, reducing_gap=1.0))

    @property
    def grid(self) -> tuple[int, int]:
        """(height, width) of masks in this region."""
        return self.height // MASK_STRIDE, self.width // MASK_STRIDE

    def resembles(self, other: "Region") -> bool:
        """Whether both look at the same part of the frame, but for a tenth of its width and height."""
        height, width = self.box_size
        across = max(abs(self.left - other.left), abs(self.right - other.right))
        down = max(abs(self.top - other.top), abs(self.bottom - other.bottom))
        return across <= 0.1 * width and down <= 0.1 * height

    def holds(self, bounds: Bounds) -> bool:
        """Whether a box lies in this part of the frame."""
        left, top, right, bottom = bounds
        return self.left <= left and self.top <= top and right <= self.right and bottom <= self.bottom

    def view_masks(self, masks: Mask) -> Mask:
        """Disjoint masks (K, H, W) of the whole source frame -> (K, *grid), soft.

        Each keeps its greatest value: averaged over a cell, an object smaller than one would be lost.
        """
        crop = masks[:, self.top : self.bottom, self.left : self.right]
        seen = _resize(crop, self.grid)
        highest, kept = (each.max((1, 2), keepdims=True) for each in (crop, seen))
        seen = seen * (highest / np.maximum(kept, 1e-6))
        return seen / np.maximum(seen.sum(0), 1)

    def paint(self, masks: Mask, ids: Sequence[int]) -> NDArray[np.uint8]:
        """Label map (*box_size) in source pixels of the objects' probabilities (K, *grid).

        Between the grid's cells it is log-odds against the background that change evenly, as the network was trained;
        0 is an object's border. Each object is enlarged no further than it reaches, so many small ones cost little.
        """
        odds = _log_odds(masks)
        labels = np.zeros(self.box_size, np.uint8)
        if len(masks) == 1:
            # Bytes are quicker than floats.
            here, image = self._enlarged(odds[0] * STEEP, 0)
            np.copyto(labels[here], ids[0], where=np.asarray(image.convert("L")) > 0)
            return labels
        best = np.zeros(self.box_size, np.float32)
        for i, own in zip(ids, odds, strict=True):
            here, image = self._enlarged(own, 0)
            enlarged = np.asarray(image)
            wins = enlarged > best[here]
            np.copyto(best[here], enlarged, where=wins)
            np.copyto(labels[here], i, where=wins)
        return labels

    def soften(self, masks: Mask) -> Mask:
        """Probabilities (*box_size) in source pixels that any of the objects (K, *grid) is there.

        Log-odds change evenly between the grid's cells, as in `paint`; 0 where it is improbable all around.
        """
        together = np.minimum(masks.sum(0, keepdims=True), 1)
        soft = np.zeros(self.box_size, np.float32)
        here, odds = self._enlarged(_log_odds(together)[0], IMPROBABLE)
        soft[here] = 1 / (1 + np.exp(-np.asarray(odds)))
        return soft

    def _enlarged(self, odds: Mask, above: float) -> tuple[tuple[slice, slice], Image.Image]:
        """The box in source pixels that log-odds (*grid) above a bound reach, and the log-odds in it."""
        down, across = bounding_box(odds > above)
        if down.start == down.stop:
            return (slice(0, 0), slice(0, 0)), Image.new("F", (0, 0))
        (height, width), (rows, columns) = self.box_size, self.grid
        scale_x, scale_y = columns / width, rows / height
        # Interpolation carries an object half a cell beyond the centres of its outermost cells.
        top, bottom = int((down.start - 0.5) / scale_y), ceil((down.stop + 0.5) / scale_y)
        left, right = int((across.start - 0.5) / scale_x), ceil((across.stop + 0.5) / scale_x)
        top, left, bottom, right = max(top, 0), max(left, 0), min(bottom, height), min(right, width)
        box = (left * scale_x, top * scale_y, min(right * scale_x, columns), min(bottom * scale_y, rows))
        enlarged = Image.fromarray(odds).resize((right - left, bottom - top), Image.Resampling.BILINEAR, box)
        return np.s_[top:bottom, left:right], enlarged

    def transfer(self, masks: Mask, target: "Region") -> Mask:
        """Masks (K, *grid) seen through this region -> (K, *target.grid); 0 where this region did not look."""
        if target == self:
            return masks
        (box_height, box_width), (own_height, own_width) = target.box_size, self.box_size
        (height, width), (rows, columns) = target.grid, self.grid
        scale_x, scale_y = columns / own_width, rows / own_height
        affine = (
            box_width / width * scale_x,
            0.0,
            (target.left - self.left) * scale_x,
            0.0,
            box_height / height * scale_y,
            (target.top - self.top) * scale_y,
        )
        method, filtering = Image.Transform.AFFINE, Image.Resampling.BILINEAR
        images = (Image.fromarray(mask).transform((width, height), method, affine, filtering) for mask in masks)
        return np.stack([np.asarray(image) for image in images])

    def bounds_in_source(self, mask: Mask) -> Bounds | None:
        """Bounding box in source pixels of a mask > 0.5 of any resolution.

        The outermost 0.5 % of its pixels on each side do not count, so that specks do not open the view.
        None if the mask is empty.
        """
        inside = mask > 0.5
        if not inside.any():
            return None
        left, right = _trimmed_span(inside.sum(0))
        top, bottom = _trimmed_span(inside.sum(1))
        height, width = self.box_size
        scale_x, scale_y = width / mask.shape[1], height / mask.shape[0]
        return (
            self.left + left * scale_x,
            self.top + top * scale_y,
            self.left + right * scale_x,
            self.top + bottom * scale_y,
        )


def whole_frame(frame_size: tuple[int, int], size: Sight, enlarged: int | None = None) -> Region:
    """The full frame, seen as by ``around``."""
    height, width = frame_size
    return _region(0, 0, width, height, size, enlarged)


def around(
    bounds: Bounds,
    frame_size: tuple[int, int],
    size: Sight,
    margin: float,
    least: tuple[float, float] = (0.0, 0.0),
    zoom: float = MAX_ZOOM,
    enlarged: int | None = None,
) -> Region:
    """The region around a bounding box.

    Args:
        bounds: of all objects together.
        frame_size: (height, width) of the source.
        size: the network sees about ``size`` x ``size`` pixels; or just that size, and the region has its proportions
            as far as the frame reaches.
        margin: free space on each side, in units of the square root of the box's area.
        least: (height, width) in source pixels that the region must have.
        zoom: source pixels are enlarged at most this much; beyond ``MAX_ZOOM`` a region may be smaller than
            ``MIN_SIDE``, for nothing moves.
        enlarged: where source pixels have to be enlarged, it is only up to about ``enlarged`` x ``enlarged``, as there
            is nothing more to see in them; None for ``size``.
    """
    left, top, right, bottom = bounds
    free = margin * sqrt((right - left) * (bottom - top))
    height, width = frame_size
    share = MIN_SIDE * min(1.0, MAX_ZOOM / zoom)
    sides = (
        min(max(right - left + 2 * free, share * width, least[1]), width),
        min(max(bottom - top + 2 * free, share * height, least[0]), height),
    )
    if not isinstance(size, int):
        pixel = max(sides[0] / size[1], sides[1] / size[0], 1 / MAX_ZOOM)
        sides = min(pixel * size[1], width), min(pixel * size[0], height)
    spans = []
    for low, high, limit, side in ((left, right, width, sides[0]), (top, bottom, height, sides[1])):
        start = min(max((low + high - side) / 2, 0), limit - side)
        spans.append((int(start), min(int(start + side + 1), limit)))
    (left_px, right_px), (top_px, bottom_px) = spans
    return _region(left_px, top_px, right_px, bottom_px, size, enlarged, zoom)


def _region(
    left: int, top: int, right: int, bottom: int, size: Sight, enlarged: int | None, zoom: float = MAX_ZOOM
) -> Region:
    if not isinstance(size, int):
        return Region(left, top, right, bottom, *size)
    height, width = bottom - top, right - left
    side = sqrt(height * width)
    zoom = max(min((enlarged or size) / side, zoom), min(size / side, 1.0))
    longest = size * size // SHORTEST // STRIDE * STRIDE
    sides = (min(max(SHORTEST, round(side * zoom / STRIDE) * STRIDE), longest) for side in (height, width))
    return Region(left, top, right, bottom, *sides)


def _resize(masks: Mask, size: tuple[int, int]) -> Mask:
    return np.stack(
        [
            np.asarray(Image.fromarray(mask).resize(size[::-1], Image.Resampling.BILINEAR))
            for mask in np.ascontiguousarray(masks, np.float32)
        ]
    )


def _log_odds(masks: Mask) -> Mask:
    """Probabilities (K, H, W) of objects -> log-odds against the background."""
    background = 1 - masks.sum(0)
    return np.log(np.maximum(masks, LEAST)) - np.log(np.maximum(background, LEAST))


def _trimmed_span(counts: NDArray[np.int64], trim: float = 0.005) -> tuple[int, int]:
    mass = np.cumsum(counts)
    low = int(np.searchsorted(mass, trim * mass[-1], side="right"))
    high = int(np.searchsorted(mass, (1 - trim) * mass[-1], side="left"))
    return low, high + 1
