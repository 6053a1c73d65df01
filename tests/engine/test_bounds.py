"""Bounding boxes."""

import numpy as np
import pytest

from mobilevos.engine.bounds import bounding_box, bounds_of


@pytest.mark.parametrize("rows", [(0, 1), (2, 7), (9, 10), (0, 10)])
@pytest.mark.parametrize("columns", [(0, 1), (3, 14), (14, 15), (0, 15)])
def test_bounding_box(rows: tuple[int, int], columns: tuple[int, int]) -> None:
    mask = np.zeros((10, 15), np.uint8)
    mask[rows[0], columns[0]] = mask[rows[1] - 1, columns[1] - 1] = 7
    assert bounding_box(mask) == bounding_box(mask > 0) == (slice(*rows), slice(*columns))
    assert bounds_of(mask) == (columns[0], rows[0], columns[1], rows[1])


def test_bounding_box_of_nothing_is_empty() -> None:
    empty = np.zeros((10, 15), bool)
    assert bounding_box(empty) == (slice(0, 0), slice(0, 0))
    assert bounds_of(empty) is None
