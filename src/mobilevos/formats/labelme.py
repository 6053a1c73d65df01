"""labelme: a JSON file beside each image, with masks and polygons; ``group_id`` is the object's id."""

import base64
import io
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from mobilevos.errors import InputError
from mobilevos.formats.coco import score_of
from mobilevos.formats.format import Document, Format, Marks, Shape, lost_share, marks_of, numbered
from mobilevos.formats.outlines import area, border_pixels, fill, outlines
from mobilevos.video.results import ResultFolder
from mobilevos.video.sink import Clip, ObjectName, Piece, Result, stem_of
from mobilevos.video.sinks import Output
from mobilevos.video.source import FrameSource
from mobilevos.video.stills import in_order

Entry = dict[str, Any]
_VERSION = "6.3.1"
_JPEG_QUALITY = 95


class LabelmeSink(Output):
    """``labelme/``: ``<stem>.json`` with one mask an object, and ``<stem>.jpg``, the frame that it belongs to."""

    in_order = False

    def __init__(self, path: Path, clip: Clip) -> None:
        super().__init__(path, clip)
        self._folder = ResultFolder(path)

    def write(self, result: Result) -> None:
        (height, width), stem = self.clip.size, stem_of(result.name)
        page: Entry = {
            "version": _VERSION,
            "flags": {},
            "shapes": [
                {
                    "label": self.clip.named(object_id).kind,
                    "group_id": object_id,
                    "description": self.clip.named(object_id).name,
                    "flags": {},
                    **shape,
                    **score_of(result, object_id),
                }
                for object_id, piece in result.pieces.items()
                for shape in self.shapes(piece)
            ],
            "imagePath": f"{stem}.jpg",
            "imageData": None,
            "imageHeight": height,
            "imageWidth": width,
        }
        with self._folder.save(f"{stem}.jpg") as part:
            Image.fromarray(result.image()).save(part, format="JPEG", quality=_JPEG_QUALITY)
        with self._folder.save(f"{stem}.json") as part:
            part.write_text(json.dumps(page, indent=2) + "\n")

    def shapes(self, piece: Piece) -> list[Entry]:
        """An object as shapes."""
        left, top, width, height = piece.box
        png = io.BytesIO()
        Image.fromarray(piece.mask * np.uint8(255)).save(png, format="PNG")
        return [
            {
                "shape_type": "mask",
                "points": [[left, top], [left + width - 1, top + height - 1]],
                "mask": base64.b64encode(png.getvalue()).decode(),
            }
        ]


class PolygonSink(LabelmeSink):
    """``labelme-polygons/``: the same with a polygon for each part of an object, whose points can be dragged."""

    _all = _lost = 0

    def shapes(self, piece: Piece) -> list[Entry]:
        left, top, width, height = piece.box
        parts = [ring for ring in outlines(piece.mask) if area(ring) > 0]
        kept = np.zeros((height, width), bool)
        for ring in parts:
            kept |= fill([ring], (height, width))
        self._all += int(np.count_nonzero(piece.mask))
        self._lost += int(np.count_nonzero(kept != piece.mask))
        points = [border_pixels(ring) + np.array((left, top)) for ring in parts]
        return [{"shape_type": "polygon", "points": ring.tolist()} for ring in points]

    def close(self) -> None:
        self.warning = lost_share(self.path, "polygons without holes", self._lost, self._all)


def read(document: Document, frames: FrameSource | None) -> Marks:
    """One file, or a folder of them; an object is a group, else what has its label."""
    path = document.path
    pages = [document] if path.is_file() else [Document(file) for file in _pages(path)]
    indices = numbered([page.path.stem for page in pages], frames, path)
    sizes: dict[int, tuple[int, int]] = {}
    shapes: dict[int, list[Shape]] = {}
    names: dict[int, ObjectName] = {}
    files: dict[int, str] = {}
    ids = _ids([page.json for page in pages], path)
    left_out = 0
    for index, page in zip(indices, pages, strict=True):
        size = sizes[index] = int(page.json["imageHeight"]), int(page.json["imageWidth"])
        files[index] = str(page.json.get("imagePath") or page.path.stem)
        for shape in page.json["shapes"]:
            draw = _DRAW.get(shape.get("shape_type") or "polygon")
            if draw is None:
                left_out += 1
                continue
            object_id = ids(shape)
            shapes.setdefault(index, []).append((object_id, lambda d=draw, s=shape, n=size: d(s, n)))  # type: ignore[misc]
            label = str(shape["label"])
            names.setdefault(object_id, ObjectName(shape.get("description") or f"object {object_id}", label))
    warning = f"{left_out} lines and points of {path} have no area and were left out." if left_out else None
    marks = marks_of(path, sizes, shapes, names, warning)
    marks.files = {index: Path(name.replace("\\", "/")).name for index, name in files.items()}
    return marks


def _pages(folder: Path) -> list[Path]:
    return in_order(file for file in folder.iterdir() if file.suffix == ".json" and not file.name.startswith("."))


def _is_page(document: Document) -> bool:
    return document.has("shapes", "imageHeight", "imageWidth")


def _recognises(document: Document) -> bool:
    if document.path.is_dir():
        with suppress(InputError):  # another's file among masks
            return any(_is_page(Document(page)) for page in _pages(document.path)[:1])
        return False
    return _is_page(document)


def _ids(pages: list[Entry], path: Path) -> Callable[[Entry], int]:
    """An object's id by a shape: its group, else that of its label.

    Raises:
        InputError: a page has a label twice without groups.
    """
    taken, labels = set[int](), dict[str, None]()
    for page in pages:
        alone = [str(s["label"]) for s in page["shapes"] if s.get("group_id") is None and _has_area(s)]
        twice = next((label for label in alone if alone.count(label) > 1), None)
        if twice is not None:
            raise InputError(
                f"{path} has several {twice!r} in one frame and nothing says which is which; give the shapes of each "
                "object a group ID."
            )
        labels.update(dict.fromkeys(alone))
        taken |= {int(s["group_id"]) for s in page["shapes"] if s.get("group_id") is not None}
    free = iter(number for number in range(1, len(taken) + len(labels) + 2) if number not in taken)
    by_label = {label: next(free) for label in labels}
    return lambda s: by_label[str(s["label"])] if s.get("group_id") is None else int(s["group_id"])


def _has_area(shape: Entry) -> bool:
    return (shape.get("shape_type") or "polygon") in _DRAW


def _draw_mask(shape: Entry, size: tuple[int, int]) -> np.ndarray:
    with Image.open(io.BytesIO(base64.b64decode(shape["mask"]))) as image:
        inside = np.asarray(image.convert("L") if image.mode not in ("1", "L") else image) > 0
    left, top = (int(side) for side in shape["points"][0])
    height, width = inside.shape
    if not (0 <= left <= left + width <= size[1] and 0 <= top <= top + height <= size[0]):
        raise ValueError("a mask is not within its frame")
    mask = np.zeros(size, bool)
    mask[top : top + height, left : left + width] = inside
    return mask


def _draw_polygon(shape: Entry, size: tuple[int, int]) -> np.ndarray:
    points = [(float(x), float(y)) for x, y in shape["points"]]
    if len(points) < 3:
        raise ValueError("a polygon has less than three points")
    return _drawn(size, lambda draw: draw.polygon(points, fill=1, outline=1))


def _draw_rectangle(shape: Entry, size: tuple[int, int]) -> np.ndarray:
    (left, right), (top, bottom) = (sorted(map(float, side)) for side in zip(*shape["points"], strict=True))
    return _drawn(size, lambda draw: draw.rectangle((left, top, right, bottom), fill=1, outline=1))


def _draw_circle(shape: Entry, size: tuple[int, int]) -> np.ndarray:
    (x, y), border = shape["points"]
    radius = float(np.hypot(border[0] - x, border[1] - y))
    return _drawn(size, lambda draw: draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=1, outline=1))


def _drawn(size: tuple[int, int], draw: Callable[[ImageDraw.ImageDraw], None]) -> np.ndarray:
    """As labelme itself draws."""
    image = Image.new("1", size[::-1])
    draw(ImageDraw.Draw(image))
    return np.asarray(image)


_DRAW = {"mask": _draw_mask, "polygon": _draw_polygon, "rectangle": _draw_rectangle, "circle": _draw_circle}
MASKS = Format("labelme", "labelme", LabelmeSink, read, _recognises, pictures=True, reads=_pages)
POLYGONS = Format("labelme-polygons", "labelme-polygons", PolygonSink, pictures=True)
