"""CVAT's XML 1.1: masks of images, in which a group is an object; and polygons of tracks."""

import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from mobilevos.errors import InputError
from mobilevos.formats.by_object import ByObject
from mobilevos.formats.format import Document, Format, Marks, Shape, lost_share, marks_of
from mobilevos.formats.outlines import area, fill, outlines
from mobilevos.formats.spool import Spool
from mobilevos.video.distrust import unpacked
from mobilevos.video.files import atomic
from mobilevos.video.sink import Clip, ObjectName, Piece, Result, has_suffix, stem_of
from mobilevos.video.sinks import Output
from mobilevos.video.source import FrameSource

Element = ElementTree.Element


class MaskSink(Output):
    """``cvat.xml``, "CVAT for images 1.1": masks, since CVAT keeps none in tracks; ``group_id`` is the object's id."""

    def __init__(self, path: Path, clip: Clip) -> None:
        super().__init__(path, clip)
        self._images: Spool | None = None
        self._ids: set[int] = set()
        self._count = 0

    def write(self, result: Result) -> None:
        height, width = self.clip.size
        name = result.name if has_suffix(result.name) else f"frame_{result.index:06d}"
        lines = [f'<image id="{result.index}" name={quoteattr(name)} width="{width}" height="{height}">']
        for object_id, piece in result.pieces.items():
            left, top, columns, rows = piece.box
            runs = ", ".join(map(str, row_major_runs(piece.mask)))
            lines.append(
                f"  <mask label={quoteattr(self.clip.named(object_id).kind)} source="
                f'"file" occluded="0" rle="{runs}" left="{left}" top="{top}" width="{columns}" height="{rows}" '
                f'z_order="0" group_id="{object_id}"/>'
            )
        if self._images is None:
            self._images = Spool(self.path.parent)
        self._images.append("\n".join([*lines, "</image>\n"]))
        self._ids.update(result.pieces)
        self._count += 1

    def close(self) -> None:
        if self._images is None:
            return
        try:
            with atomic(self.path) as part, _document(part, self.clip, self._ids, self._count, "annotation") as file:
                for image in self._images:
                    file.write(image)
        finally:
            self._images.close()
            self._images = None


class PolygonSink(ByObject):
    """``cvat-polygons.xml``, "CVAT for video 1.1": a track for each object, with its largest outline in every frame."""

    _all = _lost = 0

    def about(self, result: Result) -> int:
        return result.index

    def entry(self, result: Result, object_id: int, piece: Piece) -> list[object]:
        ring = max(outlines(piece.mask), key=area)
        kept = fill([ring], piece.mask.shape)
        self._all += int(np.count_nonzero(piece.mask))
        self._lost += int(np.count_nonzero(kept != piece.mask))
        left, top, _, _ = piece.box
        return [result.index, ";".join(f"{x + left:.2f},{y + top:.2f}" for x, y in ring.tolist())]

    def save(self, part: Path, frames: Spool) -> None:
        last = max(frames)
        with _document(part, self.clip, set(self.objects), last + 1, "interpolation") as file:
            for object_id, spool in sorted(self.objects.items()):
                kind = quoteattr(self.clip.named(object_id).kind)
                file.write(f'<track id="{object_id}" label={kind} source="file" group_id="{object_id}">\n')
                before: tuple[int, str] | None = None
                for index, points in spool:
                    if before is not None and index > before[0] + 1:
                        file.write(_polygon(before[0] + 1, before[1], outside=True))
                    file.write(_polygon(index, points, outside=False))
                    before = index, points
                if before is not None and before[0] < last:
                    file.write(_polygon(before[0] + 1, before[1], outside=True))
                file.write("</track>\n")
        self.warning = lost_share(self.path, "one outline an object and no holes", self._lost, self._all)


def row_major_runs(mask: np.ndarray) -> list[int]:
    """Lengths of background and object in turn, row by row, of an (h, w) boolean mask."""
    flat = np.concatenate([[False], mask.ravel()])
    edges = np.concatenate([[0], np.flatnonzero(flat[1:] != flat[:-1]), [mask.size]])
    return np.diff(edges).tolist()


def _polygon(frame: int, points: str, outside: bool) -> str:
    return (
        f'  <polygon frame="{frame}" keyframe="1" outside="{int(outside)}" occluded="0" '
        f'points="{points}" z_order="0"/>\n'
    )


@contextmanager
def _document(path: Path, clip: Clip, ids: set[int], size: int, mode: str) -> Iterator[IO[str]]:
    """A file whose head is written already."""
    height, width = clip.size
    kinds = dict.fromkeys([clip.named(i).kind for i in sorted(ids)] or clip.kinds())
    labels = "".join(f"<label><name>{escape(kind)}</name><attributes/></label>" for kind in kinds)
    with path.open("w", encoding="utf-8", errors="replace") as file:
        file.write(
            f'<?xml version="1.0" encoding="utf-8"?>\n<annotations><version>1.1</version>\n'
            f"<meta><task><size>{size}</size><mode>{mode}</mode><labels>{labels}</labels><original_size>"
            f"<width>{width}</width><height>{height}</height></original_size></task></meta>\n"
        )
        yield file
        file.write("</annotations>\n")


def _root(path: Path) -> Element | None:
    """The XML of a file, or of the archive that CVAT exports."""
    if path.suffix.lower() == ".xml":
        return ElementTree.parse(path).getroot()
    if path.suffix.lower() == ".zip" and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if "annotations.xml" in archive.namelist():
                return ElementTree.fromstring(unpacked(path, archive, "annotations.xml"))
    return None


def _recognises(document: Document) -> bool:
    if document.path.suffix.lower() not in (".xml", ".zip") or not document.path.is_file():
        return False
    try:
        root = _root(document.path)
    except ElementTree.ParseError as error:
        raise InputError(f"{document.path} is no readable XML file; export it again.") from error
    return root is not None and root.tag == "annotations"


def read(document: Document, frames: FrameSource | None) -> Marks:
    """Masks, polygons and boxes of images and of tracks; an object is a group, else a ``track_id``, else a track.

    Where none of these is given, an object is what has its label, if no frame has two of that.
    """
    path = document.path
    root = _root(path)
    assert root is not None
    task = root.find(".//original_size")
    whole = (0, 0) if task is None else (int(task.findtext("height", "0")), int(task.findtext("width", "0")))
    sizes: dict[int, tuple[int, int]] = {}
    files: dict[int, str] = {}
    found: list[tuple[int, int, Element, Element]] = []  # frame, z-order, shape, what carries its label and group
    for image in root.iter("image"):
        index = _frame(image, frames)
        sizes[index] = int(image.attrib["height"]), int(image.attrib["width"])
        files[index] = image.get("name", "")
        found += [(index, int(shape.get("z_order", 0)), shape, shape) for shape in image]
    for track in root.iter("track"):
        for shape in track:
            index = int(shape.attrib["frame"])
            sizes.setdefault(index, whole)
            if shape.get("outside", "0") == "0":
                found.append((index, int(shape.get("z_order", 0)), shape, track))
    drawable = [one for one in found if one[2].tag in _DRAW]
    left_out = Counter(one[2].tag for one in found if one[2].tag not in _DRAW | {"tag": None, "attribute": None})
    ids = _object_ids(drawable, path)
    shapes: dict[int, list[Shape]] = {}
    names: dict[int, ObjectName] = {}
    for (index, _, shape, holder), object_id in sorted(zip(drawable, ids, strict=True), key=lambda one: one[0][:2]):
        size = sizes[index]
        shapes.setdefault(index, []).append((object_id, lambda s=shape, n=size: _DRAW[s.tag](s, n)))  # type: ignore[misc]
        names.setdefault(object_id, ObjectName(f"object {object_id}", holder.get("label", "object")))
    kinds = ", ".join(f"{count} {tag}" for tag, count in left_out.items())
    warning = f"{path} has shapes without an area, left out: {kinds}." if kinds else None
    marks = marks_of(path, sizes, shapes, names, warning)
    marks.files = {index: name for index, name in files.items() if name and not name.startswith("frame_")}
    return marks


def _frame(image: Element, frames: FrameSource | None) -> int:
    """By its file's name, else by its number."""
    stem = stem_of(image.get("name", ""))
    if frames is not None and stem and (index := frames.index_of(stem)) is not None:
        return index
    number = stem.removeprefix("frame_")
    return int(number) if number != stem and number.isdecimal() else int(image.attrib["id"])


def _object_ids(found: list[tuple[int, int, Element, Element]], path: Path) -> list[int]:
    known = [_own_id(shape, holder) for _, _, shape, holder in found]
    labels = Counter(
        (index, holder.get("label")) for (index, _, _, holder), own in zip(found, known, strict=True) if own is None
    )
    twice = next((key for key, count in labels.items() if count > 1), None)
    if twice is not None:
        raise InputError(
            f"frame {twice[0]} of {path} has several {twice[1]!r} and nothing says which is which; group the shapes "
            "of each object."
        )
    taken = {own for own in known if own is not None}
    free = iter(number for number in range(1, len(taken) + len(labels) + 2) if number not in taken)
    by_label = {label: next(free) for label in dict.fromkeys(label for _, label in labels)}
    return [
        by_label[holder.get("label")] if own is None else own
        for (_, _, _, holder), own in zip(found, known, strict=True)
    ]


def _own_id(shape: Element, holder: Element) -> int | None:
    for element in (shape, holder):
        if int(element.get("group_id", 0)):
            return int(element.attrib["group_id"])
    for element in (shape, holder):
        for attribute in element.iter("attribute"):
            if attribute.get("name") == "track_id" and (attribute.text or "").strip().isdecimal():
                return int((attribute.text or "").strip())
    return int(holder.attrib["id"]) if holder is not shape and shape.tag != "mask" else None


def _draw_mask(shape: Element, size: tuple[int, int]) -> np.ndarray:
    left, top, width, height = (int(float(shape.attrib[side])) for side in ("left", "top", "width", "height"))
    runs = np.array([int(run) for run in shape.attrib["rle"].split(",")])
    fits = 0 <= left <= left + width <= size[1] and 0 <= top <= top + height <= size[0]
    if not fits or (runs < 0).any() or runs.sum() != width * height:
        raise ValueError("the run lengths of a mask do not fill its box, or the box is not within its frame")
    mask = np.zeros(size, bool)
    inside = np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(height, width)
    mask[top : top + height, left : left + width] = inside
    return mask


def _draw_polygon(shape: Element, size: tuple[int, int]) -> np.ndarray:
    points = [point.split(",") for point in shape.attrib["points"].split(";")]
    return fill([np.array(points, np.float64).reshape(-1, 2)], size)


def _draw_box(shape: Element, size: tuple[int, int]) -> np.ndarray:
    left, top, right, bottom = (float(shape.attrib[side]) for side in ("xtl", "ytl", "xbr", "ybr"))
    return fill([np.array([(left, top), (right, top), (right, bottom), (left, bottom)])], size)


_DRAW = {"mask": _draw_mask, "polygon": _draw_polygon, "box": _draw_box}
MASKS = Format("cvat", "cvat.xml", MaskSink, read, _recognises)
POLYGONS = Format("cvat-polygons", "cvat-polygons.xml", PolygonSink)
