"""Layouts that want all of an object together, although the video comes frame by frame."""

from pathlib import Path
from typing import Any

from mobilevos.formats.spool import Spool
from mobilevos.video.files import atomic
from mobilevos.video.sink import Clip, Piece, Result
from mobilevos.video.sinks import Output


class ByObject(Output):
    """Keeps what is to be written on disk, by object, until the video has ended.

    Attributes:
        frames: what `about` gave, of every frame.
        objects: what `entry` gave, of every frame in which the object is seen, by its id.
        count: number of frames.
    """

    def __init__(self, path: Path, clip: Clip) -> None:
        super().__init__(path, clip)
        self.frames: Spool | None = None
        self.objects: dict[int, Spool] = {}
        self.count = 0

    def about(self, result: Result) -> Any:
        """What is to be kept of a frame, as JSON."""
        raise NotImplementedError

    def entry(self, result: Result, object_id: int, piece: Piece) -> Any:
        """What is to be kept of an object in a frame, as JSON."""
        raise NotImplementedError

    def save(self, part: Path, frames: Spool) -> None:
        """Write the file."""
        raise NotImplementedError

    def write(self, result: Result) -> None:
        entries = {object_id: self.entry(result, object_id, piece) for object_id, piece in result.pieces.items()}
        about = self.about(result)
        if self.frames is None:
            self.frames = Spool(self.path.parent)
        self.frames.append(about)
        for object_id, entry in entries.items():
            if object_id not in self.objects:
                self.objects[object_id] = Spool(self.path.parent)
            self.objects[object_id].append(entry)
        self.count += 1

    def close(self) -> None:
        if self.frames is None:
            return
        try:
            with atomic(self.path) as part:
                self.save(part, self.frames)
        finally:
            for spool in (self.frames, *self.objects.values()):
                spool.close()
            self.frames = None
