"""The main job on the embedded sample, with a score: what ``mobilevos demo`` runs."""

from collections.abc import Callable
from pathlib import Path

from mobilevos import sample
from mobilevos.evaluation.images import read_labels
from mobilevos.evaluation.scores import ClipScores, Score
from mobilevos.segment import Summary, segment
from mobilevos.tracker import Tracker


def run_demo(out: Path, progress: Callable[[int, int | None], None] | None = None) -> tuple[Summary, Score]:
    """Segment the sample into ``out``; the score is the mean of both objects against the true masks.

    Raises:
        OutputError: ``out`` cannot be written.
    """
    summary = segment(sample.clip_path(), sample.mask_path(), out, tracker=Tracker(), progress=progress)
    truth = sample.truth()
    scores = ClipScores(truth[0], "The sample")
    for index in range(1, len(truth) - 1):
        scores.add(scores.masks(read_labels(out / "masks" / f"{index:05d}.png"), truth[index]))
    objects = scores.conclude()
    return summary, Score(sum(s.J for s in objects) / len(objects), sum(s.F for s in objects) / len(objects))
