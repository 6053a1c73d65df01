"""From a video and masks to a video with an effect: the whole job of ``mobilevos inpaint`` and its kin."""

import time
import warnings
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import numpy as np

from mobilevos.effects.cutout import Cutout
from mobilevos.effects.effect import Effect, Image, Soft
from mobilevos.effects.outputs import Output, check_output, open_output, remove_earlier
from mobilevos.errors import Advice, OutputError
from mobilevos.formats.given import open_given, paths_read
from mobilevos.segment import Progress, Summary, check_objects, follow, runs
from mobilevos.tracker import Tracker
from mobilevos.video.annotations import Annotations
from mobilevos.video.files import make_folder
from mobilevos.video.pipeline import read_ahead, write_behind
from mobilevos.video.protection import frame_names, protect
from mobilevos.video.reader import open_frames
from mobilevos.video.source import FrameSource


def render(
    source: str | Path,
    mask: str | Path,
    out: str | Path,
    *,
    effect: Effect,
    tracker: Tracker | None,
    snap: bool = False,
    strict: bool = False,
    also_read: Iterable[str | Path] = (),
    progress: Progress | None = None,
) -> Summary:
    """Apply an effect to a video and write the result as it comes.

    Decoding has a thread of its own, the effect and writing another one, beside the tracker in the caller's. If the
    work breaks off, whatever the reason, the result up to there is completed and the error is raised again.

    Args:
        source: video file, folder of frames or glob pattern (`mobilevos.video.reader.open_frames`).
        mask: image of the objects in the first frame, or a folder of images named as the frames they belong to. Frames
            before the first mask have no object.
        out: ``.mp4``, ``.mkv``, ``.avi`` or ``.gif``; for a transparent effect ``.webm`` or ``.mov``; or a folder that
            gets a PNG image a frame. A video of a video keeps its sound.
        effect: a fresh one.
        tracker: a fresh one, which later masks correct; None takes the masks as they are, and frames without one have
            no object.
        snap: snap anti-aliased mask colours to the dominant ones.
        strict: stop where frames of the video are damaged, in place of keeping the masks from before them and going on
            at the next key frame.
        also_read: other inputs, such as the background, which are not written over either.
        progress: called in the caller's thread after each frame with the frames tracked and the number expected,
            if known.

    Raises:
        InputError: the video, masks or options cannot be used.
        TruncatedVideo: the video broke off.
        OutputError: the result cannot be written.
    """
    path, transparent = Path(out), isinstance(effect, Cutout)
    check_output(path, transparent)
    frames = open_frames(source, strict)
    given = open_given(Path(mask), frames, snap=snap)
    check_objects(tracker, given)
    read = (source, *paths_read(Path(mask)), *also_read)
    if path.suffix:
        protect(read, files=[path])
    else:
        protect(read, folders=[(path, frame_names(frames))])
    make_folder(path.parent)
    remove_earlier(path)

    began = time.perf_counter()
    job = _Job(frames, _Masks(given, tracker, frames), effect, open_output(path, frames, transparent))
    try:
        job.run(progress)
    except BaseException as error:
        if frames.warning is not None:
            error.add_note(frames.warning)
        raise
    seconds = time.perf_counter() - began
    if tracker is None:
        _advise_of_gaps([index for index in range(job.done) if index not in given.frames], mask)
    if given.last >= job.done:
        warnings.warn(
            f"{frames.name} has no frame {given.last}, to which a mask in {mask} belongs.", Advice, stacklevel=2
        )
    return Summary(
        frames=job.done,
        first=0,
        objects=given.objects,
        seconds=round(seconds, 3),
        fps=round(job.done / seconds, 2),
        outputs={"video" if path.suffix else "frames": str(path)},
        warning=frames.warning,
        damaged=runs(frames.damaged),
    )


def _advise_of_gaps(without: list[int], mask: str | Path) -> None:
    if without:
        number = "1 frame has" if len(without) == 1 else f"{len(without)} frames have"
        message = f"{number} no mask in {mask}, the first one being {without[0]}: there, nothing counts as an object."
        warnings.warn(message, Advice, stacklevel=3)


class _Masks:
    """The soft mask of each frame, in order."""

    def __init__(self, given: Annotations, tracker: Tracker | None, frames: FrameSource) -> None:
        self._given, self._tracker, self._frames = given, tracker, frames

    def of(self, index: int, frame: Image) -> Soft:
        given, tracker = self._given, self._tracker
        if tracker is None or index < given.first:
            labels = given[index] if index in given else np.zeros(frame.shape[:2], np.uint8)
            return (labels > 0).astype(np.float32)
        if index in given or index not in self._frames.damaged:
            follow(tracker, given, index, frame)
        return tracker.soft()


class _Job:
    """The pass over the frames; ``done`` of them are written."""

    def __init__(self, frames: FrameSource, masks: _Masks, effect: Effect, output: Output) -> None:
        self._frames, self._masks, self._effect, self._output = frames, masks, effect, output
        self.done = 0

    def run(self, progress: Progress | None) -> None:
        failure: BaseException | None = None
        try:
            with write_behind(self._apply) as put, closing(read_ahead(self._frames)) as ahead:
                for index, frame in enumerate(ahead):
                    put((frame, self._masks.of(index, frame)))
                    if progress is not None:
                        progress(index + 1, self._frames.frame_count)
        except BaseException as error:  # an interrupt, too, must leave a finished file
            failure = error
        try:
            if not isinstance(failure, OutputError):
                for frame in self._effect.rest():
                    self._write(frame)
            self._output.close()
        except OutputError as error:
            failure = failure or error
        if failure is not None:
            raise failure

    def _apply(self, given: tuple[Image, Soft]) -> None:
        result = self._effect(*given)
        if result is not None:
            self._write(result)

    def _write(self, frame: Image) -> None:
        self._output.write(self._frames.stem(self.done), frame)
        self.done += 1
