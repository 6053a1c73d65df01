"""The main job on the embedded sample, with a score: what ``mobilevos demo`` runs."""

from collections.abc import Callable
from pathlib import Path

from mobilevos import sample
from mobilevos.evaluation.scores import ClipScores, Score
from mobilevos.segment import Summary, segment
from mobilevos.tracker import Tracker
from mobilevos.video.masks import load_mask


def run_demo(out: Path, progress: Callable[[int, int | None], None] | None = None) -> tuple[Summary, Score]:
    """Segment the sample into ``out``; the score is the mean of both objects against the true masks.

    Raises:
        OutputError: ``out`` cannot be written.
    """
    summary = segment(sample.clip_path(), sample.mask_path(), out, tracker=Tracker(), progress=progress)
    truth = sample.truth()
    scores = ClipScores("The sample")
    scores.give((1, 2))
    for index in range(1, len(truth) - 1):
        scores.add(scores.masks(load_mask(out / "masks" / f"{index:05d}.png"), truth[index]))
    objects = scores.conclude()
    return summary, Score(sum(s.J for s in objects) / len(objects), sum(s.F for s in objects) / len(objects))
