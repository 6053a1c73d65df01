"""YouTube-VIS: an entry for each object, with a slot for each frame. As annotations, and as results to submit."""

import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from mobilevos.errors import InputError
from mobilevos.formats.coco import categories, category_of, image_name, mask_of, only_video
from mobilevos.formats.format import Document, Format, Marks, Shape, marks_of, numbered
from mobilevos.formats.spool import Spool
from mobilevos.video import rle
from mobilevos.video.files import atomic
from mobilevos.video.sink import Clip, ObjectName, Result
from mobilevos.video.sinks import Output
from mobilevos.video.source import FrameSource


class _ByObject(Output):
    """Keeps each object's masks on disk until the video has ended: the layout needs their number."""

    def __init__(self, path: Path, clip: Clip) -> None:
        super().__init__(path, clip)
        self._frames: Spool | None = None
        self._objects: dict[int, Spool] = {}
        self._count = 0

    def write(self, result: Result) -> None:
        entries = [
            (object_id, self._entry(result, object_id, rle.run_lengths(piece.whole(self.clip.size)).tolist()))
            for object_id, piece in result.pieces.items()
        ]
        if self._frames is None:
            self._frames = Spool(self.path.parent)
        self._frames.append(image_name(self.clip, result))
        for object_id, entry in entries:
            if object_id not in self._objects:
                self._objects[object_id] = Spool(self.path.parent)
            self._objects[object_id].append(entry)
        self._count += 1

    def _entry(self, result: Result, object_id: int, counts: list[int]) -> list[Any]:
        piece, known = result.pieces[object_id], result.objects.get(object_id)
        score = 1.0 if known is None or known.score is None else known.score
        return [self._count, counts, list(piece.box), int(np.count_nonzero(piece.mask)), score]

    def close(self) -> None:
        if self._frames is None:
            return
        try:
            with atomic(self.path) as part:
                self._save(part)
        finally:
            for spool in (self._frames, *self._objects.values()):
                spool.close()
            self._frames = None

    def _save(self, part: Path) -> None:
        raise NotImplementedError

    def _slots(self, object_id: int, values: Iterable[tuple[int, Any]]) -> Iterator[Any]:
        """A value for each frame; none where the object is not seen."""
        following = 0
        for place, value in values:
            yield from [None] * (place - following)
            yield value
            following = place + 1
        yield from [None] * (self._count - following)

    def _category(self, kinds: list[str], object_id: int) -> int:
        return category_of(kinds, self.clip.named(object_id).kind)


class AnnotationSink(_ByObject):
    """``youtube-vis.json``: one video with uncompressed RLE, as evaluation wants its truth."""

    def _save(self, part: Path) -> None:
        (height, width), kinds = self.clip.size, self.clip.kinds()
        size = {"width": width, "height": height, "length": self._count}
        assert self._frames is not None
        with part.open("w") as file:
            file.write(
                f'{{"info": {{}},\n"videos": [{_opened({"id": 1, "name": self.clip.name, **size})}, "file_names": '
            )
            _write_list(file, self._frames)
            file.write('}],\n"annotations": [')
            for number, (object_id, spool) in enumerate(sorted(self._objects.items()), 1):
                entry = {
                    "id": number,
                    "video_id": 1,
                    "track_id": object_id,
                    "category_id": self._category(kinds, object_id),
                    "iscrowd": 0,
                    "name": self.clip.named(object_id).name,
                    **size,
                }
                file.write(("\n" if number == 1 else ",\n") + _opened(entry) + ', "segmentations": ')
                _write_list(
                    file,
                    self._slots(object_id, ((e[0], {"size": [height, width], "counts": e[1]}) for e in spool)),
                )
                for place, key in ((2, "bboxes"), (3, "areas")):
                    file.write(f', "{key}": ')
                    _write_list(file, self._slots(object_id, ((e[0], e[place]) for e in spool)))
                file.write("}")
            file.write(f'\n],\n"categories": {json.dumps(categories(kinds))}}}\n')


class ResultSink(_ByObject):
    """``youtube-vis-results.zip`` with ``results.json``: a bare list with compressed RLE, ready to submit."""

    def _save(self, part: Path) -> None:
        kinds, size = self.clip.kinds(), self.clip.size
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("results.json", "w") as binary:
            file = _Text(binary)
            file.write("[")
            for number, (object_id, spool) in enumerate(sorted(self._objects.items())):
                scores = [entry[4] for entry in spool]
                entry = {
                    "video_id": 1,
                    "category_id": self._category(kinds, object_id),
                    "score": round(sum(scores) / len(scores), 4),
                }
                file.write(("\n" if number == 0 else ",\n") + _opened(entry) + ', "segmentations": ')
                compressed = ((e[0], {"size": list(size), "counts": rle.compress(np.array(e[1]))}) for e in spool)
                _write_list(file, self._slots(object_id, compressed))
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


def _write_list(file: "IO[str] | _Text", values: Iterable[Any]) -> None:
    file.write("[")
    for number, value in enumerate(values):
        file.write((", " if number else "") + json.dumps(value))
    file.write("]")


def read(document: Document, frames: FrameSource | None) -> Marks:
    """Annotations of one video; object ids are those of tracks, else of the entries."""
    path, data = document.path, document.json
    named = [{**video, "name": video.get("name") or _folder(video)} for video in data["videos"]]
    video = only_video(named, path, frames)
    if video is None:
        raise InputError(f"{path} holds no video.")
    size = (int(video["height"]), int(video["width"]))
    stems = [Path(str(name)).stem for name in video["file_names"]]
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
