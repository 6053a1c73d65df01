"""The semi-supervised DAVIS protocol: give the first mask, stream the clip, score every other frame."""

from collections.abc import Callable
from collections.abc import Sequence as Ordered
from pathlib import Path
from time import perf_counter
from typing import Protocol

from ..errors import InputError
from ..video.files import make_folder
from ..video.masks import save_palette_png
from .davis import Sequence
from .images import Frame, Labels, read_frame, read_labels
from .scores import ClipScores, ObjectMasks, Report, Score


class Tracker(Protocol):
    """What is evaluated. Frames are (H, W, 3) uint8 RGB, label maps (H, W) uint8 with 0 as background."""

    def start(self, frame: Frame, mask: Labels, /) -> Labels:
        """Take the first frame and its label map."""

    def step(self, frame: Frame, /) -> Labels:
        """Segment the next frame."""


def evaluate(
    sequences: Ordered[Sequence],
    tracker_factory: Callable[[], Tracker],
    progress: Callable[[int, int], None] | None = None,
    out: str | Path | None = None,
    scored: Callable[[int, ObjectMasks], None] | None = None,
) -> Report:
    """Run a tracker over sequences, scoring each frame as it comes: memory does not grow with the clip.

    The first annotated frame of a sequence starts the tracker; the frames after it are tracked, and of those
    all annotated ones but the last are scored (official semi-supervised protocol).

    Args:
        sequences: from `find_sequences`.
        tracker_factory: called once per sequence; its tracker is started once. Only ``step`` is timed.
        progress: called after each frame with the number of frames done and of all frames.
        out: where to write the label maps as ``<out>/<clip>/<frame>.png`` with the DAVIS palette.
        scored: called after each scored frame with its index in the sequence and the masks of its objects.

    Raises:
        InputError: no sequence, an unreadable file, or an image and its mask differ in size.
        OutputError: a mask cannot be written.
    """
    if not sequences:
        raise InputError("There is no sequence to evaluate.")
    total = sum(len(sequence.frames) - sequence.annotated[0] for sequence in sequences)
    done = 0
    step_ms: list[float] = []
    objects: dict[str, list[Score]] = {}
    for sequence in sequences:
        first, last = sequence.annotated[0], sequence.annotated[-1]
        tracker = tracker_factory()
        for index in range(first, len(sequence.frames)):
            frame, annotation = _read(sequence, index)
            if annotation is not None and index == first:
                scores = ClipScores(annotation, f"Sequence {sequence.name}")
                labels = tracker.start(frame, scores.objects(annotation))
            else:
                begin = perf_counter()
                labels = tracker.step(frame)
                step_ms.append(1000 * (perf_counter() - begin))
                if annotation is not None and index != last:
                    masks = scores.masks(labels, annotation)
                    scores.add(masks)
                    if scored:
                        scored(index, masks)
            if out is not None:
                name = f"{sequence.frames[index].stem}.png"
                save_palette_png(make_folder(Path(out) / sequence.name) / name, labels)
            done += 1
            if progress:
                progress(done, total)
        objects[sequence.name] = scores.conclude()
    return Report.from_objects(objects, step_ms)


def _read(sequence: Sequence, index: int) -> tuple[Frame, Labels | None]:
    frame, path = read_frame(sequence.frames[index]), sequence.annotations[index]
    if path is None:
        return frame, None
    annotation = read_labels(path)
    if annotation.shape != frame.shape[:2]:
        raise InputError(
            f"{sequence.frames[index]} is {frame.shape[1]} x {frame.shape[0]}, "
            f"but its mask {path} is {annotation.shape[1]} x {annotation.shape[0]}."
        )
    return frame, annotation
