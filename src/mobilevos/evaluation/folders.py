"""Scores of stored masks: any system's results against the truth."""

from pathlib import Path

import numpy as np

from ..errors import InputError
from ..video.mask_size import fitted
from ..video.masks import MaskSet
from ..video.stills import MASK_SUFFIXES
from .images import list_images, subfolders
from .scores import ClipScores, Report


def evaluate_folders(predictions: str | Path, truth: str | Path) -> Report:
    """Score a folder of predicted masks against a folder of true masks.

    Both hold masks (docs/masks.md), either directly (one clip) or in one subfolder per clip, under the same names but
    for the suffix. What is in ``truth`` counts: an object's first mask and the last mask of each clip are not scored
    (official semi-supervised protocol) and need no prediction, every other one does; further predictions are ignored.

    Raises:
        InputError: a folder or prediction is missing, a file is unreadable, shapes differ, or a clip has fewer
            than three true masks.
    """
    predictions, truth = Path(predictions), Path(truth)
    for folder in (predictions, truth):
        if not folder.is_dir():
            raise InputError(f"{folder} is not a folder.")
    clips = [folder for folder in (truth, *subfolders(truth)) if list_images(folder, MASK_SUFFIXES)]
    if not clips:
        raise InputError(f"{truth} holds no masks, neither directly nor in one subfolder per clip.")
    scored = {clip: _Clip(clip, predictions / clip.relative_to(truth)) for clip in clips}
    missing = [path for clip in scored.values() for path in clip.missing]
    if missing:
        count = sum(len(clip.predicted) for clip in scored.values())
        raise InputError(f"{missing[0]} is missing ({len(missing)} of {count} predicted masks are).")
    return Report.from_clips({clip.absolute().name: pair.scores() for clip, pair in scored.items()})


class _Clip:
    """The masks of one clip.

    Attributes:
        predicted: prediction of each true mask that is scored, in order, whether it is there or not.
        missing: those that are not.
    """

    def __init__(self, truth: Path, predictions: Path) -> None:
        self._name = truth.absolute().name
        self._files = list_images(truth, MASK_SUFFIXES)
        self._truth = MaskSet(self._files, snap=True, full_paths=True)
        first = next((index for index, path in enumerate(self._files) if self._truth.objects(path)), len(self._files))
        there = {path.stem: path for path in list_images(predictions, MASK_SUFFIXES)} if predictions.is_dir() else {}
        self.predicted = {path: there.get(path.stem, predictions / path.name) for path in self._files[first + 1 : -1]}
        self.missing = [path for path in self.predicted.values() if path not in there.values()]

    def scores(self) -> ClipScores:
        predictions = MaskSet(self.predicted.values(), snap=True, full_paths=True, beside=self._truth)
        ids = {object_id for path in self._files for object_id in self._truth.objects(path)}
        if predictions.binary and len(ids) > 1:
            raise InputError(f"Clip {self._name}: the prediction is 255, but the objects have the ids {sorted(ids)}.")
        scores = ClipScores(f"Clip {self._name}", any_id=self._truth.binary or (predictions.binary and len(ids) == 1))
        for path in self._files:
            if path in self.predicted:
                scores.add(scores.masks(self._prediction(self.predicted[path], predictions, path), self._truth[path]))
            scores.give(self._truth.objects(path))
        return scores

    def _prediction(self, path: Path, predictions: MaskSet, truth: Path) -> np.ndarray:
        one_of = f"A prediction for {self._name}"
        return fitted(predictions[path], self._truth.size(truth), str(path), "its annotation is", one_of=one_of)
