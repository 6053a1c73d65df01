"""Holes at the frame's border."""

import numpy as np
from moving_camera import HEIGHT, clip

from mobilevos.effects import Inpaint


def test_nothing_black_comes_in_from_beyond_the_border() -> None:
    frames, truth, masks = clip(16, pan=6)
    shown = [np.roll(mask, HEIGHT // 2 - 20, axis=0) for mask in masks]  # the disc hangs over the lower border
    effect = Inpaint(8)
    results = [effect(frame, mask) for frame, mask in zip(truth, shown, strict=True)]
    complete = [*(frame for frame in results if frame is not None), *effect.rest()]
    assert len(frames) == len(complete)
    for result, background, mask in zip(complete, truth, shown, strict=True):
        error = background.astype(int) - result
        assert np.percentile(error[mask > 0.5].mean(1), 99) < 70
        assert not ((result.max(2) < 12) & (background.max(2) > 60)).any()
