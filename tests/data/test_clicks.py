"""Simulated users."""

import numpy as np
import pytest

pytest.importorskip("cv2")

from mobilevos.data.clicks import depth, drawn_box, next_click


def square(top: int, left: int, side: int) -> np.ndarray:
    mask = np.zeros((40, 60), bool)
    mask[top : top + side, left : left + side] = True
    return mask


def test_the_first_click_is_in_the_middle() -> None:
    x, y, positive = next_click(np.zeros((40, 60), bool), square(10, 20, 11))
    assert (x, y, positive) == (25.5, 15.5, True)


def test_the_next_click_is_on_the_larger_mistake() -> None:
    truth = square(10, 20, 11)
    *_, positive = next_click(truth | square(0, 45, 13), truth)
    assert not positive
    x, y, positive = next_click(truth & ~square(10, 20, 5) | square(0, 57, 2), truth)
    assert positive
    assert square(10, 20, 5)[int(y), int(x)]


def test_the_border_of_the_image_is_a_border() -> None:
    assert depth(np.ones((5, 5), bool)).max() == pytest.approx(3, abs=0.1)


def test_a_careless_click_is_still_on_the_object() -> None:
    truth = square(10, 20, 11)
    clicks = {next_click(np.zeros_like(truth), truth, rng=np.random.default_rng(seed)) for seed in range(30)}
    assert len(clicks) > 10
    assert all(truth[int(y), int(x)] and positive for x, y, positive in clicks)


def test_what_is_unknown_is_no_mistake() -> None:
    truth, known = square(10, 20, 11), ~square(10, 20, 11)
    known[20, 30] = True
    x, y, _ = next_click(np.zeros_like(truth), truth, known)
    assert (int(x), int(y)) == (30, 20)


def test_without_a_mistake_the_click_confirms() -> None:
    truth = square(10, 20, 11)
    x, y, positive = next_click(truth, truth)
    assert (x, y, positive) == (25.5, 15.5, True)


def test_boxes_hold_most_of_the_object_and_stay_in_the_image() -> None:
    truth = square(0, 20, 21)
    for seed in range(50):
        left, top, right, bottom = drawn_box(truth, np.random.default_rng(seed))
        assert 0 <= left < 28 < 34 < right <= 60
        assert 0 <= top < 8 < 14 < bottom <= 40
