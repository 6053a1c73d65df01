"""Masks of another size than their frames."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from command import mobilevos, save_davis
from mobilevos import sample
from mobilevos.errors import Advice, InputError
from mobilevos.video.mask_size import fitted, same_shape
from mobilevos.video.masks import load_mask, save_palette_png
from mobilevos.video.writer import VideoWriter


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ((270, 480), (1080, 1920)),
        ((480, 854), (1080, 1920)),
        ((480, 853), (480, 854)),
        ((56, 100), (1080, 1920)),
        ((1920, 1080), (256, 144)),
        ((33, 57), (480, 832)),
        ((1, 1), (300, 300)),
        ((33, 57), (50, 85)),
        ((60, 200), (120, 404)),
    ],
)
def test_the_same_shape_but_for_rounding(one: tuple[int, int], two: tuple[int, int]) -> None:
    assert same_shape(one, two)
    assert same_shape(two, one)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ((272, 480), (270, 480)),
        ((1088, 1920), (1080, 1920)),
        ((48, 65), (48, 64)),
        ((480, 854), (854, 480)),
        ((480, 640), (1080, 1920)),
        ((2, 2), (100, 200)),
        ((0, 0), (100, 200)),
        ((0, 5), (100, 200)),
        ((10, 10), (100, 105)),
        ((200, 200), (400, 403)),
        ((50, 50), (52, 53)),
    ],
)
def test_another_shape(one: tuple[int, int], two: tuple[int, int]) -> None:
    assert not same_shape(one, two)
    assert not same_shape(two, one)


def test_labels_are_scaled_from_pixel_centres() -> None:
    labels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    with pytest.warns(Advice, match=r"^a\.png is 4x3 but the frames are 8x6; it was scaled to fit\.$"):
        large = fitted(labels, (6, 8), "a.png")
    np.testing.assert_array_equal(large, labels.repeat(2, 0).repeat(2, 1))
    with pytest.warns(Advice):
        np.testing.assert_array_equal(fitted(large, (3, 4), "a.png"), labels)
    with pytest.warns(Advice):
        np.testing.assert_array_equal(fitted(labels.repeat(3, 1), (1, 4), "a.png"), labels[1:2])
    assert fitted(labels, (3, 4), "a.png") is labels
    with pytest.raises(InputError, match=r"^a\.png is 4x3 but its frame is 6x6; .*\.$"):
        fitted(labels, (6, 6), "a.png", "its frame is")


@pytest.fixture(scope="module")
def masks() -> dict[str, np.ndarray]:
    first = load_mask(sample.mask_path())
    return {
        "half": np.ascontiguousarray(first[::2, ::2]),
        "double": first.repeat(2, 0).repeat(2, 1),
        "padded": np.pad(first, ((0, 2), (0, 0))),
    }


@pytest.mark.parametrize("command", ["segment", "blur", "convert", "folder", "mask"])
def test_commands_scale_masks_and_say_so(
    tmp_path: Path, masks: dict[str, np.ndarray], sample_frames: list[np.ndarray], command: str
) -> None:
    first, clip = load_mask(sample.mask_path()), "clip.mp4"
    with VideoWriter(tmp_path / clip, Fraction(25), (270, 480)) as writer:
        for frame in sample_frames[:3]:
            writer.write(frame)
    save_palette_png(tmp_path / "mask.png", masks["half"])
    (tmp_path / "masks").mkdir()
    for index in (0, 1, 2):
        save_palette_png(tmp_path / f"masks/{index:05d}.png", masks["half"])
    arguments = {
        "segment": ("segment", clip, "-m", "mask.png", "-o", "out", "--outputs", "masks"),
        "blur": ("blur", clip, "--masks", "masks", "-o", "out.mp4"),
        "convert": ("convert", "masks", "--to", "overlay", "--video", clip, "-o", "out.mp4"),
        "folder": ("segment", clip, "-m", "masks", "-o", "out", "--outputs", "masks"),
        "mask": ("mask", clip, "--click", "240,135", "-m", "mask.png", "-o", "out.png"),
    }[command]
    done = mobilevos(*arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("is 240x135 but the frames are 480x270; it was scaled to fit.") == 1
    assert ("So were 2 more." in done.stderr) == (command in ("blur", "convert", "folder"))
    if command in ("segment", "folder"):
        found = np.asarray(Image.open(tmp_path / "out/masks/00000.png"))
        assert found.shape == (270, 480)
        assert (found == first).mean() > 0.99


def test_another_shape_is_one_sentence(tmp_path: Path, masks: dict[str, np.ndarray]) -> None:
    save_palette_png(tmp_path / "mask.png", masks["padded"])
    done = mobilevos("segment", sample.clip_path(), "-m", "mask.png", "-o", "out", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "mask.png is 480x272 but the frames are 480x270" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("scale", ["half", "double"])
def test_evaluation_scales_annotations_and_predictions(
    tmp_path: Path, sample_frames: list[np.ndarray], sample_truth: np.ndarray, scale: str
) -> None:
    def scaled(labels: np.ndarray) -> np.ndarray:
        return labels[::2, ::2] if scale == "half" else labels.repeat(2, 0).repeat(2, 1)

    truth = sample_truth[:5]
    save_davis(tmp_path / "same", {"a": (sample_frames[:5], truth)})
    save_davis(tmp_path / "other", {"a": (sample_frames[:5], map(scaled, truth))})
    scores = []
    for root in ("same", "other"):
        done = mobilevos("evaluate", root, "--json", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        scores.append(json.loads(done.stdout)["JF"])
    assert done.stderr.count("An annotation of a is") == 1
    assert abs(scores[0] - scores[1]) < 3

    truth_folder, folder = (tmp_path / root / "Annotations/480p/a" for root in ("same", "other"))
    done = mobilevos("evaluate", truth_folder, "--predictions", folder, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("A prediction for a is") == 1
    assert json.loads(done.stdout)["J"] > 95


def test_an_object_that_scaling_loses_is_told(tmp_path: Path) -> None:
    dots = np.zeros((540, 960), np.uint8)
    dots[0, 0] = 1
    save_palette_png(tmp_path / "mask.png", dots)
    done = mobilevos("segment", sample.clip_path(), "-m", "mask.png", "-o", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert "mask.png is empty" in done.stderr
