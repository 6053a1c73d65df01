"""The outputs of our own: palette PNG, cut-outs, overlay video, and COCO RLE; and the states of the objects."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image

from mobilevos.engine.bounds import bounding_box
from mobilevos.json_text import parse_json
from mobilevos.video import rle
from mobilevos.video.distrust import DAMAGE
from mobilevos.video.json_file import JsonFile
from mobilevos.video.line_file import LineFile
from mobilevos.video.masks import palette_image
from mobilevos.video.overlay import overlay
from mobilevos.video.results import save_result
from mobilevos.video.sink import Clip, Piece, Result, Seen
from mobilevos.video.writer import VideoWriter
from mobilevos.video.writers import writer_for


class Output:
    """What writers have in common; each writes one file or folder.

    Args:
        path: of the file, or of the folder, which is made with the first frame.
        clip: what is known of the video.
    """

    in_order = True
    wants_soft = False
    warning: str | None = None

    def __init__(self, path: Path, clip: Clip) -> None:
        self.path, self.clip = path, clip
        self.folders: Sequence[Path] = [path]

    def close(self) -> None:
        """Complete the output; nothing is left to do where each frame has files of its own."""


class MaskSink(Output):
    """``masks/<stem>.png``: one palette PNG per frame."""

    in_order = False

    def write(self, result: Result) -> None:
        save_result(self.path / f"{self.clip.stem(result.index, result.name)}.png", palette_image(result.labels))


class CutoutSink(Output):
    """``rgba/<stem>.png``: the objects on a transparent ground, one RGBA PNG per frame."""

    in_order = False

    def write(self, result: Result) -> None:
        labels, frame = result.labels, result.image()
        rgba = np.zeros((*labels.shape, 4), np.uint8)
        box = bounding_box(labels)
        inside = labels[box] > 0
        rgba[box] = np.dstack([frame[box] * inside[..., None], inside * np.uint8(255)])
        save_result(self.path / f"{self.clip.stem(result.index, result.name)}.png", Image.fromarray(rgba))


class OverlaySink(Output):
    """``overlay.mp4``: the frames with the objects tinted, at their times and with their sound."""

    def __init__(self, path: Path, clip: Clip) -> None:
        super().__init__(path, clip)
        self._kind = writer_for(path)
        self._writer: VideoWriter | None = None

    def write(self, result: Result) -> None:
        clip = self.clip
        if self._writer is None:
            self._writer = self._kind(self.path, clip.fps, clip.size, clip.playback, result.index)
        self._writer.write(overlay(result.image(), result.labels))

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


class RLESink(Output):
    """``masks.json``: COCO images, annotations (one per frame and visible object, RLE) and categories.

    ``image_id`` is the frame's index, ``category_id`` and ``track_id`` the object's id, ``file_name`` that of the
    frame's image, or the frame's number in a video.
    """

    def __init__(self, path: Path, clip: Clip) -> None:
        super().__init__(path, clip)
        self._file = JsonFile(path, "annotations", "images")
        self._annotations = 0
        self._ids: set[int] = set()

    def write(self, result: Result) -> None:
        (height, width), index = self.clip.size, result.index
        of_video = {"video_id": 1, "frame_index": index}
        image = {"id": index, "file_name": result.name, "width": width, "height": height, **of_video}
        entries = [
            {
                "id": number,
                "image_id": index,
                "category_id": object_id,
                "track_id": object_id,
                **coco_mask(piece, self.clip.size),
                "iscrowd": 0,
            }
            for number, (object_id, piece) in enumerate(result.pieces.items(), self._annotations + 1)
        ]
        self._file.append(annotations=entries, images=[image])
        self._annotations += len(entries)
        self._ids.update(result.pieces)

    def close(self) -> None:
        height, width = self.clip.size
        video = {"id": 1, "name": self.clip.name, "width": width, "height": height, "fps": float(self.clip.fps)}
        categories = [{"id": i, "name": self.clip.named(i).name} for i in sorted(self._ids)]
        self._file.close(videos=[video], categories=categories)


def coco_mask(piece: Piece, size: tuple[int, int]) -> dict[str, object]:
    """An object's mask, area and box as COCO has them."""
    return {
        "segmentation": rle.encode(piece.whole(size)),
        "area": int(np.count_nonzero(piece.mask)),
        "bbox": list(piece.box),
    }


STATES = "objects.jsonl"


class States:
    """``objects.jsonl``: what is known of each object in each frame, one line a frame, in order.

    Args:
        path: of the file, in a folder that exists.
    """

    def __init__(self, path: Path) -> None:
        self._file = LineFile(path)

    def write(self, index: int, objects: Mapping[int, Seen]) -> None:
        """Add the next frame.

        Raises:
            OutputError: the disk is full, or the like.
        """
        known = {
            str(i): {key: value for key, value in sorted(s._asdict().items(), reverse=True) if value is not None}
            for i, s in objects.items()
        }
        self._file.write([json.dumps({"index": index, "objects": known}) + "\n"])

    def close(self) -> None:
        """Give the file its name; without a frame there is none."""
        self._file.close()


def read_states(path: Path) -> dict[int, dict[int, Seen]]:
    """What `States` wrote, by frame and object; nothing if there is no such file or it is another's."""
    found: dict[int, dict[int, Seen]] = {}
    with suppress(*DAMAGE), path.open() as lines:
        for line in lines:
            entry = parse_json(line)
            found[entry["index"]] = {
                int(i): Seen(known["area"], known.get("state"), known.get("score"))
                for i, known in entry["objects"].items()
            }
    return found
