"""YouTube-VIS: an entry for each object, with a slot for each frame. As annotations, and as results to submit."""

import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from mobilevos.errors import InputError
from mobilevos.formats.by_object import ByObject
from mobilevos.formats.coco import categories, category_of, image_name, mask_of, only_video
from mobilevos.formats.format import Document, Format, Marks, Shape, marks_of, numbered
from mobilevos.formats.spool import Spool, write_list
from mobilevos.video import rle
from mobilevos.video.sink import ObjectName, Piece, Result, stem_of
from mobilevos.video.source import FrameSource


class _Slots(ByObject):
    """A slot for each frame, for each object."""

    def about(self, result: Result) -> str:
        return image_name(self.clip, result)

    def entry(self, result: Result, object_id: int, piece: Piece) -> list[Any]:
        known = result.objects.get(object_id)
        score = 1.0 if known is None or known.score is None else known.score
        counts = rle.run_lengths(piece.whole(self.clip.size)).tolist()
        return [self.count, counts, list(piece.box), int(np.count_nonzero(piece.mask)), score]

    def slots(self, values: Iterable[tuple[int, Any]]) -> Iterator[Any]:
        """A value for each frame; none where the object is not seen."""
        following = 0
        for place, value in values:
            yield from [None] * (place - following)
            yield value
            following = place + 1
        yield from [None] * (self.count - following)

    def category(self, kinds: list[str], object_id: int) -> int:
        """Number of an object's class."""
        return category_of(kinds, self.clip.named(object_id).kind)


class AnnotationSink(_Slots):
    """``youtube-vis.json``: one video with uncompressed RLE, as evaluation wants its truth."""

    def save(self, part: Path, frames: Spool) -> None:
        (height, width), kinds = self.clip.size, self.clip.kinds()
        size = {"width": width, "height": height, "length": self.count}
        with part.open("w") as file:
            file.write(
                f'{{"info": {{}},\n"videos": [{_opened({"id": 1, "name": self.clip.name, **size})}, "file_names": '
            )
            write_list(file, frames)
            file.write('}],\n"annotations": [')
            for number, (object_id, spool) in enumerate(sorted(self.objects.items()), 1):
                entry = {
                    "id": number,
                    "video_id": 1,
                    "track_id": object_id,
                    "category_id": self.category(kinds, object_id),
                    "iscrowd": 0,
                    "name": self.clip.named(object_id).name,
                    **size,
                }
                file.write(("\n" if number == 1 else ",\n") + _opened(entry) + ', "segmentations": ')
                write_list(file, self.slots((e[0], {"size": [height, width], "counts": e[1]}) for e in spool))
                for place, key in ((2, "bboxes"), (3, "areas")):
                    file.write(f', "{key}": ')
                    write_list(file, self.slots((e[0], e[place]) for e in spool))
                file.write("}")
            file.write(f'\n],\n"categories": {json.dumps(categories(kinds))}}}\n')


class ResultSink(_Slots):
    """``youtube-vis-results.zip`` with ``results.json``: a bare list with compressed RLE, ready to submit."""

    def save(self, part: Path, frames: Spool) -> None:
        kinds, size = self.clip.kinds(), self.clip.size
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("results.json", "w") as binary:
            file = _Text(binary)
            file.write("[")
            for number, (object_id, spool) in enumerate(sorted(self.objects.items())):
                scores = [entry[4] for entry in spool]
                entry = {
                    "video_id": 1,
                    "category_id": self.category(kinds, object_id),
                    "score": round(sum(scores) / len(scores), 4),
                }
                file.write(("\n" if number == 0 else ",\n") + _opened(entry) + ', "segmentations": ')
                compressed = ((e[0], {"size": list(size), "counts": rle.compress(np.array(e[1]))}) for e in spool)
                write_list(file, self.slots(compressed))
                file.write("}")
            file.write("\n]\n")


class _Text:
    """Text into a file of bytes."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, text: str) -> None:
        self._file.write(text.encode())


def _opened(entry: dict[str, Any]) -> str:
    """A JSON object without its closing brace."""
    return json.dumps(entry)[:-1]


def read(document: Document, frames: FrameSource | None) -> Marks:
    """Annotations of one video; object ids are those of tracks, else of the entries."""
    path, data = document.path, document.json
    named = [{**video, "name": video.get("name") or _folder(video)} for video in data["videos"]]
    video = only_video(named, path, frames)
    if video is None:
        raise InputError(f"{path} holds no video.")
    size = (int(video["height"]), int(video["width"]))
    stems = [stem_of(str(name)) for name in video["file_names"]]
    indices = numbered(stems, frames, path)
    kinds = {entry["id"]: str(entry["name"]) for entry in data.get("categories", [])}
    shapes: dict[int, list[Shape]] = {}
    names = {}
    entries = [entry for entry in data["annotations"] if entry["video_id"] == video["id"]]
    for entry in entries:
        object_id = int(entry.get("track_id", entry["id"]))
        kind = kinds.get(entry.get("category_id"), "object")
        names[object_id] = ObjectName(str(entry.get("name", f"object {object_id}")), kind)
        for index, segmentation in zip(indices, entry["segmentations"], strict=True):
            if segmentation is not None:
                shapes.setdefault(index, []).append((object_id, lambda s=segmentation: mask_of(s, size)))  # type: ignore[misc]
    marks = marks_of(path, dict.fromkeys(indices, size), shapes, names)
    marks.name = str(video["name"])
    marks.files = {index: Path(str(name)).name for index, name in zip(indices, video["file_names"], strict=True)}
    return marks


def _folder(video: dict[str, Any]) -> str:
    return Path(str(video["file_names"][0])).parts[0] if video.get("file_names") else str(video.get("id"))


def _recognises(document: Document) -> bool:
    if not document.has("videos", "annotations"):
        return False
    entries = document.json["annotations"]
    return "images" not in document.json and isinstance(entries, list) and all("segmentations" in e for e in entries)


ANNOTATIONS = Format("youtube-vis", "youtube-vis.json", AnnotationSink, read, _recognises)
RESULTS = Format("youtube-vis-results", "youtube-vis-results.zip", ResultSink)
