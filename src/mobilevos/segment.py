"""From a video and masks of some of its frames to files: the whole job of ``mobilevos segment``."""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from mobilevos.errors import InputError, MobileVOSError, OutputError, TruncatedVideo
from mobilevos.formats.given import open_given, paths_read
from mobilevos.formats.names import read_names
from mobilevos.formats.registry import FORMATS, check_outputs, writers
from mobilevos.video.annotations import Annotations, GivenMask
from mobilevos.video.files import atomic, make_folder
from mobilevos.video.label_stack import LabelStack
from mobilevos.video.output_folder import OutputFolder
from mobilevos.video.pipeline import read_ahead, write_behind
from mobilevos.video.protection import frame_names
from mobilevos.video.reader import open_frames
from mobilevos.video.sink import Clip, Result, Seen, Sink, ids_of
from mobilevos.video.sinks import States
from mobilevos.video.source import FrameSource, beyond_end


class MaskTracker(Protocol):
    """What `segment` needs of a tracker; `mobilevos.Tracker` is one.

    Frames and results are still being written while the next frames are tracked: a tracker leaves both as they are.
    """

    def start(self, frame: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """(H, W, 3) uint8 RGB and (H, W) label map -> (H, W) uint8 label map; begins anew if it had begun."""

    def add(self, mask: np.ndarray) -> np.ndarray:
        """Correct or add the objects of an (H, W) label map in the newest frame -> (H, W) uint8 label map."""

    def step(self, frame: np.ndarray) -> np.ndarray:
        """(H, W, 3) uint8 RGB -> (H, W) uint8 label map."""


Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Summary:
    """What `segment` did.

    Attributes:
        frames: number of frames whose results are written.
        objects: ids in the masks given.
        seconds: time from the first frame's decoding to the last file's closing.
        fps: ``frames / seconds``, decoding and writing included.
        outputs: path of each output by its name.
        truncated: the results end before the video does.
        message: why, if so.
        first: index, from 0, of the first frame with a result.
        warning: what complete results lack all the same, such as a sound that could not be kept.
        damaged: first and last index of each run of frames that are damaged or lost in the video, and whose masks are
            those of the frame before.
        video: name, width, height and exact frames per second of the video, for who goes on with the masks.
    """

    frames: int
    objects: list[int]
    seconds: float
    fps: float
    outputs: dict[str, str]
    truncated: bool = False
    message: str | None = None
    first: int = 0
    warning: str | None = None
    damaged: list[list[int]] = field(default_factory=list)
    video: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As plain values, ready for JSON."""
        return asdict(self)


def segment(
    source: str | Path,
    mask: str | Path | Mapping[int, GivenMask],
    out: str | Path,
    *,
    tracker: MaskTracker,
    outputs: Sequence[str] = ("masks", "overlay"),
    snap: bool = False,
    start: int | None = None,
    both: bool = False,
    strict: bool = False,
    names: str | Path | None = None,
    number_from: int | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Track the objects of one or several masks through a video and write the results as they come.

    Tracking begins at the first frame with a mask. In a later one its mask corrects the objects whose ids it has, or
    begins them: results there show them exactly as given, and the frame stays in the tracker's memory.

    Everything that can be checked is checked before anything is written. Decoding and writing have a thread each,
    beside the tracker in the caller's; a few frames are in memory at a time, and both threads end with the call.
    If the work breaks off, whatever the reason, the results up to there are completed as far as the disk
    allows, ``summary.json`` says ``truncated``, and the error is raised again.

    Args:
        source: video file, folder of frames or glob pattern (`mobilevos.video.reader.open_frames`).
        mask: image of the objects in one frame (`mobilevos.video.masks.load_mask`), a folder of such images, each
            named as its frame, or what else `mobilevos.formats.given.open_given` recognises; or masks by the frame
            they belong to.
        out: output folder, made if missing; gets ``summary.json``, ``objects.jsonl`` with the objects' state in each
            frame, and what ``outputs`` name.
        tracker: a fresh `mobilevos.Tracker`.
        outputs: names from `mobilevos.formats.registry.FORMATS`.
        snap: snap anti-aliased mask colours to the dominant ones.
        start: the frame, from 0, that the mask image belongs to; None for the first.
        both: also track from the first frame with a mask back to the beginning, before going forwards. That pass
            writes masks and cut-outs as they come; what is one file for all frames follows in their order.
        strict: stop where frames of the video are damaged, in place of keeping the masks from before them and going on
            at the next key frame.
        names: JSON file with the objects' names and classes (`mobilevos.formats.names.read_names`).
        number_from: the number that frame 0 gets in image sequences for editors.
        progress: called in the caller's thread after each frame with the frames tracked and the number expected,
            if known.

    Raises:
        InputError: the video, masks or options cannot be used.
        TruncatedVideo: the video broke off.
        OutputError: the results cannot be written.
    """
    frames = open_frames(source, strict)
    if isinstance(mask, Mapping):
        given = Annotations(mask, frames, "the masks are")
    else:
        given = open_given(Path(mask), frames, start, snap=snap)
    check_outputs(tuple(outputs))
    folder = Path(out)
    clip = Clip(
        frames.name,
        frames.size,
        frames.fps,
        frames.playback,
        frames.frame_count,
        tuple(given.objects),
        given.names | (read_names(names) if names else {}),
        number_from,
        None if frames.playback is None else frames.playback.timecode,
        frames.decimals,
    )
    sinks = writers(outputs, folder, clip)
    check_objects(tracker, given)
    results = OutputFolder(
        folder, sinks.values(), {known.file: known.gathers for known in FORMATS.values() if known.write}
    )
    read = [source, *(() if isinstance(mask, Mapping) else paths_read(Path(mask))), *((names,) if names else ())]
    results.protect(read, frame_names(frames))
    if frames.frame_count is not None and given.last >= frames.frame_count:
        _check_reaches(frames, given.last)
    make_folder(folder)
    results.clear()

    began = time.perf_counter()
    states = States(results.states)
    job = _Job(frames, given, tracker, list(sinks.values()), states, progress, 0 if both else given.first)
    failure = job.run(folder)
    for close in (*(sink.close for sink in sinks.values()), states.close):
        unfinished = _failure_of(close)  # an interrupt, too: the others are closed all the same
        failure = failure or unfinished
    if job.done:
        seconds = time.perf_counter() - began
        summary = Summary(
            frames=job.done,
            first=job.lowest,
            objects=given.objects,
            seconds=round(seconds, 3),
            fps=round(job.done / seconds, 2),
            outputs={name: str(sink.path) for name, sink in sinks.items() if sink.path.exists()},
            truncated=failure is not None,
            message=None if failure is None else _reason(failure, job.done),
            warning=" ".join(filter(None, [frames.warning, *(sink.warning for sink in sinks.values())])) or None,
            damaged=runs(index for index in frames.damaged if job.lowest <= index < job.lowest + job.done),
            video={"name": clip.name, "width": clip.size[1], "height": clip.size[0], "fps": str(clip.fps)},
        )
        try:
            with atomic(results.summary) as part:
                part.write_text(json.dumps(summary.to_dict(), indent=2) + "\n")
        except OutputError as error:
            failure = failure or error
    elif isinstance(failure, TruncatedVideo):
        raise _too_short(failure, given.first) from failure
    if failure is not None:
        if frames.warning is not None:
            failure.add_note(frames.warning)
        raise failure
    return summary


class _Job:
    """The passes over the frames.

    Attributes:
        done: number of frames written to all sinks.
        lowest: index of the first frame with a result.
    """

    def __init__(
        self,
        frames: FrameSource,
        given: Annotations,
        tracker: MaskTracker,
        sinks: list[Sink],
        states: States,
        progress: Progress | None,
        begin: int,
    ) -> None:
        self._frames, self._given, self._tracker = frames, given, tracker
        self._sinks, self._in_order = sinks, [sink for sink in sinks if sink.in_order]
        self._soft, self._states = any(sink.wants_soft for sink in sinks), states
        self._progress, self._begin = progress, begin
        self.done, self.lowest = 0, given.first

    def run(self, folder: Path) -> BaseException | None:
        """Do all passes; what stopped the work before the end, if anything."""
        with LabelStack(folder, self._frames.size) as earlier:
            backward = _failure_of(lambda: self._backward(earlier)) if self._begin < self._given.first else None
            forward = _failure_of(lambda: self._forward(earlier, only_earlier=backward is not None))
        return backward or forward

    def _backward(self, earlier: LabelStack) -> None:
        """Track from the first mask to the beginning, and leave the labels for the sinks that want them in order."""
        first = self._given.first

        def write(result: Result) -> None:
            for sink in self._sinks:
                if not sink.in_order:
                    sink.write(result)
            earlier.push(result.labels, result.objects)
            self.lowest = result.index
            self.done += not self._in_order

        with write_behind(write) as put, closing(read_ahead(self._frames.backward(first))) as ahead:
            for index, frame in zip(range(first, -1, -1), ahead, strict=False):
                if index == first:
                    result = self._result(index, frame, self._tracker.start(frame, self._given[first]))
                    continue
                if index in self._frames.damaged:
                    result = self._repeated(result, index, frame)
                else:
                    result = self._result(index, frame, self._tracker.step(frame))
                put(result)
                self._tracked(first - index)

    def _forward(self, earlier: LabelStack, only_earlier: bool) -> None:
        """Hand on what the backward pass left, then track from the first mask to the end.

        Args:
            earlier: labels of the frames from ``lowest`` to before the first mask.
            only_earlier: the backward pass broke off: what it found still goes into every output, but no more.
        """
        first = self._given.first
        begin = self.lowest if self._in_order else first
        if not self._in_order:
            for index in range(self.lowest, first):
                self._states.write(index, earlier.pop()[1])
        if only_earlier and begin == first:
            return

        def write(result: Result) -> None:
            for sink in self._sinks if result.index >= first else self._in_order:
                sink.write(result)
            self._states.write(result.index, result.objects)
            self.done += 1

        with write_behind(write) as put, closing(read_ahead(self._frames.forward(begin))) as ahead:
            for index, frame in enumerate(ahead, begin):
                if index < first:
                    labels, objects = earlier.pop()
                    put(Result(index, self._frames.file_name(index), frame, labels, self._time(index), objects))
                    continue
                if only_earlier:
                    return
                if index == first or index in self._given or index not in self._frames.damaged:
                    result = self._result(index, frame, follow(self._tracker, self._given, index, frame))
                else:
                    result = self._repeated(result, index, frame)
                put(result)
                self._tracked(index + 1 - self._begin)
        if index < self._given.last:
            raise beyond_end(self._frames.name, self._given.last, index + 1)

    def _result(self, index: int, frame: np.ndarray, labels: np.ndarray) -> Result:
        """What the tracker has just found."""
        objects = seen(self._tracker, labels)
        soften = getattr(self._tracker, "soft", None) if self._soft else None
        soft = None if soften is None else {i: soften([i]) for i in objects}
        return Result(index, self._frames.file_name(index), frame, labels, self._time(index), objects, soft)

    def _repeated(self, result: Result, index: int, frame: np.ndarray) -> Result:
        """An earlier result for a damaged frame."""
        return replace(result, index=index, name=self._frames.file_name(index), frame=frame, time=self._time(index))

    def _time(self, index: int) -> float:
        """Seconds after frame 0."""
        playback = self._frames.playback
        if playback is None:
            return float(index / self._frames.fps)
        return playback.times.of(index) - playback.times.of(0)

    def _tracked(self, count: int) -> None:
        if self._progress is not None:
            total = self._frames.frame_count
            self._progress(count, None if total is None else total - self._begin)


def runs(indices: Iterable[int]) -> list[list[int]]:
    """First and last of each run of consecutive numbers."""
    found: list[list[int]] = []
    for index in sorted(indices):
        if found and index == found[-1][1] + 1:
            found[-1][1] = index
        else:
            found.append([index, index])
    return found


def follow(tracker: MaskTracker, given: Annotations, index: int, frame: np.ndarray) -> np.ndarray:
    """Track the next frame, from the first that has a mask on: it starts, later masks correct.

    Returns:
        (H, W) uint8 label map.
    """
    if index == given.first:
        return tracker.start(frame, given[index])
    labels = tracker.step(frame)
    return tracker.add(given[index]) if index in given else labels


def seen(tracker: object, labels: np.ndarray) -> dict[int, Seen]:
    """The objects in the newest frame; of a tracker that does not tell their states, areas alone."""
    states = getattr(tracker, "objects", None)
    if states is None:
        return {i: Seen(int(np.count_nonzero(labels == i))) for i in ids_of(labels)}
    return {i: Seen(known.area, known.state, round(known.score, 4)) for i, known in sorted(states.items())}


def check_objects(tracker: object, given: Annotations) -> None:
    """Refuse more objects, in all masks together, than a tracker's network holds.

    Raises:
        InputError: there are more.
    """
    most: int | None = getattr(tracker, "most_objects", None)
    if most is not None and len(given.objects) > most:
        raise InputError(
            f"The masks have {len(given.objects)} objects, but the model was exported for {most}; "
            f"export it again with --objects {len(given.objects)}, or leave some out."
        )


def _failure_of(work: Callable[[], None]) -> BaseException | None:
    try:
        work()
    except BaseException as error:  # an interrupt, too, must leave finished files
        return error
    return None


def _check_reaches(frames: FrameSource, index: int) -> None:
    """Refuse an index beyond the end; only decoding tells, since what a video's header says is an estimate."""
    try:
        with closing(frames.forward(index)) as rest:
            next(rest)
    except TruncatedVideo as error:
        raise _too_short(error, index) from error


def _too_short(error: TruncatedVideo, index: int) -> InputError:
    return InputError(f"{str(error).rstrip('.')}, and its frame {index}, to which the mask belongs, is not among them.")


def _reason(failure: BaseException, done: int) -> str:
    if isinstance(failure, MobileVOSError):
        return str(failure)
    if isinstance(failure, KeyboardInterrupt):
        return f"interrupted after {done} frames."
    return f"{type(failure).__name__} after {done} frames: {failure}"
