"""Ultralytics' folder for segmentation: images, and for each a text file with a polygon an object."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from mobilevos.formats.coco import category_of
from mobilevos.formats.format import Format, lost_share
from mobilevos.formats.layers import file_name
from mobilevos.formats.outlines import area, border_pixels, fill, outlines
from mobilevos.video.results import ResultFolder
from mobilevos.video.sink import Clip, Piece, Result, stem_of
from mobilevos.video.sinks import Output

_IMAGES, _LABELS = "images/train", "labels/train"
_JPEG_QUALITY = 95
_LOOKED_AT = 500
_WITHIN = 0.25  # of a pixel: readers round and truncate to the same one


class YoloSink(Output):
    """``yolo/``: ``data.yaml``, ``images/train/<clip>_<stem>.jpg`` and ``labels/train/<clip>_<stem>.txt``.

    Parts of an object are joined by bridges one pixel wide, as Ultralytics does; holes are filled.
    """

    in_order = False
    _all = _lost = 0

    def __init__(self, path: Path, clip: Clip) -> None:
        super().__init__(path, clip)
        self.folders = [path, path / _IMAGES, path / _LABELS]
        self._folder = ResultFolder(path)
        self._kinds = clip.kinds()
        self._written = False

    def write(self, result: Result) -> None:
        (height, width), stem = self.clip.size, f"{file_name(self.clip.name)}_{stem_of(result.name)}"
        lines: dict[str, None] = {}
        for object_id, piece in result.pieces.items():
            kind = category_of(self._kinds, self.clip.named(object_id).kind) - 1
            ring = (self._ring(piece) + _WITHIN + np.array(piece.box[:2])) / (width, height)
            lines[f"{kind} {' '.join(f'{side:.6f}' for side in ring.ravel().tolist())}\n"] = None
        with self._folder.save(f"{_IMAGES}/{stem}.jpg") as part:
            Image.fromarray(result.image()).save(part, format="JPEG", quality=_JPEG_QUALITY)
        with self._folder.save(f"{_LABELS}/{stem}.txt") as part:
            part.write_text("".join(lines))
        self._written = True

    def close(self) -> None:
        if not self._written:
            return
        names = "".join(f"  {number}: {json.dumps(kind)}\n" for number, kind in enumerate(self._kinds))
        with self._folder.save("data.yaml") as part:
            part.write_text(f"path: .\ntrain: {_IMAGES}\nval: images/val  # of other clips\nnames:\n{names}")
        self.warning = lost_share(self.path, "one outline an object and no holes", self._lost, self._all)

    def _ring(self, piece: Piece) -> np.ndarray:
        """(N, 2) border pixels of all parts, joined."""
        size = piece.mask.shape[0], piece.mask.shape[1]
        parts = [ring for ring in outlines(piece.mask) if area(ring) > 0]
        kept = np.zeros(size, bool)
        for ring in parts:
            kept |= fill([ring], size)
        self._all += int(np.count_nonzero(piece.mask))
        self._lost += int(np.count_nonzero(kept != piece.mask))
        return joined([border_pixels(ring) for ring in parts])


def joined(rings: list[np.ndarray]) -> np.ndarray:
    """One (N, 2) ring of several: each next one is reached from a near corner, and left the same way."""
    found, rest = rings[0], rings[1:]
    while rest:
        ways = [_shortest(found, ring) for ring in rest]
        nearest = min(range(len(rest)), key=lambda place: ways[place][0])
        _, here, there = ways[nearest]
        ring = np.roll(rest.pop(nearest), -there, axis=0)
        found = np.concatenate([found[: here + 1], ring, ring[:1], found[here:]])
    return found


def _shortest(one: np.ndarray, other: np.ndarray) -> tuple[float, int, int]:
    """Squared distance and places of two near corners; of long rings not all are looked at."""
    steps = [len(ring) // _LOOKED_AT + 1 for ring in (one, other)]
    gaps = ((one[:: steps[0], None].astype(np.float32) - other[None, :: steps[1]]) ** 2).sum(axis=2)
    here, there = np.unravel_index(int(gaps.argmin()), gaps.shape)
    return float(gaps.min()), int(here) * steps[0], int(there) * steps[1]


YOLO = Format("yolo", "yolo", YoloSink, pictures=True, gathers=True)
