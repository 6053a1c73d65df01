"""COCO for video, as TAO and mmtracking have it: an annotation for each object in each frame."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from mobilevos.errors import InputError
from mobilevos.formats.format import Document, Format, Marks, Shape, marks_of, numbered
from mobilevos.formats.outlines import fill
from mobilevos.video import rle
from mobilevos.video.json_file import JsonFile
from mobilevos.video.sink import Clip, ObjectName, Result, has_suffix, stem_of
from mobilevos.video.sinks import Output, coco_mask
from mobilevos.video.source import FrameSource

Entry = dict[str, Any]


class CocoSink(Output):
    """``coco.json``: videos, images, tracks, annotations with compressed RLE, and categories; all ids begin at 1."""

    def __init__(self, path: Path, clip: Clip) -> None:
        super().__init__(path, clip)
        self._file = JsonFile(path, "annotations", "images")
        self._count = 0
        self._ids: set[int] = set()
        self._kinds = clip.kinds()

    def write(self, result: Result) -> None:
        (height, width), clip, index = self.clip.size, self.clip, result.index
        image = {
            "id": index + 1,
            "video_id": 1,
            "frame_index": index,
            "frame_id": index,
            "file_name": result.name if has_suffix(result.name) else image_name(clip, result),
            "width": width,
            "height": height,
            "timestamp": round(result.time, 6),
        }
        entries = [
            {
                "id": number,
                "image_id": index + 1,
                "video_id": 1,
                "track_id": object_id,
                "instance_id": object_id,
                "category_id": self._category(object_id),
                **coco_mask(piece, clip.size),
                "iscrowd": 0,
                **score_of(result, object_id),
            }
            for number, (object_id, piece) in enumerate(result.pieces.items(), self._count + 1)
        ]
        self._file.append(annotations=entries, images=[image])
        self._count += len(entries)
        self._ids.update(result.pieces)

    def close(self) -> None:
        (height, width), clip = self.clip.size, self.clip
        self._file.close(
            videos=[{"id": 1, "name": clip.name, "width": width, "height": height, "fps": float(clip.fps)}],
            tracks=[
                {"id": i, "video_id": 1, "category_id": self._category(i), "name": clip.named(i).name}
                for i in sorted(self._ids)
            ],
            categories=categories(self._kinds),
        )

    def _category(self, object_id: int) -> int:
        return category_of(self._kinds, self.clip.named(object_id).kind)


def image_name(clip: Clip, result: Result) -> str:
    """A frame's file as data sets name it, in the clip's folder: that of its image, or a JPEG with its number."""
    name = result.name if has_suffix(result.name) else f"{result.name}.jpg"
    return name if "/" in name else f"{clip.name}/{name}"


def score_of(result: Result, object_id: int) -> Entry:
    """``score`` of an object where the tracker tells it."""
    known = result.objects.get(object_id)
    return {} if known is None or known.score is None else {"score": known.score}


def category_of(kinds: list[str], kind: str) -> int:
    """Number of a class, from 1; a new one is added."""
    if kind not in kinds:
        kinds.append(kind)
    return kinds.index(kind) + 1


def categories(kinds: list[str]) -> list[Entry]:
    """Classes as COCO has them."""
    return [{"id": number, "name": kind, "supercategory": "object"} for number, kind in enumerate(kinds, 1)]


def mask_of(segmentation: Any, size: tuple[int, int]) -> np.ndarray:
    """The (H, W) boolean mask of a segmentation: RLE, compressed or not, or polygons.

    Raises:
        InputError: damaged RLE.
    """
    if isinstance(segmentation, dict):
        return rle.decode(segmentation)  # type: ignore[arg-type]
    mask = np.zeros(size, bool)
    for polygon in segmentation:  # a union, of which each ring is filled by itself
        mask |= fill([np.array(polygon, np.float64).reshape(-1, 2)], size)
    return mask


def only_video(entries: list[Entry], path: Path, frames: FrameSource | None) -> Entry | None:
    """The video of a file that may have several.

    Raises:
        InputError: several, and none has the name of the frames.
    """
    if len(entries) <= 1:
        return entries[0] if entries else None
    name = None if frames is None else frames.name
    for video in entries:
        if name is not None and name in (video.get("name"), Path(str(video.get("name"))).stem):
            return video
    known = ", ".join(str(video.get("name", video.get("id"))) for video in entries[:5])
    raise InputError(f"{path} holds {len(entries)} videos ({known} ...); keep one, or name the frames as it is named.")


def read(document: Document, frames: FrameSource | None) -> Marks:
    """Images, annotations and categories; object ids are those of tracks, or else of our own RLE files."""
    path, data = document.path, document.json
    video = only_video(data.get("videos", []), path, frames)
    images = [image for image in data["images"] if video is None or image.get("video_id") in (None, video["id"])]
    place = dict(zip((image["id"] for image in images), _indices(images, frames, path), strict=True))
    entries = [entry for entry in data["annotations"] if entry["image_id"] in place and not entry.get("iscrowd")]
    crowds = sum(bool(entry.get("iscrowd")) for entry in data["annotations"])
    ids = _object_ids(entries, path)
    sizes = {place[image["id"]]: (int(image["height"]), int(image["width"])) for image in images}
    shapes: dict[int, list[Shape]] = {}
    for entry, object_id in zip(entries, ids, strict=True):
        index, segmentation = place[entry["image_id"]], entry["segmentation"]
        size = sizes[index]
        shapes.setdefault(index, []).append((object_id, lambda s=segmentation, n=size: mask_of(s, n)))  # type: ignore[misc]
    left_out = f"{crowds} regions of {path} that stand for crowds were left out." if crowds else None
    marks = marks_of(path, sizes, shapes, _names(data, entries, ids), left_out)
    if video is not None:
        marks.name = str(video.get("name", path.stem))
        marks.fps = Fraction(str(video["fps"])).limit_denominator(1001) if video.get("fps") else None
    marks.files = {place[image["id"]]: Path(str(image["file_name"])).name for image in images if "file_name" in image}
    return marks


def _indices(images: list[Entry], frames: FrameSource | None, path: Path) -> list[int]:
    for key in ("frame_index", "frame_id"):
        if images and all(isinstance(image.get(key), int) for image in images):
            found: list[int] = [image[key] for image in images]
            if len(set(found)) == len(found) and min(found) >= 0:
                return found
    return numbered([stem_of(str(image["file_name"])) for image in images], frames, path)


def _object_ids(entries: list[Entry], path: Path) -> list[int]:
    for key in ("track_id", "instance_id"):
        if all(key in entry for entry in entries):
            return [int(entry[key]) for entry in entries]
    if len({entry["image_id"] for entry in entries}) > 1:
        raise InputError(
            f"{path} does not say which masks of its images show the same object; give each annotation a track_id."
        )
    order = sorted(range(len(entries)), key=lambda place: int(entries[place].get("id") or 0))
    return [order.index(place) + 1 for place in range(len(entries))]


def _names(data: Entry, entries: list[Entry], ids: list[int]) -> dict[int, ObjectName]:
    kinds = {entry["id"]: str(entry["name"]) for entry in data.get("categories", [])}
    called = {track["id"]: str(track["name"]) for track in data.get("tracks", []) if track.get("name")}
    names: dict[int, ObjectName] = {}
    for entry, object_id in zip(entries, ids, strict=True):
        kind = kinds.get(entry.get("category_id"), "object")
        names.setdefault(object_id, ObjectName(called.get(object_id, f"object {object_id}"), kind))
    return names


COCO = Format("coco", "coco.json", CocoSink, read, lambda document: document.has("images", "annotations"))
