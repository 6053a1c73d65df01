"""All formats by name."""

from collections.abc import Sequence
from pathlib import Path

from mobilevos.errors import InputError
from mobilevos.formats import (
    coco,
    cvat,
    exr,
    label_studio,
    labelme,
    mask_stack,
    mask_video,
    mattes,
    mots,
    own,
    project,
    submissions,
    training,
    yolo,
    youtube_vis,
)
from mobilevos.formats.format import Document, Format
from mobilevos.video.distrust import DAMAGE
from mobilevos.video.sink import Clip, Sink

FORMATS: dict[str, Format] = {
    known.name: known
    for known in (
        own.MASKS,
        own.OVERLAY,
        own.RLE,
        own.RGBA,
        coco.COCO,
        youtube_vis.ANNOTATIONS,
        youtube_vis.RESULTS,
        cvat.MASKS,
        cvat.POLYGONS,
        labelme.MASKS,
        labelme.POLYGONS,
        *mattes.ALL,
        exr.EXR,
        yolo.YOLO,
        mots.TEXT,
        mots.IMAGES,
        *submissions.ALL,
        training.TRAINING,
        label_studio.BRUSH,
        label_studio.VIDEO,
        project.PROJECT,
        mask_video.MASK_VIDEO,
        mask_stack.MASK_STACK,
    )
}


def check_outputs(names: Sequence[str]) -> None:
    """Raise `InputError` unless ``names`` are one or more different formats that can be written."""
    choices = ", ".join(name for name, known in FORMATS.items() if known.write)
    if not names:
        raise InputError(f"no output was chosen; choose from {choices}.")
    for name in names:
        if name not in FORMATS or not FORMATS[name].write:
            raise InputError(f"there is no output named {name!r}; choose from {choices}.")
    if len(set(names)) < len(names):
        raise InputError(f"an output is named twice in {', '.join(names)}; name each one once.")


def writers(names: Sequence[str], folder: Path, clip: Clip) -> dict[str, Sink]:
    """A writer for each of some formats, under its own name in a folder."""
    return {name: writer(name, folder / FORMATS[name].file, clip) for name in names}


def writer(name: str, path: Path, clip: Clip) -> Sink:
    """A format's writer for a path."""
    write = FORMATS[name].write
    assert write is not None
    return write(path, clip)


def recognised(document: Document) -> Format | None:
    """The format of a file or folder, if it is one that can be read.

    Raises:
        InputError: it is damaged.
    """
    try:
        # In reverse, as a folder of another format may hold images too.
        return next((known for known in reversed(FORMATS.values()) if known.read and known.recognises(document)), None)
    except InputError:
        raise
    except DAMAGE as error:
        raise InputError(f"{document.path} is damaged; export it again.") from error
