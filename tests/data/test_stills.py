"""Sets of stills and the meaning of their ids."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mobilevos.data.layers import cut_out
from mobilevos.data.layouts import find
from mobilevos.data.stills import StillSet
from mobilevos.errors import InputError


def stills_in(root: Path) -> StillSet:
    return StillSet(find(root).stills)


def draws(stills: StillSet, count: int = 40) -> list:
    return [stills.draw(np.random.default_rng(seed)) for seed in range(count)]


def pair(folder: Path, mask: np.ndarray, name: str = "a") -> None:
    for part in ("images", "masks"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    Image.new("RGB", mask.shape[::-1]).save(folder / f"images/{name}.jpg")
    Image.fromarray(mask).save(folder / f"masks/{name}.png")


def test_instances_stay_apart_or_form_one_group(data_root: Path) -> None:
    stills = stills_in(data_root / "stills/own")
    assert len(stills) == 6
    assert {still.ids for still in draws(stills)} == {(1, 2), (1,)}


def test_a_region_of_a_tiling_is_the_object(data_root: Path) -> None:
    shares = []
    for still in draws(stills_in(data_root / "stills/bsds500")):
        assert still.ids == (1,)
        assert set(np.unique(still.labels)) == {0, 1}
        shares.append((still.labels == 1).mean())
    assert max(shares) > 1.5 * min(shares)  # some are unions of neighbours


def test_parts_are_united(tmp_path: Path) -> None:
    mask = np.zeros((40, 40), np.uint8)
    mask[5:20, 5:20], mask[20:30, 5:20] = 4, 9
    pair(tmp_path / "ccp", mask)
    (still,) = draws(stills_in(tmp_path / "ccp"), 1)
    np.testing.assert_array_equal(still.labels, mask > 0)


def test_binary_mask_of_255(tmp_path: Path) -> None:
    mask = np.zeros((40, 40), np.uint8)
    mask[5:20, 5:20] = 255
    pair(tmp_path / "mine", mask)
    (still,) = draws(stills_in(tmp_path / "mine"), 1)
    np.testing.assert_array_equal(still.labels, mask > 0)


def test_unknown_band_stays_unknown_and_is_halved_by_a_cut_out(data_root: Path) -> None:
    (still,) = draws(stills_in(data_root / "stills/pets600"), 1)
    assert set(np.unique(still.labels)) == {0, 1, 255}
    cutout = cut_out(still, 1)
    # The band spans radii 20 to 30.
    assert abs(np.sqrt(cutout.area / np.pi) - 25) < 1
    assert cutout.cropped == 0


def test_cropped_objects_are_noticed(tmp_path: Path) -> None:
    mask = np.zeros((40, 40), np.uint8)
    mask[20:, 10:30] = 1
    pair(tmp_path / "mine", mask)
    (still,) = draws(stills_in(tmp_path / "mine"), 1)
    assert cut_out(still, 1).cropped == pytest.approx(0.25)


def test_weights_choose_the_set(data_root: Path) -> None:
    sets = find(data_root / "stills").stills
    stills = StillSet(sets, weights={"own": 0.0, "pets600": 1.0, "bsds500": 0.0})
    assert all((still.labels == 255).any() for still in draws(stills, 10))
    with pytest.raises(InputError, match="above 0"):
        StillSet(sets, weights={"own": 0.0, "pets600": 0.0, "bsds500": 0.0})


def test_unusable_sets_are_explained(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no set of stills"):
        StillSet([])
    pair(tmp_path / "set", np.zeros((8, 8), np.uint8))
    with pytest.raises(InputError, match="no object between"):
        stills_in(tmp_path / "set").draw(np.random.default_rng(0))
