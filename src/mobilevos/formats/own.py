"""Formats of our own: images of masks, and what `segment` writes."""

from fractions import Fraction
from pathlib import Path
from typing import Any

from mobilevos.errors import InputError
from mobilevos.formats.format import Document, Format, Marks, numbered
from mobilevos.video.annotations import GivenMask, image_masks
from mobilevos.video.output_folder import SUMMARY
from mobilevos.video.sinks import STATES, CutoutSink, MaskSink, OverlaySink, RLESink, read_states
from mobilevos.video.source import FrameSource
from mobilevos.video.stills import MASK_SUFFIXES, in_order, is_image


def _is_folder_of_masks(document: Document) -> bool:
    path = document.path
    return is_output(path) or (path.is_dir() and any(is_image(file, MASK_SUFFIXES) for file in path.iterdir()))


def is_output(path: Path) -> bool:
    """Whether a folder is what `segment` wrote, with masks."""
    return (path / SUMMARY).is_file() and (path / "masks").is_dir()


def _read(document: Document, frames: FrameSource | None) -> Marks:
    """An output folder with ``masks/``, its ``masks/`` alone, any folder of masks, or one mask, of the first frame."""
    path = document.path
    if path.is_file():
        only = image_masks({0: path})
        return Marks(only, only[0].size, name=path.stem, files={0: path.stem})
    folder = next(iter(_within(path)), path)
    about = folder.parent if folder.name == "masks" else folder
    paths = in_order(file for file in folder.iterdir() if is_image(file, MASK_SUFFIXES))
    indices = numbered([file.stem for file in paths], frames, folder)
    found = dict(zip(indices, paths, strict=True))
    masks: dict[int, GivenMask] = image_masks(found)
    video: dict[str, Any] = (Document(about / SUMMARY).json or {}).get("video", {})
    if not masks:
        raise InputError(f"{folder} holds no masks.")
    return Marks(
        masks,
        next(iter(masks.values())).size,
        name=str(video.get("name", about.resolve().name)),
        fps=Fraction(video["fps"]) if "fps" in video else None,
        files={index: file.stem for index, file in found.items()},
        states=read_states(about / STATES),
    )


def _within(path: Path) -> list[Path]:
    return [path / "masks"] if is_output(path) else []


MASKS = Format("masks", "masks", MaskSink, _read, _is_folder_of_masks, reads=_within)
OVERLAY = Format("overlay", "overlay.mp4", OverlaySink, pictures=True, whole=True)
RLE = Format("rle", "masks.json", RLESink)
RGBA = Format("rgba", "rgba", CutoutSink, pictures=True)
