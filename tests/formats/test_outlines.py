"""Polygons along the edges of pixels: exact by our own reader and by pycocotools."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageDraw
from pycocotools import mask as coco

from mobilevos.formats.outlines import area, border_pixels, fill, outlines

masks = st.tuples(st.integers(1, 12), st.integers(1, 12)).flatmap(lambda size: arrays(bool, size))


@settings(deadline=None)
@given(masks)
def test_our_reader_gives_every_mask_back(mask: np.ndarray) -> None:
    rings = outlines(mask)
    np.testing.assert_array_equal(fill(rings, mask.shape), mask)
    assert sum(map(area, rings)) == mask.sum()


@settings(deadline=None)
@given(masks)
def test_pycocotools_gives_every_ring_back(mask: np.ndarray) -> None:
    height, width = mask.shape
    total = np.zeros(mask.shape, np.int64)
    for ring in outlines(mask):
        drawn = coco.decode(coco.frPyObjects([ring.ravel().tolist()], height, width))[..., 0]
        total += drawn if area(ring) > 0 else -drawn.astype(np.int64)
    np.testing.assert_array_equal(total, mask)


@settings(deadline=None)
@given(masks)
def test_border_pixels_are_drawn_exactly_but_for_holes(mask: np.ndarray) -> None:
    """By Pillow and OpenCV, which fill the pixels that a polygon touches."""
    drawn, filled = Image.new("1", mask.shape[::-1]), np.zeros(mask.shape, np.uint8)
    rings = [ring for ring in outlines(mask) if area(ring) > 0]
    for ring in rings:
        ImageDraw.Draw(drawn).polygon([*map(tuple, border_pixels(ring).tolist())], fill=1, outline=1)
        cv2.fillPoly(filled, [border_pixels(ring).astype(np.int32)], 1)
    without_holes = fill([], mask.shape)
    for ring in rings:
        without_holes |= fill([ring], mask.shape)
    np.testing.assert_array_equal(np.asarray(drawn), without_holes)
    np.testing.assert_array_equal(filled, without_holes)


def test_turns_and_corners() -> None:
    mask = np.zeros((6, 7), bool)
    mask[1:5, 1:6] = True
    mask[2:4, 2:4] = False
    assert [area(ring) for ring in outlines(mask)] == [20, -4]
    assert sorted(map(len, outlines(np.eye(2, dtype=bool)))) == [4, 4]
    assert sorted(map(len, outlines(np.eye(2, dtype=bool)[::-1]))) == [4, 4]


@pytest.mark.parametrize("polygon", [[], [[3, 3]], [[1, 1], [5, 5]]])
def test_what_is_no_area_fills_nothing(polygon: list[list[float]]) -> None:
    assert not fill([np.array(polygon)], (8, 8)).any()


def test_polygons_of_others() -> None:
    """Fractions, beyond the border, and crossing themselves: nearly as pycocotools draws them."""
    random = np.random.default_rng(5)
    for _ in range(100):
        ring = random.uniform(-20, 140, (random.integers(3, 12), 2))
        theirs = coco.decode(coco.frPyObjects([ring.ravel().tolist()], 120, 110))[..., 0].astype(bool)
        ours = fill([ring], (120, 110))
        if theirs.sum() > 500:
            assert (ours & theirs).sum() / (ours | theirs).sum() > 0.9
