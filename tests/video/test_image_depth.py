"""Order of image files, and images of more than 8 bits."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mobilevos.effects.replace import pictures
from mobilevos.video.reader import open_frames
from mobilevos.video.stills import Levels, in_order, read_rgb, upright_size


@pytest.mark.parametrize(
    "names",
    [
        ["1", "2", "10"],
        ["t0", "t0.25", "t0.5", "t0.75", "t1", "t1.25", "t10"],
        ["0.125", "0.25", "0.5"],
        ["0.9", "1.0", "1.05", "1.1", "2.0"],
        ["12.08_left", "12.5_left", "13_left"],
        ["take1.1", "take1.2", "take1.9", "take1.10", "take1.11"],
        ["v2.9", "v2.10"],
        ["2024.01.09", "2024.01.10", "2024.02.01"],
        ["img.1", "img.2", "img.10"],
        ["1700000000123456788", "1700000000123456789"],
    ],
)
def test_order_of_numbers(names: list[str]) -> None:
    paths = [Path("a.1/b") / f"{name}.png" for name in names]
    assert in_order(reversed(paths)) == paths


def frames(folder: Path, *values: np.ndarray, suffix: str = "png") -> list[np.ndarray]:
    folder.mkdir()
    for index, value in enumerate(values):
        Image.fromarray(value.repeat(16, 0).repeat(16, 1)).save(folder / f"{index}.{suffix}")
    return [frame[::16, ::16, 0] for frame in open_frames(folder)]


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_bits_are_those_of_the_brightest_frame(tmp_path: Path, bits: int, suffix: str) -> None:
    white = 2**bits - 1
    dark, bright = (np.array([[0, white // 4, most]], np.uint16) for most in (white // 3, white))
    first, second = frames(tmp_path / "in", dark, bright, suffix=suffix)
    np.testing.assert_allclose(first, [[0, 64, 85]], atol=1)
    np.testing.assert_allclose(second, [[0, 64, 255]], atol=1)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.25, 1.0], [0, 64, 255]),
        ([0.0, 0.1, 0.5], [0, 26, 128]),
        ([0.0, 100.0, 255.0], [0, 100, 255]),
        ([0.0, 0.8, 3.2], [0, 64, 255]),
        ([-1.0, 0.0, 1.0], [0, 128, 255]),
        ([np.nan, 0.5, 1.0], [0, 128, 255]),
    ],
)
def test_fractions(tmp_path: Path, values: list[float], expected: list[int]) -> None:
    (frame,) = frames(tmp_path / "in", np.array([values], np.float32), suffix="tif")
    np.testing.assert_allclose(frame, [expected], atol=1)


def test_deep_background(tmp_path: Path) -> None:
    Image.fromarray(np.full((8, 8), 2048, np.uint16)).save(tmp_path / "a.png")
    assert next(pictures(tmp_path / "a.png")).tolist() == np.full((8, 8, 3), 128).tolist()


@pytest.mark.parametrize("mode", ["L", "RGB", "I;16", "F"])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_size_and_pixels_of_a_turned_tiff(tmp_path: Path, mode: str, orientation: int) -> None:
    kinds = {"I;16": np.uint16, "F": np.float32}
    values = np.arange(15).reshape(3, 5)
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(values.astype(kinds.get(mode, np.uint8)))
    (image.convert(mode) if mode == "RGB" else image).save(tmp_path / "a.tif", exif=exif)
    upright = np.rot90(values, {1: 0, 3: 2, 6: -1, 8: 1}[orientation])
    assert upright_size(tmp_path / "a.tif") == upright.shape
    np.testing.assert_array_equal(read_rgb(tmp_path / "a.tif", Levels(0, 255))[..., 0], upright)
