"""The layers of a scene: a backdrop, and objects, cut from stills for instance, that are painted over it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mobilevos.data.appearance import streak
from mobilevos.data.geometry import BEND_NODES, Box, Matrices, bounds, sampling_maps
from mobilevos.data.stills import Still
from mobilevos.data.types import IGNORE, Floats, Image, Labels

_OPAQUE = 127
_RIM = 2


@dataclass
class Canvas:
    """One frame in the making.

    Attributes:
        rgba: (S, S, 4) uint8; the last channel has no meaning, but OpenCV warps and blends four channels much
            faster than three.
        labels: (S, S) uint8.
    """

    rgba: Image
    labels: Labels


@dataclass(frozen=True)
class Motion:
    """How a layer moves: poses (T, 3, 3) and bends (T, BEND_NODES, BEND_NODES, 2) px; None keeps it rigid.

    `shutter` is the part of the time between two frames during which light is gathered: it sets the length of
    the motion blur.
    """

    poses: Matrices
    bends: Matrices | None
    shutter: float

    def blur(self, anchor: tuple[float, float], t: int) -> NDArray[np.float64]:
        """(x, y) px that the source point `anchor` moves in frame `t` while the shutter is open."""
        before, after = max(t - 1, 0), min(t + 1, len(self.poses) - 1)
        move = (self.poses[after] - self.poses[before])[:2] @ [*anchor, 1]
        return self.shutter * move / max(after - before, 1)


@dataclass(frozen=True)
class Backdrop:
    """A whole still with its own objects, under camera motion.

    Attributes:
        rgba: (h, w, 4) uint8.
        labels: (h, w) uint8; None: nothing in it is an object, in or beyond its border.
        motion: see `Motion`.
    """

    rgba: Image
    labels: Labels | None
    motion: Motion

    def paint(self, t: int, size: int) -> Canvas:
        """Frame `t`, with the still mirrored beyond its border; labels there are `IGNORE`."""
        frame: Box = (0, 0, size, size)
        bend = np.zeros((BEND_NODES, BEND_NODES, 2)) if self.motion.bends is None else self.motion.bends[t]
        maps = sampling_maps(self.motion.poses[t], bend, frame, frame)
        rgba = cv2.remap(self.rgba, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
        height, width = self.rgba.shape[:2]
        shown = streak(rgba, self.motion.blur((width / 2, height / 2), t))
        if self.labels is None:
            return Canvas(shown, np.zeros((size, size), np.uint8))
        labels = cv2.remap(self.labels, *maps, cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT, borderValue=IGNORE)
        return Canvas(shown, labels)


@dataclass(frozen=True)
class Sprite:
    """An object that moves in front of what was painted before it.

    Attributes:
        rgba: (h, w, 4) uint8, colours multiplied by alpha, so that warping and blurring bring in nothing of
            the background that the object was cut from.
        label: id of its pixels, 0 for a distractor.
        motion: see `Motion`.
    """

    rgba: Image
    label: int
    motion: Motion

    def paint(self, canvas: Canvas, t: int) -> None:
        """Blend the object over `canvas` as it is in frame `t`."""
        height, width = self.rgba.shape[:2]
        low, high = bounds(self.motion.poses[t], width, height)
        blur = self.motion.blur((width / 2, height / 2), t)
        bend = 0.0 if self.motion.bends is None else np.abs(self.motion.bends[t]).max()
        margin = bend + np.abs(blur).max() / 2 + 1
        left, top = (int(v) for v in np.maximum(np.floor(low - margin), 0))
        right, bottom = (int(v) for v in np.minimum(np.ceil(high + margin), canvas.labels.shape[::-1]))
        if left >= right or top >= bottom:
            return
        domain = (int(low[0]), int(low[1]), int(high[0]) + 1, int(high[1]) + 1)
        layer = streak(self._warped(t, domain, (left, top, right, bottom)), blur)

        alpha = cv2.extractChannel(layer, 3)
        behind = canvas.rgba[top:bottom, left:right]
        transparency = cv2.cvtColor(cv2.bitwise_not(alpha), cv2.COLOR_GRAY2RGBA)
        behind[:] = cv2.add(cv2.multiply(behind, transparency, scale=1 / 255), layer)
        np.copyto(canvas.labels[top:bottom, left:right], np.uint8(self.label), where=alpha > _OPAQUE)

    def _warped(self, t: int, domain: Box, window: Box) -> Image:
        """The window of frame `t`; bends spread over `domain` (see `sampling_maps`)."""
        pose, bends = self.motion.poses[t], self.motion.bends
        if bends is not None:
            return cv2.remap(self.rgba, *sampling_maps(pose, bends[t], domain, window), cv2.INTER_LINEAR)
        left, top, right, bottom = window
        return cv2.warpAffine(self.rgba, pose[:2] - [[0, 0, left], [0, 0, top]], (right - left, bottom - top))


@dataclass(frozen=True)
class Cutout:
    """An object and the box of the still that it fills.

    Attributes:
        image: (h, w, 3) uint8 RGB.
        mask: (h, w) uint8, 0 or 255.
        center: (x, y) of the box in the still, px.
        cropped: share of the object's outline, roughly, that lies on the border of the still.
    """

    image: Image
    mask: Labels
    center: tuple[float, float]
    cropped: float

    @property
    def area(self) -> int:
        """Pixels of the object."""
        return cv2.countNonZero(self.mask)

    def premultiplied(self, scale: float, tones: NDArray[np.uint8], flip: bool) -> Image:
        """The object as (h', w', 4) uint8 for a `Sprite`.

        Args:
            scale: at most 1: size, relative to the still.
            tones: (1, 256, 3) look-up table of its colours.
            flip: mirror it left to right.
        """
        mask = cv2.copyMakeBorder(self.mask, _RIM, _RIM, _RIM, _RIM, cv2.BORDER_CONSTANT, value=0)
        image = cv2.copyMakeBorder(self.image, _RIM, _RIM, _RIM, _RIM, cv2.BORDER_REPLICATE)
        rgba = premultiply(cv2.LUT(image, tones), softened(mask))
        if scale < 1:
            rgba = cv2.resize(rgba, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        return cv2.flip(rgba, 1) if flip else rgba


def softened(mask: Labels) -> Labels:
    """Coverage, (h, w) uint8, soft over about a pixel of the edge, from the inside: just outside is the old background.

    Args:
        mask: (h, w) uint8, 0 or 255.
    """
    return cv2.addWeighted(cv2.GaussianBlur(mask, (3, 3), 0), 1.5, mask, 0, -127.5)


def premultiply(image: Image, alpha: Labels) -> Image:
    """(h, w, 4) uint8 of colours, (h, w, 3), multiplied by their coverage, (h, w) uint8, for a `Sprite`."""
    colour = cv2.multiply(image, cv2.cvtColor(alpha, cv2.COLOR_GRAY2RGB), scale=1 / 255)
    return cv2.merge([*cv2.split(colour), alpha])


def cut_out(still: Still, object_id: int) -> Cutout:
    """Cut an object from its still; an unknown band around it is halved between it and the rest."""
    mask = np.where(still.labels == object_id, np.uint8(255), np.uint8(0))
    unknown = still.labels == IGNORE
    if unknown.any():
        rest = ~unknown & (mask == 0)
        nearer = _distance_to(mask > 0) < _distance_to(rest)
        mask[unknown & nearer] = 255
    x, y, width, height = cv2.boundingRect(mask)
    box = (slice(y, y + height), slice(x, x + width))
    on_border = sum(cv2.countNonZero(line.copy()) for line in (mask[0], mask[-1], mask[:, 0], mask[:, -1]))
    return Cutout(
        image=still.image[box],
        mask=mask[box],
        center=(x + width / 2, y + height / 2),
        cropped=on_border / (4 * cv2.countNonZero(mask) ** 0.5),
    )


def _distance_to(region: NDArray[np.bool_]) -> Floats:
    """(h, w) distance of each pixel to the nearest pixel of `region`; infinite if there is none."""
    if not region.any():
        return np.full(region.shape, np.inf, np.float32)
    return cv2.distanceTransform(np.where(region, np.uint8(0), np.uint8(255)), cv2.DIST_L2, 3)
