"""The teacher's graphs: prompts in the frame's pixels go in, masks of the frame's size come out."""

from pathlib import Path

import numpy as np
import pytest
from red_teacher import save_teacher

from mobilevos.data.pseudo.sam import Sam
from mobilevos.errors import ModelNotFound


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_teacher(tmp_path_factory.mktemp("sam"))


@pytest.mark.parametrize("size", [(90, 160), (160, 90), (64, 64)])
def test_masks_lie_where_the_frame_shows_them(folder: Path, size: tuple[int, int]) -> None:
    frame = np.zeros((*size, 3), np.uint8)
    frame[20:50, 10:40, 0] = 255
    logits, _ = Sam(folder).look(frame).at(3, 4)
    assert logits.shape == size
    assert ((logits > 0) == (frame[..., 0] > 0)).mean() > 0.97


def test_points_are_scaled_to_the_teachers_pixels(folder: Path) -> None:
    assert Sam(folder).look(np.zeros((90, 160, 3), np.uint8)).at(20, 4)[1] == pytest.approx(20 * 1024 / 160)


def test_an_object_is_asked_for_by_its_innermost_point(folder: Path) -> None:
    mask = np.zeros((90, 160), bool)
    mask[20:60, 40:80] = True
    mask[38:40, 80:150] = True
    x = Sam(folder).look(np.zeros((90, 160, 3), np.uint8)).again(mask)[1] * 160 / 1024
    assert 58 <= x <= 62


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match=r"encoder\.onnx is missing"):
        Sam(tmp_path)
