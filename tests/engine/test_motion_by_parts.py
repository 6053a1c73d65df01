"""The steps by which motion is found: small pictures, one shift, blocks, fractions of pixels, a camera."""

import numpy as np
import pytest
from PIL import Image

from mobilevos.engine.motion import _between, _matched, _means, _shift, _small, own_motion


def texture(seed: int, size: tuple[int, int], grain: int = 4) -> np.ndarray:
    """(H, W) float32 in 0..255, with something to hold on to in every block if its grain is fine."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (size[0] // grain + 1, size[1] // grain + 1), np.uint8)
    return np.asarray(Image.fromarray(coarse).resize(size[::-1], Image.Resampling.BICUBIC), np.float32)


def moved(
    down: int, right: int, size: tuple[int, int] = (108, 192), seed: int = 0, grain: int = 4
) -> tuple[np.ndarray, np.ndarray]:
    """What is seen before and after a picture has moved."""
    wide = texture(seed, (size[0] + 160, size[1] + 160), grain)
    cut = np.s_[80 : 80 + size[0], 80 : 80 + size[1]]
    return wide[cut], np.roll(wide, (down, right), (0, 1))[cut]


@pytest.mark.parametrize(
    ("size", "small"),
    [
        ((480, 854), (108, 192)),
        ((854, 480), (192, 108)),
        ((30, 40), (144, 192)),
        ((3, 400), (6, 192)),
        ((400, 3), (192, 6)),
    ],
)
def test_pictures_are_compared_at_one_length_and_no_narrower_than_a_step(
    size: tuple[int, int], small: tuple[int, int]
) -> None:
    frame = np.full((*size, 3), 90, np.uint8)
    found = _small(frame)
    assert (found.shape, found.dtype) == (small, np.float32)
    assert (found == 90).all()


@pytest.mark.parametrize("size", [(108, 192), (109, 193)])
@pytest.mark.parametrize("shift", [(0, 0), (5, -9), (-12, 40), (36, 0), (-36, 0), (0, 64), (0, -64), (30, -50)])
def test_the_shift_of_most_of_the_picture(shift: tuple[int, int], size: tuple[int, int]) -> None:
    """Up to a third of its sides."""
    assert _shift(*moved(*shift, size)) == shift


def test_the_shift_of_a_picture_out_of_focus() -> None:
    """Little of what is seen changes from pixel to pixel, and noise does; both count for less than what is certain."""
    for seed in range(10):
        noise = np.random.default_rng(seed).normal(0, 1, (2, 108, 192))
        one, other = moved(30, -50, seed=seed, grain=16) + noise.astype(np.float32)
        assert _shift(one, other) == (30, -50)


@pytest.mark.parametrize("shift", [(40, 0), (-40, 5), (5, 70), (0, -70)])
def test_a_shift_beyond_belief_is_none(shift: tuple[int, int]) -> None:
    assert _shift(*moved(*shift)) == (0, 0)


def test_nothing_shifts_where_nothing_is_seen() -> None:
    grey = np.full((108, 192), 90, np.float32)
    assert _shift(grey, grey) == (0, 0)


@pytest.mark.parametrize("size", [(12, 12), (24, 36), (30, 47), (29, 36)])
def test_blocks_of_twelve_pixels_lie_at_every_sixth(size: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).random(size, np.float32)
    expected = [
        [picture[top : top + 12, left : left + 12].mean() for left in range(0, size[1] - 11, 6)]
        for top in range(0, size[0] - 11, 6)
    ]
    np.testing.assert_allclose(_means(picture), expected, rtol=1e-5)


def bowls(steps: int, *lowest: tuple[float, float], depth: float = 1.0) -> np.ndarray:
    """Costs (steps, steps, 1, N) that grow with the squared distance from some step each."""
    y, x = np.mgrid[:steps, :steps].astype(np.float32)
    costs = [depth * ((y - down) ** 2 + (x - right) ** 2) for down, right in lowest]
    return np.stack(costs, -1)[:, :, None]


@pytest.mark.parametrize("depth", [1.0, 0.02, 30.0])
def test_between_whole_steps_it_is_the_bottom_of_a_parabola(depth: float) -> None:
    """Of the step that is given; however little speaks for it."""
    lowest = [(2.25, 1.75), (3.125, 1.0), (1.0, 2.75), (1.5, 3.25)]
    best = np.array([[2 * 5 + 2, 3 * 5 + 1, 1 * 5 + 3, 1 * 5 + 3]])
    found = _between(bowls(5, *lowest, depth=depth), best)
    np.testing.assert_allclose(found[0], [(0.25, -0.25), (0.125, 0), (0, -0.25), (0.5, 0.25)], atol=1e-5)


def test_no_more_than_half_a_step_lies_between() -> None:
    found = _between(bowls(5, (3.9, 0.1), (2.0, 2.0)), np.array([[2 * 5 + 2, 2 * 5 + 2]]))
    np.testing.assert_allclose(found[0], [(0.5, -0.5), (0, 0)], atol=1e-6)
    flat = np.ones((5, 5, 1, 1), np.float32)
    assert not _between(flat, np.array([[12]])).any()


def test_at_the_end_of_the_steps_nothing_lies_beyond() -> None:
    best = np.array([[0, 4 * 5 + 4]])
    found = _between(bowls(5, (0.0, 0.0), (4.0, 4.0)), best)
    np.testing.assert_allclose(np.abs(found[0]), 0.5, atol=1e-6)


@pytest.mark.parametrize("shift", [(0, 0), (5, -9)])
@pytest.mark.parametrize("own", [(0, 0), (3, 0), (0, -4), (-9, 9)])
def test_blocks_are_found_within_nine_pixels_of_the_shift(shift: tuple[int, int], own: tuple[int, int]) -> None:
    moves, trust = _matched(*moved(shift[0] + own[0], shift[1] + own[1]), shift)
    assert moves.shape == (*trust.shape, 2) == (18, 32, 2), "evenly, over all of the picture"
    middle = np.s_[3:-3, 4:-4]
    np.testing.assert_allclose(moves[middle], np.broadcast_to(np.add(shift, own), moves[middle].shape), atol=0.6)
    assert np.abs(np.median(moves[middle], (0, 1)) - np.add(shift, own)).max() < 0.05 or 9 in np.abs(own)
    assert trust[middle].min() == 1


def test_what_is_not_told_apart_is_not_trusted_and_stays() -> None:
    """Stripes say nothing of motion along them; where costs hardly differ, trust is their distance."""
    stripes = np.tile(np.float32([0, 0, 0, 200, 200, 200]), 32) * np.ones((108, 1), np.float32)
    moves, trust = _matched(stripes, stripes, (0, 0))
    np.testing.assert_allclose(moves[:, 1:-1], 0, atol=1e-5)
    assert trust.max() == 1


def test_trust_is_a_twelfth_of_what_other_steps_cost_more_than_the_best() -> None:
    """Stripes of six pixels cost a third of their contrast for each pixel that they are off."""
    stripes = 100 + np.tile(np.float32([0, 0, 0, 6, 6, 6]), 32) * np.ones((108, 1), np.float32)
    mean = np.mean([2 * abs((step + 3) % 6 - 3) for step in range(-9, 10)])
    middle = np.s_[3:-3, 4:-4]
    np.testing.assert_allclose(_matched(stripes, stripes, (0, 0))[1][middle], mean / 12, rtol=1e-3)
    brighter = _matched(stripes, stripes + 20, (0, 0))[1][middle]
    assert brighter.max() < 1e-3, "each step costs the same"


def test_what_is_faint_is_found_as_far_away() -> None:
    """Of equals the nearest, but what is equal differs by less than a fiftieth of a grey level a pixel."""
    one, other = moved(0, 8)
    moves, _ = _matched(100 + one / 200, 100 + other / 200, (0, 0))
    assert np.median(moves[3:-3, 4:-4], (0, 1)).tolist() == pytest.approx([0, 8], abs=0.1)


def test_nothing_is_found_beyond_nine_pixels_of_the_shift() -> None:
    assert np.abs(_matched(*moved(0, 10), (0, 0))[0]).max() <= 9.5


def coloured(picture: np.ndarray) -> np.ndarray:
    return np.repeat(picture.clip(0, 255).astype(np.uint8)[..., None], 3, 2)


def test_how_far_the_thing_moves() -> None:
    """In thousandths of the frame's length, of which two are as good as none."""
    before, after = texture(1, (108, 192)), texture(1, (108, 192))
    thing = texture(2, (48, 60))
    before[30:78, 60:120] = thing
    after[30:78, 65:125] = thing
    found = own_motion(coloured(before), coloured(after))
    assert (found.shape, found.dtype) == ((18, 32), np.float32)
    assert np.median(found[6:12, 12:18]) == pytest.approx(5 / 192 * 1000 / 2, rel=0.06)
    assert np.median(found) < 0.1


def test_what_is_seen_of_most_of_the_picture_is_the_camera() -> None:
    """Though two fifths of it move otherwise, all at one side, as a turning camera would have it."""
    (before, after), (thing, later) = moved(4, -9), moved(9, -1, seed=1)
    before[:, :76], after[:, :72] = thing[:, :76], later[:, :72]
    found = own_motion(coloured(before), coloured(after))
    assert np.quantile(found[3:-3, 14:-4], 0.9) < 0.3
    assert np.quantile(found[3:-3, 4:11], 0.1) > 3


@pytest.mark.parametrize("scale", [0.94, 1.06])
def test_a_camera_that_comes_nearer_does_not_count(scale: float) -> None:
    wide = Image.fromarray(coloured(texture(3, (320, 480))))
    boxes = [(240 - 210 * zoom, 160 - 140 * zoom, 240 + 210 * zoom, 160 + 140 * zoom) for zoom in (1, scale)]
    one, other = (np.asarray(wide.resize((480, 320), Image.Resampling.BICUBIC, box)) for box in boxes)
    assert np.quantile(own_motion(one, other)[2:-2, 3:-3], 0.9) < 1
