"""Masks of all frames as the pages of one image."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from command import mobilevos, save_frames
from mobilevos.formats.convert import convert
from mobilevos.formats.given import open_given
from mobilevos.video.masks import load_mask, palette_image
from mobilevos.video.reader import open_frames

COUNT, HEIGHT, WIDTH = 4, 40, 60


def labels(index: int) -> np.ndarray:
    values = np.zeros((HEIGHT, WIDTH), np.uint8)
    values[10:30, 5 + 4 * index : 25 + 4 * index] = 2
    values[2:8, 40:55] = 7
    return values


def images(kind: str) -> list[Image.Image]:
    if kind == "palette":
        return [palette_image(labels(index)) for index in range(COUNT)]
    if kind == "white":
        return [Image.fromarray((labels(index) > 0) * np.uint8(255)) for index in range(COUNT)]
    return [Image.fromarray(labels(index).astype(kind)) for index in range(COUNT)]


def stack(path: Path, kind: str) -> Path:
    first, *others = images(kind)
    first.save(path, save_all=True, append_images=others, **({"lossless": True} if path.suffix == ".webp" else {}))
    return path


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        ("tif", "uint8"),
        ("tiff", "uint16"),
        ("tif", "float32"),
        ("tif", "palette"),
        ("tif", "white"),
        ("png", "uint8"),
        ("gif", "white"),
        ("webp", "white"),
    ],
)
def test_each_page_is_a_frame(tmp_path: Path, suffix: str, kind: str) -> None:
    save_frames(tmp_path / "frames", [np.zeros((HEIGHT, WIDTH, 3), np.uint8)] * COUNT)
    path = stack(tmp_path / f"masks.{suffix}", kind)
    given = open_given(path, open_frames(tmp_path / "frames"))
    for index in range(COUNT):
        expected = labels(index) > 0 if kind == "white" else labels(index)
        np.testing.assert_array_equal(given[index], expected)
    assert convert(path, "masks", tmp_path / "out").frames == COUNT
    np.testing.assert_array_equal(load_mask(tmp_path / "out" / "00003.png"), given[3])
    result = mobilevos("blur", "frames", "--masks", path.name, "-o", "blurred", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")


def test_pages_of_several_sizes_are_one_mask(tmp_path: Path) -> None:
    """Such as one with a thumbnail."""
    path = tmp_path / "mask.tif"
    first, second, *_ = images("uint8")
    first.save(path, save_all=True, append_images=[second.resize((6, 4))])
    save_frames(tmp_path / "frames", [np.zeros((HEIGHT, WIDTH, 3), np.uint8)] * COUNT)
    given = open_given(path, open_frames(tmp_path / "frames"))
    assert given.frames == {0}
    result = mobilevos("blur", "frames", "--masks", "mask.tif", "-o", "blurred", cwd=tmp_path)
    assert result.returncode == 2
    assert "mask.tif is one mask" in result.stderr


def test_a_broken_stack_is_one_sentence(tmp_path: Path) -> None:
    path = stack(tmp_path / "masks.tif", "uint8")
    path.write_bytes(path.read_bytes()[:-200])
    result = mobilevos("convert", "masks.tif", "--to", "coco", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert "masks.tif" in result.stderr
