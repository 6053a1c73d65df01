"""Reading images and masks as they come."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from mobilevos.data.images import object_ids, read_image, read_masks, read_pair
from mobilevos.errors import InputError
from mobilevos.video.stills import read_rgb

IDS = np.array([[0, 1, 1, 2], [0, 3, 255, 255]], np.uint8)


def test_image_is_rgb(tmp_path: Path) -> None:
    colours = np.zeros((4, 6, 3), np.uint8)
    colours[..., 0] = 200
    Image.fromarray(colours).save(tmp_path / "red.png")
    np.testing.assert_array_equal(read_image(tmp_path / "red.png"), colours)


@pytest.mark.parametrize("shrink", [2, 4, 8])
def test_image_is_decoded_smaller(tmp_path: Path, shrink: int) -> None:
    Image.new("RGB", (64, 32)).save(tmp_path / "a.jpg")
    assert read_image(tmp_path / "a.jpg", shrink).shape == (32 // shrink, 64 // shrink, 3)


def read_mask(path: Path) -> np.ndarray:
    (mask,) = read_masks([path])
    return mask


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("name", "shrink"), [("a.jpg", 1), ("a.jpg", 2), ("a.png", 1), ("a.webp", 4), ("a.tif", 1)])
def test_image_is_upright(tmp_path: Path, name: str, shrink: int, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    blocks = np.random.default_rng(0).integers(0, 256, (3, 5, 3), dtype=np.uint8).repeat(16, 0).repeat(16, 1)
    Image.fromarray(blocks).save(
        tmp_path / name, exif=exif, quality=100, **({"lossless": True} if "webp" in name else {})
    )
    with Image.open(tmp_path / name) as image:
        upright = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))[
            shrink // 2 :: shrink, shrink // 2 :: shrink
        ]
    read = read_image(tmp_path / name, shrink)
    assert read.shape == upright.shape
    assert np.abs(read.astype(int) - upright).mean() < 4


@pytest.mark.parametrize(
    ("name", "mode"), [("a.tga", "RGB"), ("a.tif", "LAB"), ("a.tif", "CMYK"), ("a.jp2", "RGBA"), ("a.pbm", "1")]
)
def test_training_sees_what_the_tracker_sees(tmp_path: Path, name: str, mode: str) -> None:
    blocks = np.random.default_rng(0).integers(0, 256, (3, 5, 3), dtype=np.uint8).repeat(16, 0).repeat(16, 1)
    image = Image.fromarray(blocks)
    if mode == "LAB":
        profiles = [ImageCms.createProfile(space) for space in ("sRGB", "LAB")]
        image = ImageCms.applyTransform(image, ImageCms.buildTransform(*profiles, "RGB", "LAB"))
    image.convert(mode).save(tmp_path / name)
    np.testing.assert_allclose(read_image(tmp_path / name).astype(int), read_rgb(tmp_path / name), atol=1)


@pytest.mark.parametrize("shrink", [1, 2])
def test_deep_images_are_scaled(tmp_path: Path, shrink: int) -> None:
    grey = np.array([[0, 1000, 4095]], np.uint16).repeat(8, 0).repeat(8, 1)
    Image.fromarray(grey).save(tmp_path / "a.png")
    read = read_image(tmp_path / "a.png", shrink)
    assert read.shape == (8 // shrink, 24 // shrink, 3)
    assert np.unique(read).tolist() == [0, 62, 255]


def test_palette_and_grey_masks_hold_ids(tmp_path: Path) -> None:
    Image.fromarray(IDS).save(tmp_path / "grey.png")
    palette = Image.fromarray(IDS).convert("P")
    palette.putdata(IDS.ravel().tolist())
    palette.putpalette([7 * i % 256 for i in range(768)])
    palette.save(tmp_path / "palette.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "grey.png"), IDS)
    np.testing.assert_array_equal(read_mask(tmp_path / "palette.png"), IDS)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
def test_white_is_one_object(tmp_path: Path, mode: str) -> None:
    inside = IDS > 0
    image = Image.fromarray(np.where(inside, np.uint8(255), np.uint8(0)))
    (image.convert("P", palette=Image.Palette.ADAPTIVE) if mode == "P" else image.convert(mode)).save(
        tmp_path / "mask.png"
    )
    np.testing.assert_array_equal(read_mask(tmp_path / "mask.png"), inside)


def test_each_colour_is_an_object(tmp_path: Path) -> None:
    colours = np.array([(0, 0, 0), (128, 0, 0), (0, 128, 0), (10, 10, 10)], np.uint8)
    Image.fromarray(colours[np.array([[0, 1, 2, 3]])]).save(tmp_path / "mask.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "mask.png"), [[0, 1, 2, 3]])


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_smooth_edges_are_snapped(tmp_path: Path, mode: str) -> None:
    soft = np.zeros((8, 24), np.uint8)
    soft[:] = np.repeat([0, 3, 90, 127, 128, 200, 254, 255], [8, 1, 1, 1, 1, 1, 1, 10])
    Image.fromarray(soft).convert(mode).save(tmp_path / "soft.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "soft.png"), soft >= 128)


def test_sixteen_bit_masks_hold_ids_up_to_255(tmp_path: Path) -> None:
    Image.fromarray(IDS.astype(np.uint16)).save(tmp_path / "deep.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "deep.png"), IDS)
    Image.fromarray(np.full((4, 4), 700, np.uint16)).save(tmp_path / "deep.png")
    with pytest.raises(InputError, match=r"deep\.png has values up to 700; number the objects from 1 to 254"):
        read_mask(tmp_path / "deep.png")


@pytest.mark.parametrize(("suffix", "share"), [("jpg", 0.5), ("jpg", 0.99), ("png", 0.9), ("webp", 0.9)])
def test_truncated_images_are_refused(tmp_path: Path, suffix: str, share: float) -> None:
    path = tmp_path / f"a.{suffix}"
    noise = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    assert read_image(path).shape == (60, 80, 3)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(InputError, match=rf"a\.{suffix} (breaks off|is not a readable image)"):
        read_image(path)


def test_truncated_masks_are_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 9, (60, 80), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "a.png")
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:900])
    with pytest.raises(InputError, match=r"a\.png is not a readable image"):
        read_mask(tmp_path / "a.png")


def test_broken_files_are_named(tmp_path: Path) -> None:
    for name, read in {"broken.jpg": read_image, "broken.png": read_mask}.items():
        (tmp_path / name).write_bytes(b"no image")
        with pytest.raises(InputError, match=name):
            read(tmp_path / name)


def test_pair_of_different_shapes_is_refused(tmp_path: Path) -> None:
    Image.new("RGB", (20, 10)).save(tmp_path / "a.jpg")
    Image.new("L", (20, 12)).save(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"a\.png is 20x12 but its image is 20x10"):
        read_pair(tmp_path / "a.jpg", tmp_path / "a.png")


def test_255_is_the_object_only_when_alone(tmp_path: Path) -> None:
    for name, values in {"void": [0, 255], "ids": [1, 255], "white": [0, 255]}.items():
        Image.fromarray(np.array([values], np.uint8)).save(tmp_path / f"{name}.png")
    void, ids = read_masks([tmp_path / "void.png", tmp_path / "ids.png"])
    assert (void.tolist(), ids.tolist()) == ([[0, 255]], [[1, 255]])
    assert read_mask(tmp_path / "white.png").tolist() == [[0, 1]]
    assert object_ids(void, IDS) == [1, 2, 3]
