"""The ruler: which of several trackers is better, on pieces of the same clips."""

from collections.abc import Callable, Mapping
from collections.abc import Sequence as Ordered
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from .davis import Sequence, find_sequences
from .paired import Difference, weight, weighted_mean
from .piece_cache import PieceCache, fingerprint
from .pieces import EVERY, cut
from .protocol import Tracker, evaluate
from .scores import Score


@dataclass(frozen=True)
class Candidate:
    """A tracker to be judged.

    Attributes:
        name: how to call it.
        new_tracker: makes a fresh tracker; called once per piece.
        key: changes with everything that its masks depend on; None if no score of it may be kept.
    """

    name: str
    new_tracker: Callable[[], Tracker]
    key: str | None = None


@dataclass(frozen=True)
class ClipResult:
    """Scores of one clip.

    Attributes:
        folder, clip: where it is from.
        weight: how much it counts (`paired.weight`).
        pieces: scores of every piece, by candidate.
    """

    folder: str
    clip: str
    weight: float
    pieces: Mapping[str, list[Score]]

    def score(self, candidate: str) -> float:
        """Mean J&F of a candidate over the pieces, in percent."""
        return float(np.mean([score.JF for score in self.pieces[candidate]]))


@dataclass(frozen=True)
class Selection:
    """What `select` found. The first candidate is the one that the others are compared with.

    Attributes:
        candidates: names.
        clips: in the order given.
        every: frames between the starts of pieces.
    """

    candidates: tuple[str, ...]
    clips: tuple[ClipResult, ...]
    every: int

    @property
    def folders(self) -> list[str]:
        """Names of the folders that the clips are from."""
        return list(dict.fromkeys(clip.folder for clip in self.clips))

    def of(self, folder: str | None) -> list[ClipResult]:
        """Clips of a folder, or of all."""
        return [clip for clip in self.clips if folder in (None, clip.folder)]

    def mean(self, candidate: str, folder: str | None = None) -> float:
        """Weighted mean of a candidate's J&F over the clips of a folder, or over all, in percent."""
        clips = self.of(folder)
        return weighted_mean([clip.score(candidate) for clip in clips], [clip.weight for clip in clips])

    def difference(self, candidate: str, folder: str | None = None) -> Difference:
        """How much better than the first candidate a later one is, paired clip by clip."""
        clips = self.of(folder)
        gains = [clip.score(candidate) - clip.score(self.candidates[0]) for clip in clips]
        return Difference.of(gains, [clip.weight for clip in clips])

    def to_dict(self) -> dict[str, Any]:
        """For JSON; scores in percent.

        ``{"baseline", "every", "all": MEANS, "folders": {name: MEANS}, "clips": [{"folder", "clip", "weight",
        "JF": {candidate}, "pieces": {candidate: [JF]}}]}`` with ``MEANS = {"JF": {candidate}, "differences":
        {candidate: {"mean", "error", "verdict"}}}``.
        """
        clips = [
            {
                "folder": clip.folder,
                "clip": clip.clip,
                "weight": clip.weight,
                "JF": {name: clip.score(name) for name in self.candidates},
                "pieces": {name: [score.JF for score in scores] for name, scores in clip.pieces.items()},
            }
            for clip in self.clips
        ]
        folders = {folder: self._means(folder) for folder in self.folders}
        return {
            "baseline": self.candidates[0],
            "every": self.every,
            "all": self._means(None),
            "folders": folders,
            "clips": clips,
        }

    def _means(self, folder: str | None) -> dict[str, Any]:
        differences = {name: self.difference(name, folder) for name in self.candidates[1:]}
        return {
            "JF": {name: self.mean(name, folder) for name in self.candidates},
            "differences": {name: {**vars(d), "verdict": d.verdict} for name, d in differences.items()},
        }


def by_folder(roots: Ordered[Path]) -> dict[str, list[Sequence]]:
    """Sequences of data sets in the DAVIS layout, by the folders' names, or by their paths where names are equal.

    Raises:
        InputError: no folder, or see `find_sequences`.
    """
    if not roots:
        raise InputError("Give one or more folders in the DAVIS layout.")
    names = [root.resolve().name for root in roots]
    unique = len(set(names)) == len(names)
    return {name if unique else str(root): find_sequences(root) for name, root in zip(names, roots, strict=True)}


def select(
    folders: Mapping[str, Ordered[Sequence]],
    candidates: Ordered[Candidate],
    *,
    every: int = EVERY,
    cache: PieceCache | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Selection:
    """Run every candidate over the same pieces of the same clips.

    Args:
        folders: sequences from `find_sequences`, by the name of their folder.
        candidates: at least one, each with a name of its own.
        every: frames between the starts of pieces.
        cache: where scores are looked up and kept, of candidates with a key.
        progress: called after each piece and candidate with the number done and of all.

    Raises:
        InputError: no candidate or clip, equal names, a clip without a piece, or an unreadable file.
        OutputError: the cache cannot be written.
    """
    names = tuple(candidate.name for candidate in candidates)
    if not names or len(set(names)) < len(names):
        raise InputError(f"Give one or more different candidates, not {', '.join(names) or 'none'}.")
    cuts = [(folder, clip, cut(clip, every)) for folder, clips in folders.items() for clip in clips]
    if not cuts:
        raise InputError("There is no sequence to evaluate.")
    done, total = 0, len(candidates) * sum(len(pieces) for _, _, pieces in cuts)
    results = []
    for folder, clip, pieces in cuts:
        if not pieces:
            raise InputError(f"No piece of sequence {clip.name} has three annotated frames from an object on.")
        scores: dict[str, list[Score]] = {name: [] for name in names}
        for piece in pieces:
            for candidate in candidates:
                scores[candidate.name].append(_score(piece, candidate, cache))
                done += 1
                if progress:
                    progress(done, total)
        results.append(ClipResult(folder, clip.name, weight(len(clip.annotated)), scores))
    return Selection(names, tuple(results), every)


def _score(piece: Sequence, candidate: Candidate, cache: PieceCache | None) -> Score:
    if cache is None or candidate.key is None:
        return evaluate([piece], candidate.new_tracker).overall
    content = fingerprint([*piece.frames, *(path for path in piece.annotations if path)])
    key = f"{candidate.key} {piece.name} {content}"
    known = cache.get(key)
    if known is None:
        known = evaluate([piece], candidate.new_tracker).overall
        cache.put(key, known)
    return known
