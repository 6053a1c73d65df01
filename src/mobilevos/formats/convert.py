"""From masks in one format to another: the whole job of ``mobilevos convert``."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from mobilevos.errors import InputError
from mobilevos.formats.format import Format, Marks
from mobilevos.formats.given import open_marks, paths_read
from mobilevos.formats.names import read_names
from mobilevos.formats.registry import FORMATS, check_outputs, writer
from mobilevos.video.annotations import in_size
from mobilevos.video.files import discard, make_folder
from mobilevos.video.protection import protect
from mobilevos.video.reader import open_frames
from mobilevos.video.results import remove_results
from mobilevos.video.sink import Clip, Result, Seen, stem_of
from mobilevos.video.source import DEFAULT_FPS, FrameSource
from mobilevos.video.stills import have_decimals


@dataclass(frozen=True)
class Converted:
    """What `convert` did.

    Attributes:
        frames: number of frames written.
        objects: ids in them.
        output: path of what was written.
        warning: what was lost or is not certain.
    """

    frames: int
    objects: list[int]
    output: str
    warning: str | None

    def to_dict(self) -> dict[str, Any]:
        """As plain values, ready for JSON."""
        return asdict(self)


def convert(
    source: str | Path,
    to: str,
    out: str | Path | None = None,
    *,
    video: str | Path | None = None,
    names: str | Path | None = None,
    number_from: int | None = None,
    fps: Fraction | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> Converted:
    """Write the masks of a file or folder in another format, a frame at a time.

    Args:
        source: an output folder of `mobilevos.segment`, or anything that `mobilevos.formats.given` recognises.
        to: a name from `mobilevos.formats.registry.FORMATS`.
        out: file or folder to write; None: beside the source, under the format's own name.
        video: the frames, for formats with pictures; names of files and times are then theirs.
        names: JSON file with the objects' names and classes, which replace those of the source.
        number_from: the number that frame 0 gets in image sequences for editors.
        fps: frames per second, if neither source nor video tells them; None: 24.
        progress: called after each frame with the frames done and their number.

    Raises:
        InputError: source or options cannot be used, or a frame is missing that the format needs.
        OutputError: the output cannot be written.
    """
    check_outputs([to])
    known, path = FORMATS[to], Path(source)
    if known.pictures and video is None:
        raise InputError(f"{to} shows the frames themselves; give them with --video.")
    frames = None if video is None else open_frames(video)
    marks = open_marks(path, frames)
    if frames is None:
        marks.masks = in_size(marks.masks, marks.size, "the first mask is")
    else:
        marks.size = frames.size
        marks.masks = in_size(marks.masks, marks.size)
    target = Path(out) if out is not None else (path if path.is_dir() else path.parent) / known.file
    inputs = [*paths_read(path), *(p for p in (video, names) if p is not None)]
    clip = Clip(
        marks.name if frames is None else frames.name,
        marks.size,
        fps or (frames.fps if frames is not None else marks.fps or DEFAULT_FPS),
        None if frames is None else frames.playback,
        max(marks.masks) + 1 if frames is None else frames.frame_count,
        tuple(sorted({i for mask in marks.masks.values() for i in mask.objects})),
        marks.names | (read_names(names) if names is not None else {}),
        number_from,
        None if frames is None or frames.playback is None else frames.playback.timecode,
        have_decimals([Path(f"{stem_of(name)}.png") for name in marks.files.values()])
        if frames is None
        else frames.decimals,
    )
    sink, done = writer(to, target, clip), 0
    if Path(known.file).suffix:
        protect(inputs, files=[target])
    else:
        protect(inputs, folders=[(folder, lambda name: True) for folder in sink.folders])
    make_folder(target.parent)
    if Path(known.file).suffix:
        discard(target)
    elif not known.gathers:
        remove_results(target)
    try:
        for result in _results(marks, known, frames, clip):
            sink.write(result)
            done += 1
            if progress is not None:
                progress(done, clip.count)
    finally:
        sink.close()
    told = [marks.warning, None if frames is None else frames.warning, sink.warning]
    return Converted(done, list(clip.objects), str(target), " ".join(filter(None, told)) or None)


def _results(marks: Marks, known: Format, frames: FrameSource | None, clip: Clip) -> Iterator[Result]:
    """The frames with masks in order; for a format that needs all, those between them too."""
    last = max(marks.masks)
    if frames is None:
        wanted = range(min(marks.masks), last + 1) if known.whole else sorted(marks.masks)
        for index in wanted:
            yield _result(marks, index, None, marks.files.get(index, f"{index:05d}"), float(index / clip.fps))
        return
    first, index = min(marks.masks), -1
    with closing(frames.forward(first)) as pictures:
        for index, frame in enumerate(pictures, first):
            if known.whole or index in marks.masks:
                times = None if frames.playback is None else frames.playback.times
                time = float(index / clip.fps) if times is None else times.of(index) - times.of(0)
                yield _result(marks, index, frame, frames.file_name(index), time)
            if index == last and not known.whole:
                return
    if index < last:
        raise InputError(f"{frames.name} has no frame {last}, to which a mask belongs; give the video they belong to.")


def _result(marks: Marks, index: int, frame: np.ndarray | None, name: str, time: float) -> Result:
    mask = marks.masks.get(index)
    labels = np.zeros(marks.size, np.uint8) if mask is None else mask.read()
    objects = marks.states.get(index)
    if objects is None:
        objects = {i: Seen(int(np.count_nonzero(labels == i))) for i in (mask.objects if mask else ())}
    return Result(index, name, frame, labels, time, objects)
