"""Two that look the same in every pixel pass each other; afterwards each has its own name again."""

import numpy as np
import pytest

from mobilevos import Tracker
from mobilevos.engine.modes import LIVE
from mobilevos.evaluation import jaccard

SIZE, SIDE, PACE, FRAMES = (480, 640), 68, 10, 46


def frame_of(t: int, named: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Frame and label map: two red discs on a ground of soft spots; one comes from the left, one from the right."""
    yy, xx = np.mgrid[: SIZE[0], : SIZE[1]]
    spots = 40 * np.sin(xx / 41) * np.cos(yy / 29)
    frame = np.stack([120 + spots, 110 - spots, 100 + 0.5 * spots], -1).astype(np.uint8)
    labels = np.zeros(SIZE, np.uint8)
    for i, (x, y) in enumerate([(74 + PACE * t, 234), (564 - PACE * t, 250)], 1):
        inside = np.hypot(yy - y, xx - x) < SIDE / 2
        frame[inside] = (200, 60, 40)
        labels[inside] = i if i in named else 0
    return frame, labels


@pytest.mark.parametrize("named", [(1, 2), (1,)])
@pytest.mark.parametrize("mode", LIVE)
def test_twins_that_pass_each_other_keep_their_names(mode: str, named: tuple[int, ...]) -> None:
    tracker = Tracker(mode=mode, threads=1)
    tracker.start(*frame_of(0, named))
    for t in range(1, FRAMES):
        frame, truth = frame_of(t, named)
        labels = tracker.step(frame)
        if t < 18 or t >= FRAMES - 3:  # they meet in between
            for i in named:
                assert jaccard(labels == i, truth == i) > 0.85, (t, i)
