"""Masks compared and tidied."""

import numpy as np
import pytest

from mobilevos.data.pseudo.agreement import iou, overlap, tidy


def box(top: int, left: int, bottom: int, right: int) -> np.ndarray:
    mask = np.zeros((60, 80), bool)
    mask[top:bottom, left:right] = True
    return mask


def test_masks_are_compared() -> None:
    assert iou(box(0, 0, 10, 10), box(0, 5, 10, 15)) == pytest.approx(1 / 3)
    assert overlap(box(0, 0, 10, 10), box(0, 0, 40, 40)) == 1
    assert iou(box(0, 0, 0, 0), box(0, 0, 0, 0)) == overlap(box(0, 0, 0, 0), box(1, 1, 5, 5)) == 0


def test_specks_and_pinholes_go_and_parts_and_holes_stay() -> None:
    ring = box(5, 5, 45, 45) & ~box(15, 15, 30, 30)
    parts = ring | box(50, 50, 58, 75)
    spoilt = (parts | box(0, 70, 3, 73)) & ~box(8, 8, 10, 10)
    assert np.array_equal(tidy(spoilt), parts)


def test_an_empty_mask_and_a_full_one_stay() -> None:
    assert not tidy(np.zeros((9, 9), bool)).any()
    assert tidy(np.ones((9, 9), bool)).all()
