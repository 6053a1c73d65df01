"""From frames to figures: scores per object, per clip and of a whole set."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..video.masks import VOID
from .metrics import Mask, boundary_f, jaccard

ObjectMasks = Mapping[int, tuple[Mask, Mask]]
"""Predicted and true (H, W) boolean mask of every object in a frame, by id."""

Labels = NDArray[np.uint8]


@dataclass(frozen=True)
class Score:
    """Region similarity ``J`` and contour accuracy ``F``, in percent."""

    J: float
    F: float

    @property
    def JF(self) -> float:
        """Mean of J and F, in percent."""
        return (self.J + self.F) / 2


@dataclass(frozen=True)
class Report:
    """Result of an evaluation.

    Attributes:
        overall: mean over all objects of all sequences, as the official DAVIS-2017 code does.
        sequences: mean over the objects of each sequence.
        step_ms: milliseconds of every tracker step; empty where stored masks were scored.
        notes: sentences on objects that are not scored.
    """

    overall: Score
    sequences: Mapping[str, Score]
    step_ms: NDArray[np.float64]
    notes: Sequence[str] = ()

    @classmethod
    def from_objects(
        cls, objects: Mapping[str, list[Score]], step_ms: list[float] | None = None, notes: Sequence[str] = ()
    ) -> "Report":
        """Average the scores of the objects of each sequence."""
        return cls(
            overall=_mean([score for scores in objects.values() for score in scores]),
            sequences={name: _mean(scores) for name, scores in objects.items()},
            step_ms=np.array(step_ms or []),
            notes=notes,
        )

    @classmethod
    def from_clips(cls, clips: Mapping[str, "ClipScores"], step_ms: list[float] | None = None) -> "Report":
        """Conclude the scores of each sequence.

        Raises:
            InputError: a clip has no frame to score.
        """
        objects = {name: scores.conclude() for name, scores in clips.items()}
        return cls.from_objects(objects, step_ms, [note for scores in clips.values() for note in scores.notes()])

    @property
    def fps(self) -> float | None:
        """Frames per second of the tracker alone: steps divided by their total time; None without timing."""
        return 1000 * len(self.step_ms) / float(self.step_ms.sum()) if len(self.step_ms) else None

    def to_dict(self) -> dict[str, Any]:
        """``{"J", "F", "JF", "fps", "sequences": {name: {"J", "F", "JF"}}}``, in percent, and ``"notes"`` if any."""
        return {
            **_to_dict(self.overall),
            "fps": self.fps,
            "sequences": {name: _to_dict(score) for name, score in self.sequences.items()},
            **({"notes": list(self.notes)} if self.notes else {}),
        }


class ClipScores:
    """Adds up J and F of every object of one clip, frame by frame; pixels whose truth is `VOID` count for nothing.

    Args:
        name: how to call the clip in an error.
        any_id: the clip has one object, and every nonzero pixel of a prediction is meant to be it, as in DAVIS-2016.
    """

    def __init__(self, name: str, *, any_id: bool = False) -> None:
        self._name, self._any_id = name, any_id
        self._frames: dict[int, list[tuple[float, float]]] = {}

    @property
    def given(self) -> set[int]:
        """Ids of the objects that are scored."""
        return set(self._frames)

    def give(self, objects: Iterable[int]) -> None:
        """Score these objects, too, in the frames added from now on: in this one the tracker has been told them."""
        for object_id in objects:
            self._frames.setdefault(object_id, [])

    def masks(self, pred: Labels, truth: Labels) -> ObjectMasks:
        """The masks of every given object in one frame's two (H, W) uint8 label maps, predicted and true, by id.

        Ids without object are background, and void pixels are in no mask.
        """
        known = truth != VOID
        return {i: ((pred != 0 if self._any_id else pred == i) & known, truth == i) for i in sorted(self._frames)}

    def add(self, masks: ObjectMasks) -> None:
        """Score one frame."""
        for object_id, pair in masks.items():
            self._frames[object_id].append((jaccard(*pair), boundary_f(*pair)))

    def conclude(self) -> list[Score]:
        """Mean over the frames added so far, per object that has one, in order of ids.

        Raises:
            InputError: no frame was added.
        """
        if not self._frames:
            raise InputError(
                f"{self._name} has no annotation that shows an object; mark one with a value other than 0."
            )
        scored = [np.mean(scores, axis=0) for _, scores in sorted(self._frames.items()) if scores]
        if not scored:
            raise InputError(f"{self._name} has no frame to score between its first and last annotation.")
        return [Score(100 * float(j), 100 * float(f)) for j, f in scored]

    def notes(self) -> list[str]:
        """A sentence, if there are objects without a frame to score."""
        left = [str(object_id) for object_id, scores in sorted(self._frames.items()) if not scores]
        if not left:
            return []
        what = f"object {left[0]} is" if len(left) == 1 else f"objects {', '.join(left)} are"
        return [f"{self._name}: {what} not scored, as no annotation follows before the last one."]


def _mean(scores: list[Score]) -> Score:
    return Score(float(np.mean([s.J for s in scores])), float(np.mean([s.F for s in scores])))


def _to_dict(score: Score) -> dict[str, float]:
    return {"J": score.J, "F": score.F, "JF": score.JF}
