"""Label Studio: brush masks on images, as predictions to correct; on video it knows boxes alone.

The labelling configuration that fits is in the ``meta`` of each task.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np

from mobilevos.formats.by_object import ByObject
from mobilevos.formats.coco import category_of, image_name
from mobilevos.formats.format import Document, Format, Marks, Shape, marks_of, numbered
from mobilevos.formats.spool import Spool, write_list
from mobilevos.video.files import atomic
from mobilevos.video.sink import Clip, ObjectName, Piece, Result
from mobilevos.video.sinks import Output
from mobilevos.video.source import FrameSource

_MODEL = "mobilevos"
_LENGTHS = (2, 3, 7, 15)  # bits, less one, of the four kinds of runs
_LONGEST = 1 << 16
_OWN_ID = re.compile(r"object-(\d+)-\d+")
_UPLOADED = re.compile(r"^[0-9a-f]{8}-")


class BrushSink(Output):
    """``label-studio.json``: a task an image, whose prediction has a brush mask an object."""

    def __init__(self, path: Path, clip: Clip) -> None:
        super().__init__(path, clip)
        self._tasks: Spool | None = None
        self._kinds = clip.kinds()

    def write(self, result: Result) -> None:
        (height, width), clip = self.clip.size, self.clip
        found = []
        for object_id, piece in result.pieces.items():
            kind = clip.named(object_id).kind
            category_of(self._kinds, kind)
            found.append(
                {
                    "id": f"object-{object_id}-{result.index}",
                    "type": "brushlabels",
                    "from_name": "tag",
                    "to_name": "image",
                    "original_width": width,
                    "original_height": height,
                    "image_rotation": 0,
                    "value": {"format": "rle", "rle": encode(piece.whole(clip.size)), "brushlabels": [kind]},
                }
            )
        scores = [known.score for i in result.pieces if (known := result.objects.get(i)) and known.score is not None]
        prediction = {"model_version": _MODEL, "score": float(np.mean(scores)) if scores else 1.0, "result": found}
        if self._tasks is None:
            self._tasks = Spool(self.path.parent)
        self._tasks.append({"data": {"image": image_name(clip, result)}, "predictions": [prediction]})

    def close(self) -> None:
        if self._tasks is None:
            return
        labels = "".join(f"<Label value={quoteattr(kind)}/>" for kind in self._kinds)
        brush = f'<BrushLabels name="tag" toName="image">{labels}</BrushLabels>'
        config = f'<View><Image name="image" value="$image"/>{brush}</View>'
        try:
            with atomic(self.path) as part, part.open("w") as file:
                for number, task in enumerate(self._tasks):
                    line = json.dumps({**task, "meta": {"label_config": config}})
                    file.write(("[\n" if number == 0 else ",\n") + line)
                file.write("\n]\n")
        finally:
            self._tasks.close()
            self._tasks = None


class BoxSink(ByObject):
    """``label-studio-video.json``: one task with the video and the boxes of the masks; lost ends the box."""

    def about(self, result: Result) -> int:
        return result.index

    def entry(self, result: Result, object_id: int, piece: Piece) -> list[Any]:
        (height, width), (left, top, columns, rows) = self.clip.size, piece.box
        box = {
            "x": 100 * left / width,
            "y": 100 * top / height,
            "width": 100 * columns / width,
            "height": 100 * rows / height,
        }
        return [result.index, result.time, box]

    def save(self, part: Path, frames: Spool) -> None:
        last, kinds = max(frames), list[str]()
        with part.open("w") as file:
            file.write(f'[{{"data": {{"video": {json.dumps(self.clip.name)}}},\n"predictions": [{{"result": [')
            for number, (object_id, spool) in enumerate(sorted(self.objects.items())):
                kind = self.clip.named(object_id).kind
                category_of(kinds, kind)
                value = {
                    "framesCount": last + 1,
                    "duration": float((last + 1) / self.clip.fps),
                    "labels": [kind],
                }
                entry = {
                    "id": f"object-{object_id}",
                    "type": "videorectangle",
                    "from_name": "box",
                    "to_name": "video",
                    "value": value,
                }
                file.write((",\n" if number else "\n") + json.dumps(entry)[:-2] + ', "sequence": ')
                write_list(file, self._sequence(spool, last))
                file.write("}}")
            labels = "".join(f"<Label value={quoteattr(kind)}/>" for kind in kinds)
            config = (
                f'<View><Labels name="labels" toName="video">{labels}</Labels><Video name="video" value="$video" '
                f'frameRate="{float(self.clip.fps):g}"/><VideoRectangle name="box" toName="video"/></View>'
            )
            meta = json.dumps({"label_config": config})
            file.write(f'],\n"model_version": "{_MODEL}", "score": 1.0}}],\n"meta": {meta}}}]\n')
        self.warning = f"{self.path.name} has boxes alone: Label Studio has no masks on video."

    def _sequence(self, entries: Spool, last: int) -> Iterator[dict[str, Any]]:
        """A key a frame; one that ends the span where the object is no longer seen."""
        before: tuple[int, float, dict[str, float]] | None = None
        for index, time, box in entries:
            if before is not None and index > before[0] + 1:
                yield self._end(*before)
            yield _key(index, time, box, True)
            before = index, time, box
        if before is not None and before[0] < last:
            yield self._end(*before)

    def _end(self, index: int, time: float, box: dict[str, float]) -> dict[str, Any]:
        return _key(index + 1, time + float(1 / self.clip.fps), box, False)


def _key(index: int, time: float, box: dict[str, float], enabled: bool) -> dict[str, Any]:
    return {"frame": index + 1, "time": round(time, 6), "enabled": enabled, "rotation": 0, **box}


def encode(mask: np.ndarray) -> list[int]:
    """Label Studio's RLE of an (H, W) boolean mask: a stream of bits over RGBA bytes, in rows; runs alone."""
    flat = mask.ravel()
    edges = np.flatnonzero(np.concatenate([[True], flat[1:] != flat[:-1], [True]]))
    lengths, values = 4 * np.diff(edges), flat[edges[:-1]]
    pieces = -(-lengths // _LONGEST)
    last = np.cumsum(pieces) - 1
    sizes = np.full(pieces.sum(), _LONGEST)
    sizes[last] = lengths - (pieces - 1) * _LONGEST
    blocks = np.zeros((len(sizes), 27), np.uint8)
    blocks[:, :3] = 1  # a run, of the longest kind
    blocks[:, 3:19] = (sizes[:, None] - 1) >> np.arange(15, -1, -1) & 1
    blocks[:, 19:] = np.repeat(values, pieces)[:, None]
    head = [(4 * mask.size, 32), (7, 5), *((length, 4) for length in _LENGTHS)]
    bits = [int(bit) for value, width in head for bit in f"{value:0{width}b}"]
    return np.packbits(np.concatenate([np.array(bits, np.uint8), blocks.ravel()])).tolist()


def decode(stream: list[int], size: tuple[int, int]) -> np.ndarray:
    """The (H, W) boolean mask of such a stream: what is opaque.

    Raises:
        ValueError: it is damaged, or of another size.
    """
    bits = np.unpackbits(np.array(stream, np.uint8))
    place = 0

    def take(width: int) -> int:
        nonlocal place
        place += width
        if place > len(bits):
            raise ValueError("the RLE of a brush ends too early")
        return int("".join(map(str, bits[place - width : place])), 2)

    total, word = take(32), take(5) + 1
    lengths = [take(4) + 1 for _ in range(4)]
    if total != 4 * size[0] * size[1] or word != 8:
        raise ValueError("the RLE of a brush is of another size than its image")
    out, done = np.zeros(total, np.uint8), 0
    while done < total:
        run, count = take(1), take(lengths[take(2)]) + 1
        if done + count > total:
            raise ValueError("the RLE of a brush is longer than its image")
        if run:
            out[done : done + count] = take(8)
        else:
            words = bits[place : place + 8 * count]
            take(8 * count)
            out[done : done + count] = np.packbits(words)
        done += count
    return out.reshape(*size, 4)[..., 3] > 0


def _recognises(document: Document) -> bool:
    tasks = document.json
    return bool(tasks) and isinstance(tasks, list) and all(isinstance(t, dict) and "data" in t for t in tasks)


def read(document: Document, frames: FrameSource | None) -> Marks:
    """Brush masks of images: a task's newest annotation, or else its first prediction."""
    path = document.path
    tasks = [task for task in document.json if "image" in task["data"]]
    stems = [_UPLOADED.sub("", Path(str(task["data"]["image"]).rpartition("/")[2]).stem) for task in tasks]
    indices = numbered(stems, frames, path)
    shapes: dict[int, list[Shape]] = {}
    sizes: dict[int, tuple[int, int]] = {}
    names: dict[int, ObjectName] = {}
    labels: list[str] = []
    for index, task in zip(indices, tasks, strict=True):
        given = [one for one in task.get("annotations", []) if not one.get("was_cancelled")][-1:]
        for one in (given or task.get("predictions", [])[:1])[0:1]:
            for region in one["result"]:
                if region["type"] != "brushlabels":
                    continue
                size = sizes[index] = int(region["original_height"]), int(region["original_width"])
                kind = str(region["value"]["brushlabels"][0])
                own = _OWN_ID.fullmatch(str(region.get("id")))
                object_id = int(own[1]) if own else category_of(labels, kind)
                stream = region["value"]["rle"]
                shapes.setdefault(index, []).append((object_id, lambda s=stream, n=size: decode(s, n)))  # type: ignore[misc]
                names.setdefault(object_id, ObjectName(f"object {object_id}", kind))
    if sizes:
        sizes = {index: sizes.get(index, next(iter(sizes.values()))) for index in indices}
    marks = marks_of(path, sizes, shapes, names)
    marks.files = {index: f"{stem}.jpg" for index, stem in zip(indices, stems, strict=True)}
    return marks


BRUSH = Format("label-studio", "label-studio.json", BrushSink, read, _recognises)
VIDEO = Format("label-studio-video", "label-studio-video.json", BoxSink)
