"""Regions: always inside the frame, at the right size, and one consistent geometry for frames and masks."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from mobilevos.engine.region import MAX_ZOOM, MIN_SIDE, SHORTEST, Region, around, whole_frame

MARGIN = 0.3
frame_sizes = st.tuples(st.integers(1, 3000), st.integers(1, 3000))
sizes = st.integers(64, 800)


def disc(height: int, width: int, x: float, y: float, radius: float) -> np.ndarray:
    """(1, height, width) float32 mask."""
    yy, xx = np.mgrid[:height, :width]
    return ((xx + 0.5 - x) ** 2 + (yy + 0.5 - y) ** 2 < radius**2).astype(np.float32)[None]


def soft_disc(height: int, width: int, x: float, y: float, radius: float, border: float) -> np.ndarray:
    """As ``disc``, with a border that falls from 1 to 0 over so many pixels."""
    yy, xx = np.mgrid[:height, :width]
    depth = radius - np.hypot(xx + 0.5 - x, yy + 0.5 - y)
    return np.clip(depth / border + 0.5, 0, 1).astype(np.float32)[None]


def inside(region: Region, frame_size: tuple[int, int]) -> np.ndarray:
    """(1, height, width) float32 mask of what a region looks at."""
    mask = np.zeros((1, *frame_size), np.float32)
    mask[:, region.top : region.bottom, region.left : region.right] = 1
    return mask


def iou(one: np.ndarray, two: np.ndarray) -> float:
    one, two = one > 0.5, two > 0.5
    return float((one & two).sum() / (one | two).sum())


def check(region: Region, frame_size: tuple[int, int], size: int) -> None:
    height, width = frame_size
    assert 0 <= region.left < region.right <= width
    assert 0 <= region.top < region.bottom <= height
    assert region.height % 16 == region.width % 16 == 0
    assert min(region.height, region.width) >= SHORTEST
    area = region.height * region.width
    assert area <= 1.35 * size * size
    box = region.box_size
    zoomed = box[0] * box[1] * MAX_ZOOM**2
    if zoomed >= size * size and min(box) * size / max(box) >= SHORTEST:
        assert area >= 0.7 * size * size
        stretch = (region.width / region.height) / (box[1] / box[0])
        assert 0.7 < stretch < 1.4


@settings(max_examples=300, deadline=None)
@given(frame_sizes, sizes)
@example((20, 30), 384)
@example((1, 1), 64)
@example((16, 8000), 384)
@example((4000, 3), 2048)
def test_whole_frame(frame_size: tuple[int, int], size: int) -> None:
    region = whole_frame(frame_size, size)
    check(region, frame_size, size)
    assert region.box_size == frame_size


@settings(max_examples=500, deadline=None)
@given(frame_sizes, sizes, *[st.floats(0, 1)] * 4)
@example((20, 30), 384, 0.0, 0.0, 0.0, 0.0)
@example((1, 1), 64, 1.0, 1.0, 1.0, 1.0)
@example((2160, 3840), 384, 1.0, 1.0, 0.9999, 0.9999)
def test_around(frame_size: tuple[int, int], size: int, x0: float, y0: float, x1: float, y1: float) -> None:
    height, width = frame_size
    left, top = min(x0, x1) * (width - 1), min(y0, y1) * (height - 1)
    right, bottom = max(x0, x1) * (width - 1) + 1, max(y0, y1) * (height - 1) + 1
    region = around((left, top, right, bottom), frame_size, size, MARGIN)
    check(region, frame_size, size)
    assert region.left <= left + 1e-6
    assert region.top <= top + 1e-6
    assert region.right >= right - 1e-6
    assert region.bottom >= bottom - 1e-6
    assert region.right - region.left >= int(MIN_SIDE * width)
    assert region.bottom - region.top >= int(MIN_SIDE * height)


@pytest.mark.parametrize("size", [(192, 336), (336, 192), (256, 256), (64, 512)])
@pytest.mark.parametrize("bounds", [(300, 200, 420, 300), (0, 0, 20, 400), (840, 470, 853, 479), (100, 0, 800, 480)])
def test_a_view_of_fixed_size_has_its_proportions_as_far_as_the_frame_reaches(
    size: tuple[int, int], bounds: tuple[float, float, float, float]
) -> None:
    frame_size = (480, 854)
    region = around(bounds, frame_size, size, MARGIN)
    assert (region.height, region.width) == size
    assert region.left <= bounds[0] <= bounds[2] <= region.right
    assert region.top <= bounds[1] <= bounds[3] <= region.bottom
    assert 0 <= region.left < region.right <= frame_size[1]
    assert 0 <= region.top < region.bottom <= frame_size[0]
    (box_height, box_width), (height, width) = region.box_size, size
    assert max(height / box_height, width / box_width) <= MAX_ZOOM
    if box_height < frame_size[0] and box_width < frame_size[1]:
        assert box_width / box_height == pytest.approx(width / height, rel=0.03)
    assert whole_frame(frame_size, size) == Region(0, 0, 854, 480, *size)


@pytest.mark.parametrize(
    ("frame_size", "size", "box"),
    [
        ((480, 854), (192, 336), (166, 290)),  # 186 x 166 with its margins: as high, and wider
        ((480, 854), (336, 192), (373, 213)),  # a quarter of the frame's width: as wide, and higher
        ((200, 300), (192, 336), (166, 290)),
        ((120, 214), (64, 160), (32, 80)),  # enlarged twice at most
    ],
)
def test_a_view_of_fixed_size_is_no_larger_than_it_has_to_be(
    frame_size: tuple[int, int], size: tuple[int, int], box: tuple[int, int]
) -> None:
    middle = frame_size[1] / 2, frame_size[0] / 2
    half = (60, 50) if box[0] > 32 else (4, 2)
    bounds = (middle[0] - half[0], middle[1] - half[1], middle[0] + half[0], middle[1] + half[1])
    assert around(bounds, frame_size, size, MARGIN).box_size == pytest.approx(box, abs=2)


def test_small_objects_are_magnified() -> None:
    far = whole_frame((1080, 1920), 384)
    near = around((900, 500, 1000, 600), (1080, 1920), 384, MARGIN)
    assert near.width / near.box_size[1] > 3 * far.width / far.box_size[1]
    least = around((900, 500, 1000, 600), (1080, 1920), 384, MARGIN, (900.0, 700.0))
    assert least.box_size == pytest.approx((900, 700), abs=2)
    tiny = around((200, 100, 210, 110), (270, 480), 384, MARGIN)
    assert tiny.width / tiny.box_size[1] <= MAX_ZOOM * 1.1


@pytest.mark.parametrize(
    ("bounds", "seen"),
    [
        ((0, 0, 720, 720), 432),  # the frame has far more pixels
        ((200, 200, 500, 500), 432),  # 480 with its margins
        ((200, 200, 440, 440), 384),  # all of the source's own pixels, and none twice
        ((200, 200, 390, 390), 336),  # 304: enlarged, but only so far
        ((200, 200, 270, 270), 336),
    ],
)
def test_the_sources_own_pixels_are_seen_further_than_enlarged_ones(
    bounds: tuple[int, int, int, int], seen: int
) -> None:
    region = around(bounds, (720, 720), 432, MARGIN, enlarged=336)
    assert (region.height, region.width) == (seen, seen)
    if seen == 336:
        assert region == around(bounds, (720, 720), 336, MARGIN)
    assert whole_frame((1080, 1920), 432, 336) == whole_frame((1080, 1920), 432)
    assert whole_frame((300, 300), 432, 336) == whole_frame((300, 300), 336)


@pytest.mark.parametrize(("zoom", "box", "seen"), [(1.0, (120, 160), (128, 160)), (5.0, (48, 64), (240, 320))])
def test_what_does_not_move_may_be_seen_closer(zoom: float, box: tuple[int, int], seen: tuple[int, int]) -> None:
    """A quarter of the frame's sides otherwise, enlarged as told."""
    region = around((320, 240, 321, 241), (480, 640), 400, MARGIN, zoom=zoom)
    assert region.box_size == pytest.approx(box, abs=1)
    assert (region.height, region.width) == pytest.approx(seen, abs=8)


def test_area_and_zoom() -> None:
    """Of what is stretched, the mean zoom counts; further than twice it does not."""
    assert Region(10, 20, 110, 70, 64, 128).area == 5000
    assert Region(10, 20, 110, 70, 64, 128).zoom == pytest.approx((64 * 128 / 5000) ** 0.5)
    assert Region(10, 20, 110, 70, 160, 304).zoom == MAX_ZOOM


def test_cells_of_pixels() -> None:
    """16 rows and 32 columns of them in 50 by 100 pixels; what lies outside is in the nearest."""
    region = Region(10, 20, 110, 70, 64, 128)
    for x, y, cell in (
        (10, 20, (0, 0)),
        (13.2, 23.2, (1, 1)),
        (60, 45, (8, 16)),
        (109.9, 69.9, (15, 31)),
        (-30, 300, (15, 0)),
        (300, -30, (0, 31)),
    ):
        assert region.cell(x, y) == cell


def test_view_is_crop_and_resize() -> None:
    """Judged by where a ramp of known values comes to lie."""
    frame = np.zeros((120, 200, 3), np.uint8)
    frame[..., 0], frame[..., 1] = np.arange(200)[None], np.arange(120)[:, None]
    region = Region(40, 20, 120, 68, 96, 160)
    view = region.view(frame)
    assert view.shape == (96, 160, 3)
    assert view.dtype == np.uint8
    x = region.left + (np.arange(160) + 0.5) * 80 / 160 - 0.5
    y = region.top + (np.arange(96) + 0.5) * 48 / 96 - 0.5
    np.testing.assert_allclose(view[5, 2:-2, 0], x[2:-2], atol=1)
    np.testing.assert_allclose(view[2:-2, 5, 1], y[2:-2], atol=1)


def test_view_at_the_same_size_is_a_plain_crop() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (100, 150, 3), dtype=np.uint8)
    view = Region(10, 5, 106, 69, 64, 96).view(frame)
    np.testing.assert_array_equal(view, frame[5:69, 10:106])
    assert view.flags.c_contiguous


def test_frames_and_masks_are_seen_alike() -> None:
    """A shift by one pixel of the view, a quarter of a mask's cell, would make a difference of 0.05."""
    mask = soft_disc(270, 480, 200, 130, 50, border=10)
    region = around((150, 80, 250, 180), (270, 480), 384, MARGIN)
    picture = np.repeat((mask[0] * 255).round().astype(np.uint8)[..., None], 3, 2)
    height, width = region.grid
    cells = region.view(picture)[..., 0].reshape(height, 4, width, 4).mean((1, 3)) / 255
    np.testing.assert_allclose(region.view_masks(mask)[0], cells, atol=0.02)


@pytest.mark.parametrize("width", [1, 2, 5])
@pytest.mark.parametrize("offset", range(8))
def test_objects_smaller_than_a_cell_are_seen(width: int, offset: int) -> None:
    """However they lie to the grid, and without taking more than there is from the object around them."""
    masks = np.zeros((3, 270, 480), np.float32)
    masks[0, 100 + offset, 50 + offset : 50 + offset + width] = 1
    masks[1, 100:200, 200:300] = 1
    masks[2, 150 + offset, 250 + offset] = 1
    masks[1] -= masks[2]
    region = whole_frame((270, 480), 256)
    seen = region.view_masks(masks)
    assert seen.shape == (3, *region.grid)
    assert seen[0].max() == pytest.approx(1, abs=1e-6)
    assert seen[2].max() > 0.5
    assert 1 <= (seen[0] > 0.5).sum() <= 6
    assert 1 <= (seen[2] > 0.5).sum() <= 4
    assert seen.sum(0).max() <= 1 + 1e-6
    left, top, right, bottom = region.bounds_in_source(seen[0]) or (0, 0, 0, 0)
    cell = 480 / region.grid[1]
    assert left - cell < 50 + offset < right + cell
    assert top - cell < 100 + offset < bottom + cell


def test_masks_of_larger_objects_are_their_shares_of_the_cells() -> None:
    masks = np.concatenate([disc(256, 256, 100, 120, 40), disc(256, 256, 190, 120, 30)])
    region = whole_frame((256, 256), 256)
    seen, shares = region.view_masks(masks), masks.reshape(2, 64, 4, 64, 4).mean((2, 4))
    np.testing.assert_array_equal(seen == 0, region.view_masks(0.5 * masks) == 0)
    np.testing.assert_allclose(region.view_masks(0.5 * masks), 0.5 * seen, atol=1e-6)
    np.testing.assert_allclose(seen.sum((1, 2)), shares.sum((1, 2)), rtol=1e-3)
    assert np.abs(seen - shares).max() < 0.3  # a cell's neighbours count a little, too


@pytest.mark.parametrize("frame_size", [(270, 480), (480, 270), (20, 30), (40, 900), (901, 33), (1081, 1917)])
def test_round_trip(frame_size: tuple[int, int]) -> None:
    height, width = frame_size
    mask = disc(height, width, 0.4 * width, 0.5 * height, 0.3 * min(frame_size))
    for region in (
        whole_frame(frame_size, 384),
        around((0.3 * width, 0.3 * height, 0.5 * width, 0.7 * height), frame_size, 384, MARGIN),
    ):
        back = np.zeros_like(mask)
        seen = region.view_masks(mask)
        assert seen.shape == (1, *region.grid) == (1, region.height // 4, region.width // 4)
        assert seen.dtype == np.float32
        back[:, region.top : region.bottom, region.left : region.right] = region.paint(seen, [1])
        assert iou(back, mask * inside(region, frame_size)) > 0.9


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5), st.integers(0, 2**31))
def test_painting_in_boxes_equals_painting_everywhere(objects: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    region = Region(3, 5, 3 + int(rng.integers(90, 300)), 5 + int(rng.integers(90, 300)), 96, 128)
    yy, xx = np.mgrid[:24, :32]
    centres, radii = rng.uniform(-2, 34, (2, objects, 1, 1)), rng.uniform(0.5, 12, (objects, 1, 1))
    nearness = 1 / (1 + np.exp(np.hypot(xx - centres[0], yy - centres[1]) - radii))
    masks = (nearness / np.maximum(1, nearness.sum(0))).astype(np.float32)
    background = np.maximum(1 - masks.sum(0), 1e-4)
    odds = [np.log(np.maximum(mask, 1e-4)) - np.log(background) for mask in masks]
    size = region.box_size[::-1]
    large = np.stack(
        [np.zeros(region.box_size)] + [Image.fromarray(o).resize(size, Image.Resampling.BILINEAR) for o in odds]
    )
    painted = region.paint(masks, range(7, 7 + objects))
    assert (painted != np.array([0, *range(7, 7 + objects)])[large.argmax(0)]).mean() < 1e-3


@settings(max_examples=40, deadline=None)
@given(*[st.floats(0.3, 0.7)] * 2, *[st.floats(-0.1, 0.1)] * 2)
def test_transfer_equals_looking_directly(x: float, y: float, move_x: float, move_y: float) -> None:
    frame_size, other_x, other_y = (270, 480), x + move_x, y + move_y
    blurred = Image.fromarray((255 * disc(270, 480, x * 480, y * 270, 50)[0]).astype(np.uint8)).resize((60, 34))
    mask = np.asarray(blurred.resize((480, 270), Image.Resampling.BICUBIC), np.float32)[None] / 255
    one = around((x * 480 - 50, y * 270 - 50, x * 480 + 50, y * 270 + 50), frame_size, 256, MARGIN)
    other = other_x * 480 - 30, other_y * 270 - 40, other_x * 480 + 60, other_y * 270 + 40
    two = around(other, frame_size, 256, MARGIN)
    moved, direct = one.transfer(one.view_masks(mask), two), two.view_masks(mask)
    assert moved.shape == direct.shape == (1, *two.grid)
    assert moved.dtype == np.float32
    seen_by_one = two.view_masks(inside(one, frame_size)) == 1
    assert seen_by_one.mean() > 0.3
    np.testing.assert_allclose(moved[seen_by_one], direct[seen_by_one], atol=0.12)
    assert np.abs(moved[seen_by_one] - direct[seen_by_one]).mean() < 0.01


def test_transfer_to_the_same_region_is_the_identity() -> None:
    region = whole_frame((270, 480), 256)
    mask = region.view_masks(disc(270, 480, 100, 100, 40))
    assert region.transfer(mask, Region(*vars(region).values())) is mask


def test_transfer_leaves_zero_where_nothing_was_seen() -> None:
    left, right = Region(0, 0, 100, 100, 64, 64), Region(200, 0, 300, 100, 64, 64)
    everywhere = np.ones((2, *left.grid), np.float32)
    assert not left.transfer(everywhere, right).any()
    half = left.transfer(everywhere, Region(50, 0, 150, 100, 64, 64))
    assert half.shape == (2, 16, 16)
    assert (half[:, :, :8] == 1).all()
    assert (half[:, :, 8:] == 0).all()


def test_regions_that_resemble_each_other() -> None:
    region = Region(100, 50, 300, 150, 64, 128)
    for near in (region, Region(100, 50, 300, 150, 80, 144), Region(80, 60, 320, 140, 64, 128)):
        assert region.resembles(near)
    for far in ((79, 50, 300, 150), (100, 61, 300, 150), (100, 50, 279, 150), (100, 50, 300, 161)):
        assert not region.resembles(Region(*far, 64, 128))


def test_bounds() -> None:
    region = Region(100, 50, 300, 150, 64, 128)
    mask = np.zeros((64, 128), np.float32)
    assert region.bounds_in_source(mask) is None
    mask[16:32, 32:96] = 0.5
    assert region.bounds_in_source(mask) is None
    mask[16:32, 32:96] = 0.6
    assert region.bounds_in_source(mask) == (150.0, 75.0, 250.0, 100.0)
    mask[:] = 1
    assert region.bounds_in_source(mask) == (100.0, 50.0, 300.0, 150.0)
    coarse = np.zeros(region.grid, np.float32)
    coarse[4:8, 8:24] = 0.6
    assert region.bounds_in_source(coarse) == (150.0, 75.0, 250.0, 100.0)


def test_bounds_of_one_pixel() -> None:
    mask = np.zeros((64, 128), np.float32)
    mask[63, 127] = 1
    assert Region(0, 0, 128, 64, 64, 128).bounds_in_source(mask) == (127.0, 63.0, 128.0, 64.0)


def test_specks_do_not_open_the_view_of_what_is_at_the_end() -> None:
    for end, speck, bounds in ((19, 3, (19, 0, 20, 400)), (0, 16, (0, 0, 1, 400))):
        mask = np.zeros((400, 20), np.float32)
        mask[:, end] = mask[7, speck] = 1
        left, top, right, bottom = Region(0, 0, 20, 400, 400, 64).bounds_in_source(mask) or bounds
        assert (left, right) == (bounds[0], bounds[2])
        assert (top, bottom) == pytest.approx((0, 400), abs=3)


def test_specks_do_not_open_the_view() -> None:
    region = Region(0, 0, 128, 64, 64, 128)
    mask = np.zeros((64, 128), np.float32)
    mask[10:50, 20:60] = 1
    alone = region.bounds_in_source(mask)
    assert alone == (20.0, 10.0, 60.0, 50.0)
    mask[60, 120:125] = 1
    mask[0, 0] = 1
    assert region.bounds_in_source(mask) == alone
    mask[30:60, 100:120] = 1  # as large as a second part of the object
    left, top, right, bottom = region.bounds_in_source(mask) or (0, 0, 0, 0)
    assert (left, top) == (20, 10)
    assert (right, bottom) == (120, 60)
