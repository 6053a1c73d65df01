"""Clips cut from real video with a mask per frame."""

from collections.abc import Collection

import cv2
import numpy as np
from numpy.typing import NDArray

from mobilevos.data.appearance import film
from mobilevos.data.geometry import mirror, pose
from mobilevos.data.images import object_ids, onto_mask, read_image, read_masks
from mobilevos.data.layouts import Sequence
from mobilevos.data.types import IGNORE, Clip, Image, Labels, choose_targets
from mobilevos.errors import InputError
from mobilevos.video.stills import Levels

_MAX_ENLARGEMENT = 2.5


class RealClips:
    """Videos as files of frames and masks; frames without a mask are left out."""

    def __init__(self, videos: Collection[Sequence]) -> None:
        """Take the videos of `layouts.find`; no image is read.

        Raises:
            InputError: there is none.
        """
        if not videos:
            raise InputError("Found no clip, expected JPEGImages/<clip>/ and Annotations/<clip>/.")
        self._videos = list(videos)

    def __len__(self) -> int:
        """Number of videos."""
        return len(self._videos)

    def sample(
        self,
        rng: np.random.Generator,
        frames: int = 3,
        size: int = 256,
        max_step: int = 12,
        max_objects: int = 2,
    ) -> Clip:
        """Cut a random clip: frames at random steps, forwards or backwards, seen through a random crop.

        Args:
            rng: decides everything.
            frames: T >= 1.
            size: side S of the square crop, px.
            max_step: largest distance between two successive frames, in frames of the video, less where the
                video is short; at least one annotated frame.
            max_objects: largest number of targets.

        Raises:
            InputError: no video has T annotated frames, a file cannot be used, or a hundred cuts in a row had
                no object of a usable size.
        """
        long_enough = [video for video in self._videos if len(video.masks) >= frames]
        if not long_enough:
            longest = max(self._videos, key=lambda video: len(video.masks))
            raise InputError(
                f"The longest clip, {longest.folder}, has {len(longest.masks)} annotated frame(s), "
                f"expected at least {frames}."
            )
        # Long videos have more to show, though not in proportion: their frames resemble each other.
        shares = np.sqrt([len(video.masks) for video in long_enough])
        shares /= shares.sum()
        for _ in range(100):
            sequence = long_enough[rng.choice(len(long_enough), p=shares)]
            chosen = _choose_frames(rng, len(sequence.masks), frames, max_step // sequence.spacing)
            clip = _cut(rng, sequence, chosen, size, max_objects)
            if clip is not None:
                return clip
        raise InputError("100 cuts in a row had no object of a usable size in their first frame; check the masks.")


def _choose_frames(rng: np.random.Generator, length: int, frames: int, max_step: int) -> NDArray[np.int64]:
    """(T,) frame numbers with steps of 1..max_step, in either direction of time."""
    longest = max(1, min(max_step, (length - 1) // max(frames - 1, 1)))
    offsets = np.concatenate([[0], np.cumsum(rng.integers(1, longest + 1, frames - 1))])
    chosen = offsets + rng.integers(length - offsets[-1])
    return chosen[::-1] if rng.random() < 0.5 else chosen


def _cut(
    rng: np.random.Generator, sequence: Sequence, chosen: NDArray[np.int64], size: int, max_objects: int
) -> Clip | None:
    masks = read_masks(sequence.masks[i] for i in chosen)
    ids = object_ids(*masks)
    present = object_ids(masks[0])
    if not present:
        return None
    poses = _crops(rng, masks, int(rng.choice(present)), size)
    # Decoding at half the size is faster, and smoother than sampling every other pixel.
    scale = np.hypot(*poses[0][:2, 0])
    shrink = next(s for s in (8, 4, 2, 1) if s == 1 or scale * s <= 1)
    levels = Levels.of(sequence.images[i] for i in chosen)
    images, labels = [], []
    for number, mask, matrix in zip(chosen, masks, poses, strict=True):
        path = sequence.images[number]
        image = read_image(path, shrink, levels)
        placed = onto_mask(image, path, mask, sequence.masks[number], shrink)
        images.append(_warp(image, matrix @ placed, size))
        labels.append(_warp(mask, matrix, size))
    return choose_targets(rng, film(rng, np.stack(images)), np.stack(labels), ids, max_objects)


def _crops(rng: np.random.Generator, masks: list[Labels], focus: int, size: int) -> list[NDArray[np.float64]]:
    """T poses of the frame in the crop, which may pan along with the object but keeps its zoom and turn."""
    height, width = masks[0].shape
    fill = size / min(height, width)
    places = [_place(mask, focus) for mask in masks]
    first, side = places[0]
    if rng.random() < 0.35:
        # Close-up: the object takes 15 to 60 % of the side of the crop, however small it is in the frame.
        scale = np.clip(size * rng.uniform(0.15, 0.6) / side, fill, max(_MAX_ENLARGEMENT, fill))
    else:
        scale = fill * np.exp(rng.uniform(-0.05, 0.6))
    spread = size / scale * 0.15
    center = first + rng.normal(0, spread, 2) if rng.random() < 0.75 else rng.uniform(0, 1, 2) * [width, height]
    last = next((point for point, extent in reversed(places) if extent > 0))
    pan = rng.uniform(-0.2, 1) * (last - first)
    margin = np.minimum(size / 2 / scale, [width / 2, height / 2])
    angle, shear = rng.normal(0, 0.08), rng.normal(0, 0.05)
    middle = np.array([size / 2, size / 2])
    orientation = mirror(size) if rng.random() < 0.5 else np.eye(3)
    poses = []
    for step in np.linspace(0, 1, len(masks)):
        x, y = np.clip(center + step * pan, margin, [width, height] - margin)
        poses.append(orientation @ pose((x, y), middle, scale, angle, shear))
    return poses


def _place(mask: Labels, focus: int) -> tuple[NDArray[np.float64], int]:
    """Centre (x, y) and longer side of an object's box, px; the side is 0 where the object is absent."""
    x, y, width, height = cv2.boundingRect(np.equal(mask, focus).view(np.uint8))
    return np.array([x + width / 2, y + height / 2]), max(width, height)


def _warp(image: Image, matrix: NDArray[np.float64], size: int) -> Image:
    """Crop of an image (mirrored beyond its border) or of a label map (`IGNORE` there)."""
    if image.ndim == 3:
        return cv2.warpAffine(
            image, matrix[:2], (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
        )
    return cv2.warpAffine(
        image,
        matrix[:2],
        (size, size),
        flags=cv2.INTER_NEAREST,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=IGNORE,
    )
