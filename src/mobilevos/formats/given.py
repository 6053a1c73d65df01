"""Masks that a user gives, in any format that can be read."""

import warnings
from pathlib import Path

from mobilevos.errors import Advice, InputError, MobileVOSError
from mobilevos.formats.format import Document, Format, Marks
from mobilevos.formats.own import MASKS, is_output
from mobilevos.formats.registry import FORMATS, recognised
from mobilevos.video.annotations import Annotations, image_annotations
from mobilevos.video.distrust import DAMAGE
from mobilevos.video.piped import is_piped, spooled
from mobilevos.video.source import FrameSource
from mobilevos.video.stills import MASK_SUFFIXES, is_image


def open_given(path: Path, source: FrameSource, start: int | None = None, *, snap: bool = False) -> Annotations:
    """The masks of some frames of a video: images, or an annotator's file, whose content tells what it is.

    Args:
        path: mask image, folder of them, or a file or folder of any format that can be read.
        source: the frames.
        start: the frame, from 0, that a single image belongs to; None for the first.
        snap: see `mobilevos.video.masks.load_mask`; of images alone.

    Raises:
        InputError: the masks cannot be used, or do not fit the frames.
    """
    path = spooled(path) if is_piped(path) else path
    document = Document(path)
    known = recognised(document)
    if known is None or (known is MASKS and not is_output(path)):
        return image_annotations(path, source, start, snap=snap)
    if start is not None:
        raise InputError(f"{path} says itself which frames its masks belong to; leave out --start.")
    marks = read_marks(document, known, source)
    if marks.warning is not None:
        warnings.warn(marks.warning, Advice, stacklevel=2)
    return Annotations(marks.masks, source, f"the masks in {path} are", marks.names)


def paths_read(path: Path) -> list[Path]:
    """What is read of masks that are given, for `mobilevos.video.protection.protect`."""
    known = recognised(Document(path)) if path.is_dir() else None
    return [path, *(known.reads(path) if known is not None else ())]


def read_marks(document: Document, known: Format, frames: FrameSource | None) -> Marks:
    """Read what was recognised.

    Raises:
        InputError: it is damaged, or does not fit the frames.
    """
    assert known.read is not None
    try:
        return known.read(document, frames)
    except MobileVOSError:
        raise
    except DAMAGE as error:
        why = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        missing = f"it lacks {error}" if isinstance(error, KeyError) else why
        raise InputError(f"{document.path} cannot be read as {known.name}: {missing}.") from error


def open_marks(path: Path, frames: FrameSource | None) -> Marks:
    """The masks of a file or folder of any format that can be read.

    Raises:
        InputError: it is of none, damaged, or does not fit the frames.
    """
    document = Document(path)
    if not path.exists():
        raise InputError(f"{path} does not exist; give a file or folder of masks.")
    known = recognised(document)
    if known is None and is_image(path, MASK_SUFFIXES):
        known = MASKS  # of the first frame alone
    if known is None:
        readable = ", ".join(name for name, one in FORMATS.items() if one.read)
        raise InputError(f"{path} is of no format that can be read; these are {readable}.")
    return read_marks(document, known, frames)
