"""Layouts in which benchmarks take results: folders of palette PNGs, and BURST's JSON."""

import json
import re
from pathlib import Path
from typing import Any

from mobilevos.errors import InputError
from mobilevos.formats.coco import categories, category_of
from mobilevos.formats.format import Document, Format, Marks, Shape, marks_of, numbered
from mobilevos.formats.spool import Spool, write_list
from mobilevos.video import rle
from mobilevos.video.files import atomic
from mobilevos.video.masks import palette_image
from mobilevos.video.results import save_result
from mobilevos.video.sink import Clip, ObjectName, Result, has_suffix, stem_of
from mobilevos.video.sinks import Output
from mobilevos.video.source import FrameSource

_MOST = 253
"""Larger ids mean void to evaluators."""
_MERGED = {20, 63, 108, 180, 188, 204, 212, 247}
"""Numbers of classes that BURST has merged into others; its evaluation leaves out objects of these."""
_CLASSES = [number for number in range(1, 300) if number not in _MERGED]
_FRAME_NUMBER = re.compile(r"(^|_)(frame)*\d+\.(jpg|png)$")


class ClipFolder(Output):
    """``<clip>/<stem>.png``: palette PNGs of the original size, in a folder that takes further clips; zip its content.

    As DAVIS-2017 and MOSE want them.
    """

    in_order = False
    folder = ""

    def __init__(self, path: Path, clip: Clip) -> None:
        super().__init__(path, clip)
        self.folders = [path / self.folder / clip.name]

    def write(self, result: Result) -> None:
        if max(result.pieces, default=0) > _MOST:
            self.warning = f"Evaluators read ids above {_MOST} as void; number the objects anew."
        save_result(self.folders[0] / f"{stem_of(result.name)}.png", palette_image(result.labels))


class AnnotationsFolder(ClipFolder):
    """``Annotations/<clip>/<stem>.png``, as YouTube-VOS and LVOS want them."""

    folder = "Annotations"


class BurstSink(Output):
    """``burst.json``: one sequence, with the RLE of each frame's visible objects."""

    def __init__(self, path: Path, clip: Clip) -> None:
        super().__init__(path, clip)
        self._names: Spool | None = None
        self._masks: Spool | None = None
        self._ids: set[int] = set()

    def write(self, result: Result) -> None:
        masks = {
            str(i): {"rle": rle.encode(piece.whole(self.clip.size))["counts"]} for i, piece in result.pieces.items()
        }
        if self._names is None or self._masks is None:
            self._names, self._masks = Spool(self.path.parent), Spool(self.path.parent)
        name = result.name if has_suffix(result.name) else f"{result.name}.jpg"
        if not _FRAME_NUMBER.search(name):
            self.warning = (
                f"There is no frame number in {name} that BURST's evaluation finds, behind the last _ of a JPEG's or "
                "PNG's name; it cannot take these masks as truth."
            )
        self._names.append(name)
        self._masks.append(masks)
        self._ids.update(result.pieces)

    def close(self) -> None:
        if self._names is None or self._masks is None:
            return
        (height, width), kinds = self.clip.size, self.clip.kinds()
        known = {str(i): _CLASSES[category_of(kinds, self.clip.named(i).kind) - 1] for i in sorted(self._ids)}
        classes = [{**entry, "id": number} for number, entry in zip(_CLASSES, categories(kinds), strict=False)]
        about = {
            "id": 1,
            "seq_name": self.clip.name,
            "dataset": "mobilevos",
            "width": width,
            "height": height,
            "fps": float(self.clip.fps),
            "neg_category_ids": [],
            "not_exhaustive_category_ids": [],
            "track_category_ids": known,
        }
        try:
            with atomic(self.path) as part, part.open("w") as file:
                file.write(f'{{"sequences": [{json.dumps(about)[:-1]}')
                for key, spool in (
                    ("all_image_paths", self._names),
                    ("annotated_image_paths", self._names),
                    ("segmentations", self._masks),
                ):
                    file.write(f',\n"{key}": ')
                    write_list(file, spool)
                file.write(f'}}],\n"categories": {json.dumps(classes)},\n"split": "val"}}\n')
        finally:
            self._names.close()
            self._masks.close()
            self._names = self._masks = None


def read_burst(document: Document, frames: FrameSource | None) -> Marks:
    """One sequence; ids are those of its tracks."""
    path, data = document.path, document.json
    sequences = data["sequences"]
    wanted = [one for one in sequences if frames is not None and one["seq_name"] == frames.name] or sequences
    if len(wanted) != 1:
        raise InputError(f"{path} holds {len(sequences)} sequences; name the frames as one of them is named.")
    sequence: dict[str, Any] = wanted[0]
    size = int(sequence["height"]), int(sequence["width"])
    stems = [stem_of(str(name)) for name in sequence["annotated_image_paths"]]
    indices = numbered(stems, frames, path)
    kinds = {entry["id"]: str(entry["name"]) for entry in data.get("categories", [])}
    shapes: dict[int, list[Shape]] = {}
    for index, masks in zip(indices, sequence["segmentations"], strict=True):
        for object_id, mask in masks.items():
            code: rle.RLE = {"size": list(size), "counts": mask["rle"]}
            shapes.setdefault(index, []).append((int(object_id), lambda c=code: rle.decode(c)))  # type: ignore[misc]
    names = {
        int(object_id): ObjectName(f"object {object_id}", kinds.get(kind, "object"))
        for object_id, kind in sequence["track_category_ids"].items()
    }
    marks = marks_of(path, dict.fromkeys(indices, size), shapes, names)
    marks.name = str(sequence["seq_name"])
    marks.files = dict(zip(indices, map(str, sequence["annotated_image_paths"]), strict=True))
    return marks


ALL = (
    Format("davis2017", "davis2017", ClipFolder, gathers=True),
    Format("mose", "mose", ClipFolder, gathers=True),
    Format("youtube-vos", "youtube-vos", AnnotationsFolder, gathers=True),
    Format("lvos", "lvos", AnnotationsFolder, gathers=True),
    Format("burst", "burst.json", BurstSink, read_burst, lambda document: document.has("sequences", "split")),
)
