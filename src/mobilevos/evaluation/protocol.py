"""The semi-supervised protocol: give each object's first mask, stream the clip, score every other frame."""

from collections.abc import Callable
from collections.abc import Sequence as Ordered
from pathlib import Path
from time import perf_counter
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..video.mask_size import fitted
from ..video.masks import MaskSet, palette_image, without_void
from ..video.protection import protect
from ..video.results import remove_results, save_result
from ..video.stills import Levels, read_rgb
from .davis import Sequence
from .scores import ClipScores, Labels, ObjectMasks, Report

Frame = NDArray[np.uint8]


class Tracker(Protocol):
    """What is evaluated. Frames are (H, W, 3) uint8 RGB, label maps (H, W) uint8 with 0 as background."""

    def start(self, frame: Frame, mask: Labels, /) -> Labels:
        """Take the first frame and its label map."""

    def step(self, frame: Frame, /) -> Labels:
        """Segment the next frame."""

    def add(self, mask: Labels, /) -> Labels:
        """Take the label map of objects that begin in the newest frame; called only if there are any."""


def evaluate(
    sequences: Ordered[Sequence],
    tracker_factory: Callable[[], Tracker],
    progress: Callable[[int, int], None] | None = None,
    out: str | Path | None = None,
    scored: Callable[[int, ObjectMasks], None] | None = None,
) -> Report:
    """Run a tracker over sequences, scoring each frame as it comes: memory does not grow with the clip.

    The first frame of a sequence with an annotated object starts the tracker; objects that begin later are given where
    they are first annotated, as in YouTube-VOS. An object is scored in the annotated frames after that one but the last
    (official semi-supervised protocol).

    Args:
        sequences: from `find_sequences`.
        tracker_factory: called once per sequence; its tracker is started once. Only ``step`` is timed.
        progress: called after each frame with the number of frames done and of all frames.
        out: where to write the label maps as ``<out>/<clip>/<frame>.png`` with the DAVIS palette.
        scored: called after each scored frame with its index in the sequence and the masks of its objects.

    Raises:
        InputError: no sequence, an unreadable file, an image and its mask differ in shape, or ``out`` holds either.
        OutputError: a mask cannot be written.
    """
    if not sequences:
        raise InputError("There is no sequence to evaluate.")
    if out is not None:
        _make_way(sequences, Path(out))
    total = sum(len(sequence.frames) - sequence.annotated[0] for sequence in sequences)
    done = 0
    step_ms: list[float] = []
    clips: dict[str, ClipScores] = {}
    for sequence in sequences:
        annotations = MaskSet(filter(None, sequence.annotations), snap=True, full_paths=True)
        scores = clips[sequence.name] = ClipScores(f"Sequence {sequence.name}", any_id=annotations.binary)
        tracker, levels = tracker_factory(), Levels.of(sequence.frames)
        for index in range(sequence.annotated[0], len(sequence.frames)):
            path = sequence.annotations[index]
            new = set(annotations.objects(path)) - scores.given if path else set()
            if scores.given or new:
                frame = read_rgb(sequence.frames[index], levels)
                annotation = None
                if path is not None:
                    one_of = f"An annotation of {sequence.name}"
                    annotation = fitted(annotations[path], frame.shape[:2], str(path), "its frame is", one_of=one_of)
                if not scores.given:
                    assert annotation is not None
                    labels = tracker.start(frame, without_void(annotation))
                else:
                    begin = perf_counter()
                    labels = tracker.step(frame)
                    step_ms.append(1000 * (perf_counter() - begin))
                    if annotation is not None and new:
                        labels = tracker.add(np.where(np.isin(annotation, list(new)), annotation, 0).astype(np.uint8))
                    if annotation is not None and index != sequence.annotated[-1]:
                        masks = scores.masks(labels, annotation)
                        scores.add(masks)
                        if scored:
                            scored(index, masks)
                scores.give(new)
                if out is not None:
                    name = f"{sequence.frames[index].stem}.png"
                    save_result(Path(out) / sequence.name / name, palette_image(labels))
            done += 1
            if progress:
                progress(done, total)
    return Report.from_clips(clips, step_ms)


def _make_way(sequences: Ordered[Sequence], out: Path) -> None:
    """Remove the predictions of earlier runs, unless they are what is read."""
    read = {path.parent for sequence in sequences for path in (*sequence.frames, *sequence.annotations) if path}
    clips = {out / sequence.name for sequence in sequences} | {path for path in out.glob("*/") if path.is_dir()}
    protect(read, folders=[(clip, lambda name: name.endswith(".png")) for clip in sorted(clips)])
    for clip in clips:
        remove_results(clip)
