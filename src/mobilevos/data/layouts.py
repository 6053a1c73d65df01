"""Where training data lies: the official layouts of the field's data sets, found below one folder.

Video: `JPEGImages/` beside `Annotations/`, as DAVIS and YouTube-VOS have them. Stills: images and masks in two
sibling folders (DUTS, ECSSD, HRSOD, or `images/` and `masks/`), or side by side in one folder under the same
names (the stills that STCN trains on), also one folder a class (FSS-1000).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, pairwise
from pathlib import Path

from mobilevos.data.images import files_by_stem
from mobilevos.data.name_list import names_in
from mobilevos.errors import InputError
from mobilevos.video.stills import MASK_SUFFIXES

_MAX_DEPTH = 4
_HELD_OUT = re.compile(r"(^|[-_])(val|valid|test)([-_]|$)", re.IGNORECASE)
_CLASS_PAIRS = 20
"""Folders of at most so many pairs side by side are classes of one set: their parent is the set."""


@dataclass(frozen=True)
class PairSet:
    """A set of stills: its name, in lower case, and the (image, mask) files."""

    name: str
    pairs: list[tuple[Path, Path]]


@dataclass(frozen=True)
class Sequence:
    """The annotated frames of one video: image and mask files in order of time; `folder` holds the masks."""

    folder: Path
    images: list[Path]
    masks: list[Path]

    @property
    def spacing(self) -> int:
        """Frames of the video from one mask to the next, by file number: 1 in DAVIS, 5 in YouTube-VOS."""
        stems = [path.stem for path in self.masks]
        if not all(stem.isdecimal() for stem in stems):
            return 1
        return min((int(after) - int(before) for before, after in pairwise(stems)), default=1)


@dataclass
class Found:
    """What there is to train on below a folder."""

    stills: list[PairSet] = field(default_factory=list)
    videos: list[Sequence] = field(default_factory=list)

    def files(self) -> Iterator[Path]:
        """All images and masks."""
        for pairs in self.stills:
            yield from chain.from_iterable(pairs.pairs)
        for video in self.videos:
            yield from (*video.images, *video.masks)


def find(root: Path) -> Found:
    """Index all sets of stills and all videos in `root` and up to four levels below it; no image is read.

    Folders named after a held-out split (`valid`, `test`, `test-dev`, `HRSOD_test` ...) are passed over, and
    where there are lists in `ImageSets/`, only the videos in a `train.txt` are used: a benchmark's validation
    split is never trained on.

    Raises:
        InputError: the folder does not exist or holds nothing to train on; a mask has no image.
    """
    if not root.is_dir():
        raise InputError(f"{root} is not a folder; give the folder with the training data.")
    found = Found()
    classes: dict[Path, list[tuple[Path, Path]]] = {}
    for folder in _walk(root):
        if (folder / "Annotations").is_dir():
            found.videos += _videos(folder)
        found.stills += [PairSet(name.lower(), pairs) for name, pairs in _paired_folders(folder)]
        pairs = _side_by_side(folder)
        if len(pairs) > _CLASS_PAIRS:
            found.stills.append(PairSet(folder.name.lower(), pairs))
        elif pairs:
            classes.setdefault(folder if folder == root else folder.parent, []).extend(pairs)
    found.stills += [PairSet(folder.name.lower(), pairs) for folder, pairs in classes.items()]
    if not found.stills and not found.videos:
        raise InputError(
            f"Found no training data in {root}, expected video (JPEGImages/<clip>/ and Annotations/<clip>/, not a "
            "validation or test split) or stills (images/ and masks/, or image and mask side by side)."
        )
    return found


def _walk(root: Path) -> Iterator[Path]:
    """`root` and the folders below it that may hold data, level by level in sorted order."""
    level = [root]
    for _ in range(_MAX_DEPTH):
        yield from level
        level = [
            child
            for folder in level
            for child in sorted(folder.iterdir())
            if child.is_dir() and not _HELD_OUT.search(child.name) and not child.name.startswith(".")
            if child.name not in ("JPEGImages", "Annotations", "ImageSets", "__MACOSX")
        ]
    yield from level


def _paired_folders(folder: Path) -> Iterator[tuple[str, list[tuple[Path, Path]]]]:
    """Name and pairs of each two folders in `folder` of which one holds the masks of the other."""
    children = {child.name: child for child in sorted(folder.iterdir()) if child.is_dir()}
    for name, masks in children.items():
        images = next((children[partner] for partner in _partners(name) if partner in children), None)
        if images is None or _HELD_OUT.search(images.name):
            continue
        mask_files = files_by_stem(masks, MASK_SUFFIXES)
        if not mask_files:
            raise InputError(f"{masks} has no masks, expected files named like the images in {images.name}/.")
        name = folder.name if images.name == "images" else images.name.removesuffix("-Image")
        yield name, _pairs(files_by_stem(images), mask_files, images)


def _partners(name: str) -> Iterator[str]:
    """Names that the folder of images may have if `name` is that of the masks."""
    if name in ("masks", "ground_truth_mask"):
        yield "images"
    elif name.endswith("-Mask"):
        yield name.removesuffix("-Mask") + "-Image"
    elif name.endswith("_mask"):
        yield name.removesuffix("_mask")


def _pairs(images: dict[str, Path], masks: dict[str, Path], where: Path) -> list[tuple[Path, Path]]:
    missing = next((path for stem, path in masks.items() if stem not in images), None)
    if missing:
        raise InputError(f"{missing} has no image of the same name in {where}; add or remove it.")
    return [(images[stem], path) for stem, path in masks.items()]


def _side_by_side(folder: Path) -> list[tuple[Path, Path]]:
    """Pairs of a JPEG and a PNG of the same name in `folder`."""
    images, masks = files_by_stem(folder, (".jpg", ".jpeg")), files_by_stem(folder, (".png",))
    return [(images[stem], path) for stem, path in masks.items() if stem in images]


def _videos(root: Path) -> list[Sequence]:
    """The videos of a folder with `Annotations/`: one a subfolder, or one a subfolder of `480p/` and the like.

    Where there are several resolutions, `480p` is used. Masks right in `Annotations/` are one video.
    """
    annotations = root / "Annotations"
    folders = [annotations, *(p for pattern in ("*", "*/*") for p in sorted(annotations.glob(pattern)) if p.is_dir())]
    if any(folder.name == "480p" for folder in folders):
        folders = [folder for folder in folders if folder.parent.name == "480p"]
    allowed = _training_names(root / "ImageSets")
    videos = []
    for folder in folders:
        masks = files_by_stem(folder, MASK_SUFFIXES)
        if not masks or (allowed is not None and folder.name not in allowed):
            continue
        frames = root / "JPEGImages" / folder.relative_to(annotations)
        if not frames.is_dir():
            raise InputError(f"{folder} holds masks but their frames are missing; put them in {frames}.")
        pairs = _pairs(files_by_stem(frames), masks, frames)
        videos.append(Sequence(folder, [image for image, _ in pairs], [mask for _, mask in pairs]))
    return videos


def _training_names(lists: Path) -> set[str] | None:
    """Names in the official training lists; None: no list at all."""
    if not any(lists.glob("*/*.txt")):
        return None
    return {name for path in lists.glob("*/train.txt") for name in names_in(path)}
