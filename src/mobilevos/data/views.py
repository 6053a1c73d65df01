"""Single views of objects, as a tracker looks at a frame: the whole of it, or a region around an object."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mobilevos.data.appearance import film
from mobilevos.data.images import object_ids, read_pair
from mobilevos.data.layouts import Found, Sequence
from mobilevos.data.stills import Still, StillSet
from mobilevos.data.types import IGNORE, Image, Labels, id_shares
from mobilevos.errors import InputError

_LEAST_AREA = 0.002
"""Share of a view that an object must cover."""
_WEIGHTS = {"bsds500": 0.5}
"""Sampling weights of sets that differ from those of tracking: who clicks means a thing, seldom a mere region."""
_LARGEST = 5.0
"""Pixels are enlarged at most so much."""
_STRETCH = 1.5
"""A view that is wider or higher than the image allows is stretched, at most so much."""


@dataclass(frozen=True)
class View:
    """What a prompt is given for.

    Attributes:
        frame: (S, S, 3) uint8 RGB.
        labels: (S, S) uint8; 0 background, object ids, 255 unknown.
        ids: of usable size, at least one; the first is the one that the view was made for.
    """

    frame: Image
    labels: Labels
    ids: tuple[int, ...]


class Views:
    """An endless sequence of views of stills and of frames of video; view number ``index`` is always the same.

    Args:
        found: of `mobilevos.data.layouts.find`.
        seed: another seed gives another sequence.
        size: (smallest, largest) side S, px.
        batch: so many views in a row have the same S.
        video: share of views of video.
        zoomed: share of views that are made around an object; of the rest, most show all of the image.
    """

    def __init__(
        self,
        found: Found,
        *,
        seed: int = 0,
        size: tuple[int, int] = (256, 320),
        batch: int = 1,
        video: float = 0.4,
        zoomed: float = 0.45,
    ) -> None:
        self._stills = StillSet(found.stills, _WEIGHTS) if found.stills else None
        self._videos = found.videos
        shares = np.sqrt([len(video.masks) for video in found.videos])
        self._shares = shares / shares.sum()
        self._seed, self._size, self._batch, self._zoomed = seed, size, batch, zoomed
        self._video = 0.0 if not found.videos else video if self._stills else 1.0

    def draw(self, index: int) -> View:
        """View number ``index``.

        Raises:
            InputError: a file of the data cannot be used, or fifty views in a row show no object.
        """
        rng = np.random.default_rng((self._seed, index))
        sides = range(self._size[0], self._size[1] + 1, 32)
        side = sides[np.random.default_rng((self._seed, index // self._batch, 32)).integers(len(sides))]
        for _ in range(50):
            picture = self._picture(rng)
            if picture and (view := _cut(rng, picture, side, self._zoomed)):
                return view
        raise InputError("50 views in a row showed no object of a usable size; check the masks.")

    def _picture(self, rng: np.random.Generator) -> Still | None:
        if self._stills and rng.random() >= self._video:
            return self._stills.draw(rng)
        video = self._videos[rng.choice(len(self._videos), p=self._shares)]
        return _frame(rng, video)


def _frame(rng: np.random.Generator, video: Sequence) -> Still | None:
    number = rng.integers(len(video.masks))
    image, labels = read_pair(video.images[number], video.masks[number])
    ids = object_ids(labels)
    if len(ids) > 1 and rng.random() < 0.1:
        labels = np.where((labels > 0) & (labels != IGNORE), 1, labels).astype(np.uint8)
        ids = [1]
    return Still(image, labels, tuple(ids)) if ids else None


def _cut(rng: np.random.Generator, picture: Still, side: int, zoomed: float) -> View | None:
    """A random view of a picture; None if its object is too small in it."""
    focus = int(rng.choice(picture.ids))
    height, width = picture.labels.shape
    x, y, across, down = cv2.boundingRect(np.equal(picture.labels, focus).view(np.uint8))
    middle, extent = np.array([x + across / 2, y + down / 2]), np.array([across, down], float)
    whole = np.array([width, height], float)
    near = extent + 2 * np.exp(rng.uniform(*np.log((0.12, 0.9)))) * np.sqrt(extent.prod())
    near = np.full(2, max(np.sqrt(near.prod()), 1.1 * extent.max()))
    kind = rng.random()
    if kind < zoomed:
        window = near
    elif kind < zoomed + 0.4:
        window = whole * rng.uniform(0.8, 1)
    else:
        window = np.exp(rng.uniform(np.log(near.min()), np.log(max(whole.max(), near.min() + 1)), 1)).repeat(2)
    window = np.minimum(np.maximum(window * np.exp(rng.normal(0, 0.06, 2)), side / _LARGEST), whole)
    window = np.minimum(window, window.min() * _STRETCH)
    corner = np.clip(middle + rng.normal(0, 0.08, 2) * window - window / 2, 0, whole - window)
    left, top = corner.astype(int)
    right, bottom = np.minimum(np.ceil(corner + window), whole).astype(int)
    crop = np.s_[top:bottom, left:right]
    labels = cv2.resize(picture.labels[crop], (side, side), interpolation=cv2.INTER_NEAREST)
    shares = id_shares(labels)
    ids = [i for i in picture.ids if _LEAST_AREA <= shares[i] <= 0.9]
    if focus not in ids:
        return None
    sampling = cv2.INTER_AREA if right - left > side else cv2.INTER_LINEAR
    frame = cv2.resize(picture.image[crop], (side, side), interpolation=sampling)
    if rng.random() < 0.5:
        frame, labels = frame[:, ::-1], labels[:, ::-1]
    frame = film(rng, np.ascontiguousarray(frame)[None])[0]
    others = rng.permutation([i for i in ids if i != focus]).tolist()
    return View(frame, np.ascontiguousarray(labels), (focus, *others))


def target_of(labels: NDArray[np.uint8], object_id: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """An object and what is known, (S, S) labels -> two maps (S/4, S/4) of shares, 0..1."""
    side = labels.shape[0] // 4
    cells = labels.reshape(side, 4, side, 4)
    return (
        (cells == object_id).mean((1, 3), dtype=np.float32),
        (cells != IGNORE).mean((1, 3), dtype=np.float32),
    )
