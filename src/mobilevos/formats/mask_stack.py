"""Masks of all frames as the pages of one image: a stack in TIFF, or an animated PNG, GIF or lossless WebP."""

from pathlib import Path

from PIL import Image, ImageSequence

from mobilevos.formats.format import Document, Format, Marks
from mobilevos.video.annotations import image_masks
from mobilevos.video.piped import temporary
from mobilevos.video.source import FrameSource
from mobilevos.video.stills import IMAGE_ERRORS, is_deep, is_lossy

_SUFFIXES = frozenset({".tif", ".tiff", ".png", ".gif", ".webp"})


def is_stack(path: Path) -> bool:
    """Whether a file holds several images of one size, each of which may be a mask; of others, the first one counts."""
    if path.suffix.lower() not in _SUFFIXES or not path.is_file() or is_lossy(path):
        return False
    try:
        with Image.open(path) as image:
            sizes = [page.size for page in ImageSequence.Iterator(image)]
            return len(sizes) > 1 and len(set(sizes)) == 1
    except IMAGE_ERRORS:
        return False


def _read(document: Document, frames: FrameSource | None) -> Marks:
    """Page by page; they wait on disk as images, since they are wanted in any order and more than once."""
    path = document.path
    folder = temporary("masks")
    folder.mkdir()
    files: dict[int, Path] = {}
    with Image.open(path) as image:
        for index, page in enumerate(ImageSequence.Iterator(image)):
            files[index] = folder / f"frame {index} of {path.name}"
            page.save(files[index], "TIFF" if is_deep(page) else "PNG")
    masks = image_masks(files, snap=True)
    return Marks(masks, masks[0].size, name=path.stem)


MASK_STACK = Format("mask-stack", "masks.tif", read=_read, recognises=lambda document: is_stack(document.path))
