"""Painting a scene layer by layer."""

import numpy as np

from mobilevos.data.geometry import BEND_NODES, pose
from mobilevos.data.layers import Backdrop, Canvas, Motion, Sprite, cut_out
from mobilevos.data.stills import Still

SIZE = 64


def moving(*positions: tuple[float, float], anchor: tuple[float, float], shutter: float = 0) -> Motion:
    poses = np.stack([pose(anchor, np.array(p, float), 1) for p in positions])
    return Motion(poses, np.zeros((len(poses), BEND_NODES, BEND_NODES, 2)), shutter)


def blank() -> Canvas:
    return Canvas(np.zeros((SIZE, SIZE, 4), np.uint8), np.full((SIZE, SIZE), 9, np.uint8))


def white_square(label: int, motion: Motion) -> Sprite:
    return Sprite(np.full((20, 20, 4), 255, np.uint8), label, motion)


def test_sprite_lands_where_its_pose_says() -> None:
    canvas = blank()
    white_square(3, moving((30, 40), anchor=(10, 10))).paint(canvas, 0)
    yy, xx = np.nonzero(canvas.labels == 3)
    assert (xx.min(), xx.max(), yy.min(), yy.max()) == (20, 39, 30, 49)
    np.testing.assert_array_equal(canvas.rgba[..., 0] > 127, canvas.labels == 3)


def test_later_sprites_hide_earlier_ones_and_distractors_erase_labels() -> None:
    canvas = blank()
    for label in (1, 0):
        white_square(label, moving((30 + 10 * (label == 0), 30), anchor=(10, 10))).paint(canvas, 0)
    assert (canvas.labels == 1).sum() == 10 * 20
    assert (canvas.labels == 0).sum() == 20 * 20


def test_sprite_outside_paints_nothing() -> None:
    canvas = blank()
    white_square(1, moving((-40, 30), anchor=(10, 10))).paint(canvas, 0)
    assert not canvas.rgba.any()
    assert (canvas.labels == 9).all()


def test_fast_sprites_smear_along_their_motion() -> None:
    sharp, smeared = blank(), blank()
    for canvas, shutter in ((sharp, 0.0), (smeared, 0.6)):
        white_square(1, moving((20, 30), (40, 30), anchor=(10, 10), shutter=shutter)).paint(canvas, 0)
    assert (smeared.rgba[30, :, 0] > 0).sum() > (sharp.rgba[30, :, 0] > 0).sum() + 6
    assert (smeared.rgba[:, 20, 0] > 63).sum() == (sharp.rgba[:, 20, 0] > 63).sum()


def test_backdrop_is_unknown_beyond_its_border() -> None:
    image = np.full((SIZE, SIZE, 4), 70, np.uint8)
    labels = np.ones((SIZE, SIZE), np.uint8)
    canvas = Backdrop(image, labels, moving((42, 32), anchor=(32, 32))).paint(0, SIZE)
    assert (canvas.labels[:, :10] == 255).all()
    assert (canvas.labels[:, 10:] == 1).all()
    assert (canvas.rgba == 70).all()


def test_cut_out_leaves_the_old_background_behind() -> None:
    labels = np.zeros((40, 40), np.uint8)
    labels[10:30, 12:32] = 1
    image = np.where(labels[..., None] == 1, np.uint8(200), np.uint8(0)).repeat(3, 2)
    image[labels == 0] = (0, 255, 0)
    cutout = cut_out(Still(image, labels, (1,)), 1)
    assert cutout.center == (22, 20)
    same = np.arange(256, dtype=np.uint8)[None, :, None].repeat(3, 2)
    rgba = cutout.premultiplied(1, same, flip=False).astype(int)
    assert rgba.shape == (24, 24, 4)
    assert (np.abs(rgba[..., 1] - rgba[..., 0]) <= 1).all()  # grey everywhere: no green came along
    assert (rgba[4:20, 4:20, 3] == 255).all()
    assert (rgba[..., 3] > 127).sum() > 0.9 * 400
    assert cutout.premultiplied(0.5, same, flip=True).shape == (12, 12, 4)
