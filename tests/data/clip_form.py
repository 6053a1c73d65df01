"""What every clip looks like, wherever it comes from."""

import numpy as np

from mobilevos.data.types import MAX_AREA, MIN_AREA, Clip


def assert_form(clips: list[Clip], frames: int, size: int, *others: int) -> None:
    """Shapes, types, ids 1..K beside the ``others``, and objects of a usable size in frame 0."""
    for clip in clips:
        assert clip.frames.shape == (frames, size, size, 3)
        assert clip.labels.shape == (frames, size, size)
        assert clip.frames.dtype == clip.labels.dtype == np.uint8
        assert clip.frames.flags.c_contiguous
        assert clip.objects == tuple(range(1, len(clip.objects) + 1))
        assert set(np.unique(clip.labels)) <= {*others, *clip.objects}
        for label in clip.objects:
            assert MIN_AREA <= (clip.labels[0] == label).mean() <= MAX_AREA
