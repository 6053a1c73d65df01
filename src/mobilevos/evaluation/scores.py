"""From frames to figures: scores per object, per clip and of a whole set."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .images import Labels
from .metrics import Mask, boundary_f, jaccard

ObjectMasks = Mapping[int, tuple[Mask, Mask]]
"""Predicted and true (H, W) boolean mask of every object in a frame, by id."""

VOID = 255


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
    """

    overall: Score
    sequences: Mapping[str, Score]
    step_ms: NDArray[np.float64]

    @classmethod
    def from_objects(cls, objects: Mapping[str, list[Score]], step_ms: list[float] | None = None) -> "Report":
        """Average the scores of the objects of each sequence."""
        return cls(
            overall=_mean([score for scores in objects.values() for score in scores]),
            sequences={name: _mean(scores) for name, scores in objects.items()},
            step_ms=np.array(step_ms or []),
        )

    @property
    def fps(self) -> float | None:
        """Frames per second of the tracker alone: steps divided by their total time; None without timing."""
        return 1000 * len(self.step_ms) / float(self.step_ms.sum()) if len(self.step_ms) else None

    def to_dict(self) -> dict[str, Any]:
        """``{"J", "F", "JF", "fps", "sequences": {name: {"J", "F", "JF"}}}``, for JSON; scores in percent."""
        return {
            **_to_dict(self.overall),
            "fps": self.fps,
            "sequences": {name: _to_dict(score) for name, score in self.sequences.items()},
        }


class ClipScores:
    """Adds up J and F of every object of one clip, frame by frame.

    Which objects there are is fixed by the first annotation, as in the official code. If its only value is
    255 the clip is binary (DAVIS-2016): every nonzero pixel is the object. Otherwise each value from 1 to 254
    is an object and pixels whose annotation is 255 are void: they count for nothing (DAVIS-2017).

    Args:
        first: (H, W) uint8 annotation of the first frame.
        name: how to call the clip in an error.

    Raises:
        InputError: the annotation is empty.
    """

    def __init__(self, first: Labels, name: str) -> None:
        values = [int(value) for value in np.unique(first) if value]
        if not values:
            raise InputError(f"The first annotation of {name} is empty; it must show at least one object.")
        self._name = name
        self._binary = values == [VOID]
        self._ids = [1] if self._binary else [value for value in values if value != VOID]
        self._sums = np.zeros((len(self._ids), 2))
        self._frames = 0

    def objects(self, annotation: Labels) -> Labels:
        """(H, W) label map of an annotation as a tracker should see it: void is background, binary is 1."""
        if self._binary:
            return (annotation != 0).astype(np.uint8)
        return np.where(annotation == VOID, 0, annotation).astype(np.uint8)

    def masks(self, pred: Labels, annotation: Labels) -> ObjectMasks:
        """The masks of every object in one frame's two (H, W) uint8 label maps, predicted and true, by id.

        With a single object a prediction may also be binary (255). Ids without object are background, and void
        pixels are in no mask.

        Raises:
            InputError: sizes differ, or a prediction of several objects is binary.
        """
        if pred.shape != annotation.shape:
            raise InputError(
                f"{self._name}: the prediction is {pred.shape[1]} x {pred.shape[0]}, "
                f"its annotation {annotation.shape[1]} x {annotation.shape[0]}."
            )
        scored = np.True_ if self._binary else annotation != VOID
        binary_pred = pred == VOID
        if len(self._ids) > 1 and binary_pred.any():
            raise InputError(f"{self._name}: the prediction is 255, but the objects have the ids {self._ids}.")
        truth = self.objects(annotation)
        return {
            label: ((pred != 0 if self._binary else (pred == label) | binary_pred) & scored, truth == label)
            for label in self._ids
        }

    def add(self, masks: ObjectMasks) -> None:
        """Score one frame."""
        self._sums += [(jaccard(*pair), boundary_f(*pair)) for pair in masks.values()]
        self._frames += 1

    def conclude(self) -> list[Score]:
        """Mean over the frames added so far, per object, in order of ids.

        Raises:
            InputError: no frame was added.
        """
        if not self._frames:
            raise InputError(f"{self._name} has no frame to score between its first and last annotation.")
        return [Score(float(j), float(f)) for j, f in 100 * self._sums / self._frames]


def _mean(scores: list[Score]) -> Score:
    return Score(float(np.mean([s.J for s in scores])), float(np.mean([s.F for s in scores])))


def _to_dict(score: Score) -> dict[str, float]:
    return {"J": score.J, "F": score.F, "JF": score.JF}
