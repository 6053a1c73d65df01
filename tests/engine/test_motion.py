"""What moves by itself, whatever the camera does."""

import numpy as np
import pytest
from PIL import Image

from mobilevos.engine.motion import own_motion

SIZE = 180, 320
THING = np.s_[60:120, 120:200]


def texture(seed: int, size: tuple[int, int]) -> np.ndarray:
    """Something to hold on to, at several scales."""
    rng = np.random.default_rng(seed)
    layers = [
        np.asarray(Image.fromarray(rng.integers(0, 256, (size[0] // k, size[1] // k, 3), np.uint8)).resize(size[::-1]))
        for k in (6, 20)
    ]
    return np.mean(layers, 0).astype(np.uint8)


def scene(camera: tuple[int, int], own: tuple[int, int]) -> np.ndarray:
    """A thing that has moved by itself, seen by a camera that has moved (down, right), px."""
    wide = texture(1, (SIZE[0] + 120, SIZE[1] + 120))
    top, left = 60 + THING[0].start + own[0], 60 + THING[1].start + own[1]
    thing = texture(2, (60, 80))
    wide[top : top + 60, left : left + 80] = thing
    return wide[60 + camera[0] : 60 + camera[0] + SIZE[0], 60 + camera[1] : 60 + camera[1] + SIZE[1]]


def at(plane: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(plane).resize(SIZE[::-1], Image.Resampling.BILINEAR))


@pytest.mark.parametrize("camera", [(0, 0), (4, -9), (-12, 40)])
def test_the_thing_moves_and_the_camera_does_not_count(camera: tuple[int, int]) -> None:
    moves = at(own_motion(scene((0, 0), (0, 0)), scene(camera, (5, 9))))
    assert moves[70:110, 130:190].min() > 1
    rest = moves.copy()
    rest[40:140, 100:220] = 0
    assert np.median(rest) < 0.3
    assert np.quantile(rest[60:-60, 60:-60], 0.95) < 0.5


@pytest.mark.parametrize("size", [(240, 320), (1, 1), (3, 400)])
def test_nothing_moves_in_a_picture_without_texture_or_of_any_size(size: tuple[int, int]) -> None:
    grey = np.full((*size, 3), 90, np.uint8)
    assert not own_motion(grey, grey).any()


def test_what_stands_still_does_not_move() -> None:
    assert own_motion(scene((0, 0), (0, 0)), scene((0, 0), (0, 0))).max() < 0.3
