"""A second object that leaves the sight costs the first one nothing, by the real network on the sample clip."""

import numpy as np
import pytest
from leaving import square, visited

from mobilevos import Tracker, load_runtime
from mobilevos.evaluation import jaccard

FRAMES, GONE = 16, 6


@pytest.mark.parametrize("fish", [1, 2])
def test_the_first_is_followed_as_if_it_were_alone(
    sample_frames: list[np.ndarray], sample_truth: np.ndarray, fish: int
) -> None:
    clip = list(visited(sample_frames[:FRAMES], sample_truth[:FRAMES] == fish, square(270), GONE))
    runtime = load_runtime("lite0", threads=1)
    scores = []
    for ids in ((1,), (1, 2)):
        tracker = Tracker(runtime=runtime)
        tracker.start(clip[0][0], np.where(np.isin(clip[0][1], ids), clip[0][1], 0))
        found = [tracker.step(frame) for frame, _ in clip[1:]]
        scores.append([jaccard(labels == 1, truth == 1) for labels, (_, truth) in zip(found, clip[1:], strict=True)])
        assert not any((labels == 2).any() for labels in found[GONE:])
    alone, both = (100 * np.mean(each) for each in scores)
    assert both > alone - 0.5
