"""Paths and sampling maps."""

import numpy as np

from mobilevos.data.geometry import BEND_NODES, Path, Temper, bounds, mirror, pose, sampling_maps, swing

STRAIGHT = np.zeros((BEND_NODES, BEND_NODES, 2))
FRAME = (0, 0, 40, 30)


def test_maps_without_bend_invert_the_pose() -> None:
    matrix = pose((5, 6), np.array([20.0, 12.0]), 1.3, 0.4, 0.1)
    map_x, map_y = sampling_maps(matrix, STRAIGHT, FRAME, FRAME)
    assert map_x.shape == map_y.shape == (30, 40)
    assert map_x.dtype == np.float32
    yy, xx = np.mgrid[:30, :40]
    back = matrix @ np.stack([map_x.ravel(), map_y.ravel(), np.ones(map_x.size)])
    np.testing.assert_allclose(back[0], xx.ravel(), atol=1e-3)
    np.testing.assert_allclose(back[1], yy.ravel(), atol=1e-3)


def test_equal_control_points_shift_the_frame() -> None:
    map_x, map_y = sampling_maps(np.eye(3), STRAIGHT + np.array([3, -2]), FRAME, FRAME)
    yy, xx = np.mgrid[:30, :40]
    np.testing.assert_allclose(map_x - xx, 3, atol=1e-4)
    np.testing.assert_allclose(map_y - yy, -2, atol=1e-4)


def test_window_is_a_part_of_the_frame() -> None:
    bend = np.random.default_rng(0).normal(0, 2, STRAIGHT.shape)
    whole = sampling_maps(np.eye(3), bend, FRAME, FRAME)
    part = sampling_maps(np.eye(3), bend, FRAME, (10, 5, 30, 25))
    for large, small in zip(whole, part, strict=True):
        np.testing.assert_allclose(small, large[5:25, 10:30], atol=1e-4)


def test_path_starts_where_asked_and_stays_within_reach() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        path = Path.random(rng, 30, (50, 60), 100, energy=3, temper=Temper(0.2, 0.1, reach=0.25))
        np.testing.assert_allclose(path.position[0], [50, 60])
        assert np.abs(path.position - [50, 60]).max() <= 25
        assert path.scale.min() > 0.49
        assert path.scale.max() < 2.02
        moved = path.poses((7, 8)) @ [7, 8, 1]
        np.testing.assert_allclose(moved[:, :2], path.position)


def test_swing_is_smooth_and_comes_back() -> None:
    rng = np.random.default_rng(2)
    signal = swing(rng, 200, 0, 1, 0, (20,))
    assert np.abs(np.diff(signal, 2, axis=0)).max() < np.abs(np.diff(signal, axis=0)).max()
    assert (np.diff(np.sign(np.diff(signal, axis=0)), axis=0) != 0).any(axis=0).all()


def test_mirror_and_bounds() -> None:
    np.testing.assert_allclose(mirror(10) @ [0, 3, 1], [9, 3, 1])
    low, high = bounds(pose((0, 0), np.array([5.0, 5.0]), 2, np.pi / 2), 4, 1)
    np.testing.assert_allclose([low, high], [[3, 5], [5, 13]], atol=1e-9)
