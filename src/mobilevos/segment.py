"""From a video and a first-frame mask to files: the whole job of ``mobilevos segment``."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from mobilevos.errors import InputError, MobileVOSError, OutputError
from mobilevos.video.files import atomic, discard, make_folder
from mobilevos.video.masks import check_mask, load_mask
from mobilevos.video.pipeline import read_ahead, write_behind
from mobilevos.video.reader import open_frames
from mobilevos.video.sinks import SINKS, Sink, check_outputs
from mobilevos.video.source import FrameSource


class MaskTracker(Protocol):
    """What `segment` needs of a tracker; `mobilevos.Tracker` is one.

    Frames and results are still being written while the next frames are tracked: a tracker leaves both as they are.
    """

    def start(self, frame: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """(H, W, 3) uint8 RGB and (H, W) label map -> (H, W) uint8 label map."""

    def step(self, frame: np.ndarray) -> np.ndarray:
        """(H, W, 3) uint8 RGB -> (H, W) uint8 label map."""


@dataclass(frozen=True)
class Summary:
    """What `segment` did.

    Attributes:
        frames: number of frames whose results are written.
        objects: ids in the first-frame mask.
        seconds: time from the first frame's decoding to the last file's closing.
        fps: ``frames / seconds``, decoding and writing included.
        outputs: path of each output by its name.
        truncated: the results end before the video does.
        message: why, if so.
    """

    frames: int
    objects: list[int]
    seconds: float
    fps: float
    outputs: dict[str, str]
    truncated: bool = False
    message: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As plain values, ready for JSON."""
        return asdict(self)


def segment(
    source: str | Path,
    mask: str | Path,
    out: str | Path,
    *,
    tracker: MaskTracker,
    outputs: Sequence[str] = ("masks", "overlay"),
    snap: bool = False,
    progress: Callable[[int, int | None], None] | None = None,
) -> Summary:
    """Track the objects of a first-frame mask through a video and write the results as they come.

    Everything that can be checked is checked before anything is written. Decoding and writing have a thread each,
    beside the tracker in the caller's; a few frames are in memory at a time, and both threads end with the call.
    If the work breaks off, whatever the reason, the results up to there are completed as far as the disk
    allows, ``summary.json`` says ``truncated``, and the error is raised again.

    Args:
        source: video file, folder of frames or glob pattern (`mobilevos.video.reader.open_frames`).
        mask: image of the objects in the first frame (`mobilevos.video.masks.load_mask`).
        out: output folder, made if missing; gets ``summary.json`` and what ``outputs`` name.
        tracker: a fresh `mobilevos.Tracker`.
        outputs: names from `mobilevos.video.sinks.SINKS`.
        snap: snap anti-aliased mask colours to the dominant ones.
        progress: called in the caller's thread after each frame with the frames tracked and the number expected,
            if known.

    Raises:
        InputError: the video, mask or options cannot be used.
        TruncatedVideo: the video broke off.
        OutputError: the results cannot be written.
    """
    frames = open_frames(source)
    labels = load_mask(mask, snap=snap)
    check_mask(labels, frames.size, Path(mask).name)
    names = tuple(outputs)
    check_outputs(names)
    folder = Path(out)
    sinks: dict[str, Sink] = {name: SINKS[name](folder, frames.fps, frames.size) for name in names}
    for sink in sinks.values():
        if sink.path.resolve() == Path(source).resolve():
            raise InputError(f"the output would overwrite the input {source}; choose another output folder.")
    make_folder(folder)
    for earlier in (folder / "summary.json", *(sink.path for sink in sinks.values() if sink.path.suffix)):
        discard(earlier)  # it would pass for this run's result if this run breaks off

    start = time.perf_counter()
    done, failure = _track(frames, labels, tracker, list(sinks.values()), progress)
    for sink in sinks.values():
        try:
            sink.close()
        except OutputError as error:
            failure = failure or error
    if done:
        seconds = time.perf_counter() - start
        summary = Summary(
            frames=done,
            objects=np.unique(labels[labels > 0]).tolist(),
            seconds=round(seconds, 3),
            fps=round(done / seconds, 2),
            outputs={name: str(sink.path) for name, sink in sinks.items() if sink.path.exists()},
            truncated=failure is not None,
            message=None if failure is None else _reason(failure, done),
        )
        try:
            with atomic(folder / "summary.json") as part:
                part.write_text(json.dumps(summary.to_dict(), indent=2) + "\n")
        except OutputError as error:
            failure = failure or error
    if failure is not None:
        raise failure
    return summary


def _track(
    frames: FrameSource,
    mask: np.ndarray,
    tracker: MaskTracker,
    sinks: list[Sink],
    progress: Callable[[int, int | None], None] | None,
) -> tuple[int, BaseException | None]:
    """Number of frames written to all sinks, and what stopped the work before the end, if anything."""
    done = 0

    def write(result: tuple[int, np.ndarray, np.ndarray]) -> None:
        nonlocal done
        index, frame, labels = result
        for sink in sinks:
            sink.write(index, frames.stem(index), frame, labels)
        done = index + 1

    try:
        with write_behind(write) as put, closing(read_ahead(frames)) as ahead:
            for index, frame in enumerate(ahead):
                labels = tracker.step(frame) if index else tracker.start(frame, mask)
                put((index, frame, labels))
                if progress is not None:
                    progress(index + 1, frames.frame_count)
    except BaseException as error:  # an interrupt, too, must leave finished files
        return done, error
    return done, None


def _reason(failure: BaseException, done: int) -> str:
    if isinstance(failure, MobileVOSError):
        return str(failure)
    if isinstance(failure, KeyboardInterrupt):
        return f"interrupted after {done} frames."
    return f"{type(failure).__name__} after {done} frames: {failure}"
