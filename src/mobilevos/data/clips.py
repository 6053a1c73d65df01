"""Clips cut from real video with a mask per frame."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mobilevos.data.appearance import film
from mobilevos.data.geometry import mirror, pose
from mobilevos.data.images import (
    check_sizes,
    files_by_stem,
    object_ids,
    read_image,
    read_mask,
    resolve_binary,
)
from mobilevos.data.types import IGNORE, Clip, Image, Labels, choose_targets
from mobilevos.errors import InputError

_MAX_IDS = 64
_MAX_ENLARGEMENT = 2.5


@dataclass(frozen=True)
class _Sequence:
    """The annotated frames of one video: image and mask files in order of time."""

    images: list[Path]
    masks: list[Path]


class RealClips:
    """Videos as folders of frames, in the layout of DAVIS and YouTube-VOS.

    `ROOT/JPEGImages/<clip>/` holds frames and `ROOT/Annotations/<clip>/` PNG masks of the same names; a level
    between (`480p`) is accepted, and `480p` is preferred where there are several. Frames without a mask are
    left out. Where `ROOT/ImageSets/*/train.txt` exists, only the clips it names are used, so that a
    benchmark's validation split is never trained on.
    """

    def __init__(self, *roots: Path) -> None:
        """Index the roots; no image is read.

        Raises:
            InputError: there is no clip, or a mask has no frame of its name.
        """
        self._sequences = [sequence for root in roots for sequence in _index(Path(root))]
        if not self._sequences:
            where = ", ".join(str(root) for root in roots) or "an empty list of folders"
            raise InputError(f"Found no clip in {where}, expected JPEGImages/<clip>/ and Annotations/<clip>/.")

    def __len__(self) -> int:
        """Number of videos."""
        return len(self._sequences)

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
            max_step: largest distance between two successive frames, less where the video is short.
            max_objects: largest number of targets.

        Raises:
            InputError: no video has T annotated frames, a file cannot be used, or a hundred cuts in a row had
                no object of a usable size.
        """
        long_enough = [s for s in self._sequences if len(s.masks) >= frames]
        if not long_enough:
            longest = max(len(s.masks) for s in self._sequences)
            raise InputError(f"The longest video has {longest} annotated frames, expected at least {frames}.")
        for _ in range(100):
            sequence = long_enough[rng.integers(len(long_enough))]
            chosen = _choose_frames(rng, len(sequence.masks), frames, max_step)
            clip = _cut(rng, sequence, chosen, size, max_objects)
            if clip is not None:
                return clip
        raise InputError("100 cuts in a row had no object of a usable size in their first frame; check the masks.")


def _index(root: Path) -> list[_Sequence]:
    annotations = root / "Annotations"
    folders = [p for pattern in ("*", "*/*") for p in sorted(annotations.glob(pattern)) if p.is_dir()]
    if any(folder.name == "480p" for folder in folders):
        folders = [folder for folder in folders if folder.parent.name == "480p"]
    allowed = _training_names(root)
    sequences = []
    for folder in folders:
        masks = files_by_stem(folder, (".png",))
        if not masks or (allowed and folder.name not in allowed):
            continue
        image_folder = root / "JPEGImages" / folder.relative_to(annotations)
        images = files_by_stem(image_folder) if image_folder.is_dir() else {}
        missing = next((path for stem, path in masks.items() if stem not in images), None)
        if missing:
            raise InputError(f"{missing} has no frame of the same name in {image_folder}; add or remove it.")
        sequences.append(_Sequence([images[stem] for stem in masks], list(masks.values())))
    return sequences


def _training_names(root: Path) -> set[str]:
    """Names in the official training lists: one clip, or one pair of frame paths, a line."""
    lines = [line for path in root.glob("ImageSets/*/train.txt") for line in path.read_text().splitlines()]
    first = [line.split()[0] for line in lines if line.strip()]
    return {Path(entry).parent.name if "/" in entry else entry for entry in first}


def _choose_frames(rng: np.random.Generator, length: int, frames: int, max_step: int) -> NDArray[np.int64]:
    """(T,) frame numbers with steps of 1..max_step, in either direction of time."""
    longest = max(1, min(max_step, (length - 1) // max(frames - 1, 1)))
    offsets = np.concatenate([[0], np.cumsum(rng.integers(1, longest + 1, frames - 1))])
    chosen = offsets + rng.integers(length - offsets[-1])
    return chosen[::-1] if rng.random() < 0.5 else chosen


def _cut(
    rng: np.random.Generator, sequence: _Sequence, chosen: NDArray[np.int64], size: int, max_objects: int
) -> Clip | None:
    masks = [read_mask(sequence.masks[i]) for i in chosen]
    resolve_binary(*masks)
    ids = object_ids(*masks)
    if len(ids) > _MAX_IDS:
        raise InputError(
            f"{sequence.masks[chosen[0]].parent} has {len(ids)} different ids in {len(masks)} masks, "
            f"expected at most {_MAX_IDS}; if edges are smoothed, save the masks again without anti-aliasing."
        )
    present = object_ids(masks[0])
    if not present:
        return None
    poses = _crops(rng, masks, int(rng.choice(present)), size)
    # Decoding at half the size is faster, and smoother than sampling every other pixel.
    scale = np.hypot(*poses[0][:2, 0])
    shrink = next(s for s in (8, 4, 2, 1) if s == 1 or scale * s <= 1)
    images, labels = [], []
    for number, mask, matrix in zip(chosen, masks, poses, strict=True):
        path = sequence.images[number]
        image = read_image(path, shrink)
        check_sizes(image, path, mask, sequence.masks[number], shrink)
        images.append(_warp(image, matrix @ np.diag([shrink, shrink, 1]), size))
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
