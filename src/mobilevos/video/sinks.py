"""Where the masks of a track go: one class for each kind of output."""

import json
import shutil
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import IO, Protocol

import numpy as np
from PIL import Image

from mobilevos.engine.bounds import bounding_box
from mobilevos.errors import InputError
from mobilevos.video import rle
from mobilevos.video.files import discard, output_error, part_name
from mobilevos.video.masks import palette_image
from mobilevos.video.overlay import overlay
from mobilevos.video.playback import Playback
from mobilevos.video.results import save_result
from mobilevos.video.writer import VideoWriter


class Sink(Protocol):
    """Takes frames and label maps, in order if it must; nothing is on disk before the first ``write``.

    Both methods raise `OutputError`, after removing what would be incomplete. After a failed ``write``,
    ``close`` still finishes whatever can be finished.
    """

    path: Path
    """The file or folder that it writes."""
    in_order: bool
    """Frames must come in order; otherwise each is complete by itself."""

    def write(self, index: int, name: str, frame: np.ndarray, labels: np.ndarray) -> None:
        """Take frame ``index`` (from 0), whose file is ``name``: (H, W, 3) uint8 RGB and its (H, W) uint8 label map."""

    def close(self) -> None:
        """Complete the output with the frames so far."""


class MaskSink:
    """``masks/<stem>.png``: one palette PNG per frame."""

    file = "masks"
    in_order = False

    def __init__(self, out: Path, fps: Fraction, size: tuple[int, int], playback: Playback | None = None) -> None:
        self.path = out / self.file

    def write(self, index: int, name: str, frame: np.ndarray, labels: np.ndarray) -> None:
        save_result(self.path / f"{Path(name).stem}.png", palette_image(labels))

    def close(self) -> None:
        pass


class CutoutSink:
    """``rgba/<stem>.png``: the objects on a transparent ground, one RGBA PNG per frame."""

    file = "rgba"
    in_order = False

    def __init__(self, out: Path, fps: Fraction, size: tuple[int, int], playback: Playback | None = None) -> None:
        self.path = out / self.file

    def write(self, index: int, name: str, frame: np.ndarray, labels: np.ndarray) -> None:
        rgba = np.zeros((*labels.shape, 4), np.uint8)
        box = bounding_box(labels)
        inside = labels[box] > 0
        rgba[box] = np.dstack([frame[box] * inside[..., None], inside * np.uint8(255)])
        save_result(self.path / f"{Path(name).stem}.png", Image.fromarray(rgba))

    def close(self) -> None:
        pass


class OverlaySink:
    """``overlay.mp4``: the frames with the objects tinted, at their times and with their sound."""

    file = "overlay.mp4"
    in_order = True

    def __init__(self, out: Path, fps: Fraction, size: tuple[int, int], playback: Playback | None = None) -> None:
        self.path = out / self.file
        self._fps, self._size, self._playback = fps, size, playback
        self._writer: VideoWriter | None = None

    def write(self, index: int, name: str, frame: np.ndarray, labels: np.ndarray) -> None:
        if self._writer is None:
            self._writer = VideoWriter(self.path, self._fps, self._size, self._playback, index)
        self._writer.write(overlay(frame, labels))

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


class RLESink:
    """``masks.json``: COCO images, annotations (one per frame and visible object, RLE) and categories.

    ``image_id`` is the frame's index, ``category_id`` the object's id, ``file_name`` that of the frame's image, or the
    frame's number in a video.
    Both lists grow on disk, so that memory does not depend on the number of frames.
    """

    file = "masks.json"
    in_order = True

    def __init__(self, out: Path, fps: Fraction, size: tuple[int, int], playback: Playback | None = None) -> None:
        self.path = out / self.file
        self._size = size
        self._part = part_name(self.path)
        self._images_part = part_name(self.path.with_name("images.json"))
        self._files: tuple[IO[str], IO[str]] | None = None
        self._between_frames = True
        self._annotations = 0
        self._ids: set[int] = set()

    def write(self, index: int, name: str, frame: np.ndarray, labels: np.ndarray) -> None:
        height, width = self._size
        image = {"id": index, "file_name": name, "width": width, "height": height}
        self._between_frames = False
        try:
            first = self._files is None
            if self._files is None:
                self._files = self._part.open("w"), self._images_part.open("w+")
                self._files[0].write('{"annotations": [')
            annotations, images = self._files
            for object_id in np.unique(labels[labels > 0]).tolist():
                entry = _annotation(labels == object_id, index, object_id, self._annotations + 1)
                annotations.write((",\n" if self._annotations else "\n") + json.dumps(entry))
                self._annotations += 1
                self._ids.add(object_id)
            images.write(("\n" if first else ",\n") + json.dumps(image))
        except OSError as error:
            self._discard()
            raise output_error(self.path, error) from error
        self._between_frames = True

    def close(self) -> None:
        if self._files is None:
            return
        annotations, images = self._files
        try:
            if self._between_frames:  # else an interrupt left half a frame
                images.seek(0)
                annotations.write('\n],\n"images": [')
                shutil.copyfileobj(images, annotations)
                categories = [{"id": i, "name": f"object {i}"} for i in sorted(self._ids)]
                annotations.write(f'\n],\n"categories": {json.dumps(categories)}}}\n')
                annotations.close()
                self._part.replace(self.path)
        except OSError as error:
            raise output_error(self.path, error) from error
        finally:
            self._discard()

    def _discard(self) -> None:
        for file in self._files or ():
            with suppress(OSError):  # the file goes anyway
                file.close()
        self._files = None
        discard(self._part)
        discard(self._images_part)


SINKS: dict[str, type[MaskSink] | type[OverlaySink] | type[RLESink] | type[CutoutSink]] = {
    "masks": MaskSink,
    "overlay": OverlaySink,
    "rle": RLESink,
    "rgba": CutoutSink,
}
"""Kinds of output by name; each is made with (output folder, frames per second, (H, W), playback if any)."""


def check_outputs(names: tuple[str, ...]) -> None:
    """Raise `InputError` unless ``names`` are one or more different keys of `SINKS`."""
    choices = ", ".join(SINKS)
    if not names:
        raise InputError(f"no output was chosen; choose from {choices}.")
    for name in names:
        if name not in SINKS:
            raise InputError(f"there is no output named {name!r}; choose from {choices}.")
    if len(set(names)) < len(names):
        raise InputError(f"an output is named twice in {', '.join(names)}; name each one once.")


def _annotation(mask: np.ndarray, image_id: int, object_id: int, annotation_id: int) -> dict[str, object]:
    rows, columns = bounding_box(mask)
    return {
        "id": annotation_id,
        "image_id": image_id,
        "category_id": object_id,
        "segmentation": rle.encode(mask),
        "area": int(np.count_nonzero(mask)),
        "bbox": [columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start],
        "iscrowd": 0,
    }
