"""Masks of one run: how their files are read, and what is said of them."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mobilevos.errors import InputError
from mobilevos.video import masks as module
from mobilevos.video.mask_file import Drawing, read_drawing
from mobilevos.video.masks import MaskSet, first_mask, load_mask, palette_image, save_palette_png, without_void

ONE = np.zeros((4, 6), np.uint8)
ONE[1:3, 2:5] = 1
NO_GROUND = np.full((4, 6, 3), (200, 30, 0), np.uint8)
NO_GROUND[:2] = 0, 200, 30


def saved(path: Path, pixels: np.ndarray) -> Path:
    Image.fromarray(pixels).save(path)
    return path


def with_palette(path: Path, labels: np.ndarray, *colours: tuple[int, int, int]) -> Path:
    image = Image.fromarray(labels)
    image.putpalette([channel for colour in ((0, 0, 0), *colours) for channel in colour])
    image.save(path)
    return path


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Files that were read."""
    paths: list[Path] = []

    def noted(path: Path, name: str, *, snap: bool) -> Drawing:
        paths.append(path)
        return read_drawing(path, name, snap=snap)

    monkeypatch.setattr(module, "read_drawing", noted)
    return paths


def test_files_are_read_again_unless_they_are_kept(tmp_path: Path, reads: list[Path]) -> None:
    path = saved(tmp_path / "a.png", ONE)
    for keep, times in ((False, 2), (True, 1)):
        np.testing.assert_array_equal(MaskSet([path], snap=False, keep=keep)[path], ONE)
        assert reads == [path] * times
        reads.clear()
    assert MaskSet([path], snap=False)[path].any()
    assert load_mask(path).any()
    assert reads == [path] * 3


def test_messages_name_files_or_paths(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", NO_GROUND)
    with pytest.raises(InputError, match=r"^a\.png has no background"):
        MaskSet([path], snap=False)
    with pytest.raises(InputError, match=rf"^{path} has no background"):
        MaskSet([path], snap=False, full_paths=True)


@pytest.mark.parametrize(
    ("drawn", "binary"),
    [
        ([ONE * 255], True),
        ([ONE > 0], True),
        ([ONE > 0, ONE * 255, 0 * ONE], True),
        ([0 * ONE], False),
        ([ONE], False),
        ([ONE * 255, ONE], False),
        ([], False),
    ],
)
def test_binary_is_white_on_black_alone(tmp_path: Path, drawn: list[np.ndarray], binary: bool) -> None:
    paths = [saved(tmp_path / f"{number}.png", pixels) for number, pixels in enumerate(drawn)]
    assert MaskSet(paths, snap=False).binary == binary


def test_what_a_mask_holds(tmp_path: Path) -> None:
    values = ONE * 64
    values[0, 0], values[3, 5] = 255, 3
    masks = MaskSet([path := saved(tmp_path / "a.png", values)], snap=False)
    assert path in masks
    assert tmp_path not in masks
    assert masks.objects(path) == [3, 64]
    assert masks.size(path) == (4, 6)
    np.testing.assert_array_equal(masks[path], values)
    np.testing.assert_array_equal(without_void(values), np.where(values == 255, 0, values))
    np.testing.assert_array_equal(load_mask(path), np.where(values == 255, 0, values))


def test_indices_of_palettes_are_ids_if_their_colours_agree(tmp_path: Path) -> None:
    red, blue = (250, 50, 83), (52, 109, 183)
    first = with_palette(tmp_path / "0.png", ONE * 2, red, blue)
    same = with_palette(tmp_path / "1.png", ONE, red)
    assert [MaskSet([first, same], snap=False).objects(path) for path in (first, same)] == [[2], [1]]
    other = with_palette(tmp_path / "2.png", ONE, blue)
    grey = saved(tmp_path / "3.png", ONE * 9)
    for keep in (False, True):
        masks = MaskSet([first, other, same, grey], snap=False, keep=keep)
        assert [int(masks[path].max()) for path in (first, other, same, grey)] == [1, 1, 2, 9]


def test_masks_beside_others_keep_their_colours_ids(tmp_path: Path) -> None:
    known = MaskSet([with_palette(tmp_path / "0.png", ONE * 2, (250, 50, 83), (52, 109, 183))], snap=False)
    drawn = saved(tmp_path / "1.png", np.array([(0, 0, 0), (52, 109, 183)], np.uint8)[ONE])
    assert MaskSet([drawn], snap=False, beside=known).objects(drawn) == [2]
    assert MaskSet([drawn], snap=False).objects(drawn) == [1]


def test_soft_edges_are_snapped_if_asked(tmp_path: Path) -> None:
    large = np.zeros((80, 120), np.uint8)
    large[18:58, 30:90] = 255
    soft = Image.fromarray(large).resize((30, 20), Image.Resampling.BOX)
    soft.save(path := tmp_path / "a.png")
    with pytest.raises(InputError, match="anti-aliased"):
        load_mask(path)
    assert np.unique(load_mask(path, snap=True)).tolist() == [0, 1]


def test_a_track_starts_with_an_object_of_the_frames_size() -> None:
    assert first_mask(ONE, (4, 6), "a.png") is ONE
    with pytest.raises(InputError, match=r"^a\.png is empty"):
        first_mask(0 * ONE, (4, 6), "a.png")


def test_palette_images_are_read_back(tmp_path: Path) -> None:
    labels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    save_palette_png(tmp_path / "a.png", labels)
    with Image.open(tmp_path / "a.png") as image:
        assert image.mode == "P"
        np.testing.assert_array_equal(np.array(image), labels)
        assert image.getpalette() == palette_image(labels).getpalette()
