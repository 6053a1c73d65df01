"""What a prompt head is shown."""

import numpy as np

from mobilevos.engine.prompt_maps import prompt_maps


def test_clicks_are_disks_on_their_own_planes() -> None:
    maps = prompt_maps((12, 20), [(5.5, 4.5, True), (15.5, 8.5, False)])
    assert maps.shape == (4, 12, 20)
    assert maps.dtype == np.float32
    assert (maps[0, 4, 5], maps[1, 8, 15]) == (1, 1)
    assert (maps[0, 8, 15], maps[1, 4, 5]) == (0, 0)
    assert not maps[2:].any()


def test_a_disk_has_a_radius_of_two_cells_and_a_soft_border() -> None:
    disk = prompt_maps((12, 20), [(5.5, 4.5, True)])[0]
    np.testing.assert_allclose(disk[4, 2:9], [0, 0.5, 1, 1, 1, 0.5, 0])
    np.testing.assert_allclose(disk[1:8, 5], [0, 0.5, 1, 1, 1, 0.5, 0])
    assert disk[5, 6] == 1
    both = prompt_maps((12, 20), [(5.5, 4.5, True), (9.5, 4.5, True)])[0]
    np.testing.assert_allclose(both[4, 2:13], [0, 0.5, 1, 1, 1, 0.5, 1, 1, 1, 0.5, 0])


def test_a_click_beyond_the_grid_leaves_no_more_than_its_rim() -> None:
    assert not prompt_maps((12, 20), [(-9, 4, True)]).any()
    assert prompt_maps((12, 20), [(-1, 4.5, True)])[0].any()


def test_a_box_covers_cells_in_part() -> None:
    maps = prompt_maps((4, 6), [], (1.5, 1.0, 4.0, 2.25))
    np.testing.assert_allclose(maps[2, 1], [0, 0.5, 1, 1, 0, 0])
    np.testing.assert_allclose(maps[2, 2], [0, 0.125, 0.25, 0.25, 0, 0])
    assert not maps[2, [0, 3]].any()


def test_a_box_that_reaches_over_the_border_is_full_at_it() -> None:
    assert (prompt_maps((4, 6), [], (-3.0, -3.0, 99.0, 99.0))[2] == 1).all()


def test_the_earlier_mask_is_the_last_plane() -> None:
    mask = np.random.default_rng(0).random((4, 6), np.float32)
    np.testing.assert_array_equal(prompt_maps((4, 6), [(2, 2, True)], None, mask)[3], mask)
