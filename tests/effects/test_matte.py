"""Mattes and what is composed with them."""

import numpy as np
import pytest
from moving_camera import clip
from PIL import Image

from mobilevos.effects import Blur, Cutout, Replace, matte
from mobilevos.effects.replace import colour, pictures
from mobilevos.errors import InputError
from mobilevos.sample import clip_path, mask_path
from mobilevos.video.masks import load_mask
from mobilevos.video.reader import open_frames

HEIGHT, WIDTH = 240, 320


def disc(x: float = 160) -> np.ndarray:
    """(H, W) true opacity of a disc of radius 60."""
    yy, xx = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    return np.clip(60.5 - np.hypot(xx - x, yy - 120), 0, 1).astype(np.float32)


def scene(x: float = 160, noise: float = 4) -> np.ndarray:
    """A red disc on green."""
    front, back = np.array((200, 60, 40)), np.array((40, 140, 60))
    frame = back + disc(x)[..., None] * (front - back)
    return np.clip(frame + np.random.default_rng(0).normal(0, noise, frame.shape), 0, 255).astype(np.uint8)


def coarse(alpha: np.ndarray) -> np.ndarray:
    """What a network answers at stride 4, enlarged."""
    small = Image.fromarray(alpha).reduce(8)
    return np.asarray(small.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR))


def test_the_matte_follows_the_edge() -> None:
    soft = coarse(disc())
    alpha = matte(scene(), soft)
    assert alpha.dtype == np.float32
    assert alpha.shape == soft.shape
    assert 0 <= alpha.min() <= alpha.max() <= 1
    assert np.abs(alpha - disc()).sum() < 0.5 * np.abs(soft - disc()).sum()


def test_only_a_band_along_the_border_is_in_doubt() -> None:
    soft = np.clip(coarse(disc()), 0.2, 0.7)  # a network that hesitates everywhere
    alpha = matte(scene(noise=40), soft)
    yy, xx = np.mgrid[:HEIGHT, :WIDTH]
    away = np.abs(np.hypot(xx - 160, yy - 120) - 60)
    np.testing.assert_array_equal(alpha[away > 10], (disc() > 0.5)[away > 10])


def test_still_pictures_do_not_flicker() -> None:
    rng = np.random.default_rng(1)
    frames = [np.clip(scene() + rng.normal(0, 2, (HEIGHT, WIDTH, 3)), 0, 255).astype(np.uint8) for _ in range(4)]
    alphas = np.stack([matte(frame, coarse(disc())) for frame in frames])
    assert alphas.std(0)[(disc() > 0) & (disc() < 1)].mean() < 0.03


@pytest.mark.parametrize("soft", [np.zeros((HEIGHT, WIDTH), np.float32), np.ones((HEIGHT, WIDTH), np.float32)])
def test_nothing_and_everything(soft: np.ndarray) -> None:
    np.testing.assert_array_equal(matte(scene(), soft), soft)
    np.testing.assert_array_equal(Blur()(scene(), soft)[soft > 0], scene()[soft > 0])


@pytest.mark.parametrize("size", [(1, 1), (5, 9), (31, 17)])
def test_small_frames(size: tuple[int, int]) -> None:
    frame = np.random.default_rng(0).integers(0, 255, (*size, 3), np.uint8)
    soft = np.zeros(size, np.float32)
    soft[: size[0] // 2 + 1, : size[1] // 2 + 1] = 1
    assert matte(frame, soft).shape == size
    assert Cutout()(frame, soft).shape == (*size, 4)
    assert Blur()(frame, soft).shape == (*size, 3)


def test_a_cutout_has_no_old_background_in_it() -> None:
    rgba = Cutout()(scene(noise=0), coarse(disc()))
    assert rgba.shape == (HEIGHT, WIDTH, 4)
    visible = rgba[..., 3] > 20
    assert visible.any()
    reddish = rgba[visible][:, 0].astype(int) - rgba[visible][:, 1]
    assert np.percentile(reddish, 1) > 60, "the green ground shines through"
    assert not rgba[rgba[..., 3] == 0].any()


def test_blur_keeps_the_object_and_has_no_halo() -> None:
    frame = scene(noise=0)
    result = Blur(4)(frame, coarse(disc()))
    inside = disc() > 0.99
    assert np.abs(result[inside].astype(int) - frame[inside]).mean() < 2
    yy, xx = np.mgrid[:HEIGHT, :WIDTH]
    around = (np.hypot(xx - 160, yy - 120) > 66) & (np.hypot(xx - 160, yy - 120) < 90)
    assert np.abs(result[around].astype(int) - (40, 140, 60)).max() < 12


def test_blur_blurs() -> None:
    frames, _, masks = clip(1)
    result = Blur(10)(frames[0], masks[0])
    outside = masks[0][2:-2, 2:-2] == 0
    contrast = [np.abs(np.diff(each.astype(int), axis=1))[2:-2, 2:-1].mean() for each in (frames[0], result)]
    assert outside.any()
    assert contrast[1] < 0.5 * contrast[0]


@pytest.mark.parametrize("strength", [0, -1, 21])
def test_a_senseless_strength_is_refused(strength: float) -> None:
    with pytest.raises(InputError, match="percent"):
        Blur(strength)


def test_another_background() -> None:
    backgrounds = [np.full((30, 90, 3), value, np.uint8) for value in (10, 200)]
    effect = Replace(iter(backgrounds))
    results = [effect(scene(), coarse(disc())) for _ in range(3)]
    assert [int(result[5, 5, 0]) for result in results] == [10, 200, 200]
    np.testing.assert_allclose(results[2][120, 160], scene()[120, 160], atol=1)


def test_backgrounds_from_files_begin_again() -> None:
    count = sum(1 for _ in open_frames(clip_path()))
    first, *_, again = (frame for frame, _ in zip(pictures(clip_path()), range(count + 1), strict=False))
    np.testing.assert_array_equal(first, again)
    one, two = (frame for frame, _ in zip(pictures(mask_path()), range(2), strict=False))
    assert one is two
    assert one.shape == (*load_mask(mask_path()).shape, 3)


def test_colours_have_names() -> None:
    assert next(colour("lime")).ravel().tolist() == [0, 255, 0]
    assert next(colour("#0a141e")).ravel().tolist() == [10, 20, 30]
    with pytest.raises(InputError, match="no colour 'grun'"):
        colour("grun")
