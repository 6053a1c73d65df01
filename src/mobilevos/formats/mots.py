"""MOTS and KITTI MOTS: a line of text for each object in each frame, or 16-bit images; ids hold the class, too."""

from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image

from mobilevos.errors import InputError
from mobilevos.formats.format import Document, Format, Marks, Shape, marks_of
from mobilevos.video import rle
from mobilevos.video.line_file import LineFile
from mobilevos.video.results import ResultFolder
from mobilevos.video.sink import Clip, ObjectName, Result
from mobilevos.video.sinks import Output
from mobilevos.video.source import FrameSource
from mobilevos.video.stills import IMAGE_ERRORS, in_order

_CAR, _PEDESTRIAN, _IGNORED = 1, 2, 10
_CLASSES = {_CAR: "car", _PEDESTRIAN: "pedestrian"}
_A_CLASS = 1000


def _class_of(clip: Clip, object_id: int) -> int:
    return _CAR if clip.named(object_id).kind == "car" else _PEDESTRIAN


class _MotsOutput(Output):
    """What both have in common: which class an object is given."""

    def __init__(self, path: Path, clip: Clip) -> None:
        super().__init__(path, clip)
        others = [kind for kind in clip.kinds() if kind not in _CLASSES.values()]
        if others:
            self.warning = f"MOTS knows cars and pedestrians; {', '.join(others)} became pedestrians."


class TextSink(_MotsOutput):
    """``mots.txt``: ``frame id class height width rle``; KITTI counts frames from 0, MOTSChallenge from 1."""

    def __init__(self, path: Path, clip: Clip) -> None:
        super().__init__(path, clip)
        self._file = LineFile(path)

    def write(self, result: Result) -> None:
        (height, width), frame = self.clip.size, result.index + (self.clip.number_from or 0)
        lines = []
        for object_id, piece in result.pieces.items():
            kind = _class_of(self.clip, object_id)
            counts = rle.encode(piece.whole(self.clip.size))["counts"]
            lines.append(f"{frame} {kind * _A_CLASS + object_id} {kind} {height} {width} {counts}\n")
        self._file.write(lines)

    def close(self) -> None:
        self._file.close()


class ImageSink(_MotsOutput):
    """``mots-png/000000.png``: the same ids as pixels of 16 bits."""

    in_order = False

    def write(self, result: Result) -> None:
        table = np.zeros(256, np.uint16)
        for object_id in result.pieces:
            table[object_id] = _class_of(self.clip, object_id) * _A_CLASS + object_id
        name = f"{result.index + (self.clip.number_from or 0):06d}.png"
        with ResultFolder(self.path).save(name) as part:
            Image.fromarray(table[result.labels]).save(part, format="PNG")


def _is_text(document: Document) -> bool:
    if document.path.suffix.lower() != ".txt" or not document.path.is_file():
        return False
    with document.path.open(errors="replace") as file:
        first = file.readline().split()
    return len(first) == 6 and all(field.isdecimal() for field in first[:5])


def read_text(document: Document, frames: FrameSource | None) -> Marks:
    """Lines of text; frames without an object are not in it."""
    path = document.path
    sizes: dict[int, tuple[int, int]] = {}
    shapes: dict[int, list[Shape]] = {}
    ignored = 0
    for line in path.read_text().splitlines():
        frame, whole_id, kind, height, width, counts = line.split()
        if int(kind) == _IGNORED:
            ignored += 1
            continue
        size = sizes[int(frame)] = int(height), int(width)
        code: rle.RLE = {"size": list(size), "counts": counts}
        shapes.setdefault(int(frame), []).append((int(whole_id), lambda c=code: rle.decode(c)))  # type: ignore[misc]
    return _marks(path, sizes, shapes, ignored)


def _is_images(document: Document) -> bool:
    if not document.path.is_dir():
        return False
    images = in_order(file for file in document.path.glob("*.png") if not file.name.startswith("."))
    with suppress(*IMAGE_ERRORS):
        for path in images:
            with Image.open(path) as image:
                if not image.mode.startswith("I"):
                    return False
                most = int(np.asarray(image).max(initial=0))
            if most:
                return _A_CLASS <= most <= _IGNORED * _A_CLASS
    return False


def read_images(document: Document, frames: FrameSource | None) -> Marks:
    """A folder of 16-bit images."""
    path = document.path
    images = in_order(file for file in path.glob("*.png") if not file.name.startswith("."))
    sizes: dict[int, tuple[int, int]] = {}
    shapes: dict[int, list[Shape]] = {}
    ignored = 0
    for index, file in ((int(file.stem), file) for file in images):
        values = _values(file)
        sizes[index] = values.shape[0], values.shape[1]
        for whole_id in np.unique(values[values > 0]).tolist():
            if whole_id // _A_CLASS == _IGNORED:
                ignored += 1
                continue
            shapes.setdefault(index, []).append((whole_id, lambda f=file, i=whole_id: _values(f) == i))  # type: ignore[misc]
    return _marks(path, sizes, shapes, ignored)


def _values(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.array(image)


def _marks(path: Path, sizes: dict[int, tuple[int, int]], shapes: dict[int, list[Shape]], ignored: int) -> Marks:
    """With the objects' own numbers as ids, unless two classes share one."""
    whole = {object_id for drawn in shapes.values() for object_id, _ in drawn}
    if any(number // _A_CLASS not in _CLASSES for number in whole):
        raise InputError(f"{path} has objects that are neither cars nor pedestrians; their ids are 1001 to 2999.")
    shared = len({number % _A_CLASS for number in whole}) < len(whole)
    new = {number: number if shared else number % _A_CLASS for number in whole}
    names = {new[number]: ObjectName(f"object {new[number]}", _CLASSES[number // _A_CLASS]) for number in whole}
    own = {index: [(new[number], read) for number, read in drawn] for index, drawn in shapes.items()}
    warning = f"{ignored} regions of {path} that are to be ignored were left out." if ignored else None
    return marks_of(path, sizes, own, names, warning)


TEXT = Format("mots", "mots.txt", TextSink, read_text, _is_text)
IMAGES = Format("mots-png", "mots-png", ImageSink, read_images, _is_images)
