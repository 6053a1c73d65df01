"""What is tinted, what is lined, what is left alone; and how long it takes."""

import time

import numpy as np
import pytest

from mobilevos.video.overlay import overlay
from mobilevos.video.palette import PALETTE


def scene(height: int = 60, width: int = 80) -> tuple[np.ndarray, np.ndarray]:
    frame = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    labels = np.zeros((height, width), np.uint8)
    labels[10:40, 10:30] = 1
    labels[10:40, 30:70] = 2
    return frame, labels


def test_inside_is_blended_and_outside_is_untouched() -> None:
    frame, labels = scene()
    kept = frame.copy(), labels.copy()
    result = overlay(frame, labels, alpha=0.25)
    assert result.shape == frame.shape
    assert result.dtype == np.uint8
    np.testing.assert_array_equal(result[labels == 0], frame[labels == 0])
    for object_id, box in ((1, np.s_[11:39, 11:29]), (2, np.s_[11:39, 31:69])):
        expected = 0.75 * frame[box] + 0.25 * PALETTE[object_id]
        assert np.abs(result[box] - expected).max() <= 1.5
    np.testing.assert_array_equal(frame, kept[0])
    np.testing.assert_array_equal(labels, kept[1])


def test_contour_is_one_pixel_inside_each_object() -> None:
    frame, labels = scene()
    result = overlay(frame, labels)
    assert (result[10, 10:30] == (255, 0, 0)).all()
    assert (result[10:40, 29] == (255, 0, 0)).all()
    assert (result[10:40, 30] == (0, 255, 0)).all()
    assert not (result[11:39, 11:29] == (255, 0, 0)).all(axis=2).any()


def test_no_object_changes_nothing() -> None:
    frame, labels = scene()
    result = overlay(frame, np.zeros_like(labels))
    np.testing.assert_array_equal(result, frame)
    assert not np.shares_memory(result, frame)


BOXES = {
    "inside": [np.s_[10:40, 10:30]],
    "one pixel": [np.s_[7:8, 9:10]],
    "corners": [np.s_[:1, :1], np.s_[-3:, -4:]],
    "each side": [np.s_[20:30, :5], np.s_[:5, 40:50], np.s_[20:30, -5:], np.s_[-5:, 40:50]],
    "everything": [np.s_[:, :]],
    "three that touch": [np.s_[5:20, 5:20], np.s_[5:20, 20:35], np.s_[15:30, 10:25]],
}


@pytest.mark.parametrize("boxes", BOXES.values(), ids=BOXES)
def test_every_pixel(boxes: list[tuple[slice, slice]]) -> None:
    frame, labels = scene()
    labels[:] = 0
    for object_id, box in enumerate(boxes, 3):
        labels[box] = object_id
    around = np.pad(labels, 1, mode="edge")  # the frame's edge is no border
    neighbours = around[:-2, 1:-1], around[2:, 1:-1], around[1:-1, :-2], around[1:-1, 2:]
    border = np.any([labels != other for other in neighbours], axis=0)[..., None]
    colour = PALETTE[labels].astype(float)
    expected = np.where(border, np.minimum(colour * 2, 255), frame / 2 + colour / 2)
    expected[labels == 0] = frame[labels == 0]
    assert np.abs(overlay(frame, labels) - expected).max() <= 1.5


def test_480p_is_fast() -> None:
    frame, _ = scene(480, 854)
    labels = np.zeros((480, 854), np.uint8)
    labels[100:400, 200:700] = 3
    times = []
    for _ in range(15):
        start = time.process_time()
        overlay(frame, labels)
        times.append(time.process_time() - start)
    assert min(times) < 0.012  # the fastest: other work on the machine only adds
