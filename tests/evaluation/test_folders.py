"""Stored predictions against stored truth. Agreement with vos_benchmark is checked in test_protocol."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mobilevos import sample
from mobilevos.errors import InputError
from mobilevos.evaluation import evaluate_folders

FRAMES = 5


@pytest.fixture
def masks() -> np.ndarray:
    return sample.truth()[:FRAMES]


def write(folder: Path, masks: np.ndarray, frames: range = range(FRAMES)) -> Path:
    folder.mkdir(parents=True)
    for index in frames:
        Image.fromarray(masks[index]).save(folder / f"{index:05d}.png")
    return folder


def test_flat_folders(tmp_path: Path, masks: np.ndarray) -> None:
    report = evaluate_folders(write(tmp_path / "pred", np.roll(masks, 3, 1)), write(tmp_path / "reef", masks))
    assert list(report.sequences) == ["reef"]
    assert 50 < report.overall.J < 98
    assert report.to_dict()["fps"] is None


def test_one_folder_per_clip(tmp_path: Path, masks: np.ndarray) -> None:
    for clip, shift in (("a", 0), ("b", 4)):
        write(tmp_path / "pred" / clip, np.roll(masks, shift, 2))
        write(tmp_path / "truth" / clip, masks)
    write(tmp_path / "pred" / "further", masks)
    report = evaluate_folders(tmp_path / "pred", tmp_path / "truth")
    assert list(report.sequences) == ["a", "b"]
    assert report.sequences["a"].JF == 100 > report.sequences["b"].JF


def test_first_and_last_need_no_prediction(tmp_path: Path, masks: np.ndarray) -> None:
    pred = write(tmp_path / "pred", masks, range(1, FRAMES - 1))
    assert evaluate_folders(pred, write(tmp_path / "truth", masks)).overall.JF == 100


def test_binary_predictions(tmp_path: Path, masks: np.ndarray) -> None:
    single = (masks == 1).astype(np.uint8)
    pred = write(tmp_path / "pred", 255 * single)
    assert evaluate_folders(pred, write(tmp_path / "ids", single)).overall.JF == 100
    assert evaluate_folders(pred, write(tmp_path / "binary", 255 * single)).overall.JF == 100
    assert evaluate_folders(tmp_path / "ids", tmp_path / "binary").overall.JF == 100
    with pytest.raises(InputError, match=r"the prediction is 255, but the objects have the ids \[1, 2\]"):
        evaluate_folders(pred, write(tmp_path / "two", masks))


def test_missing_predictions(tmp_path: Path, masks: np.ndarray) -> None:
    write(tmp_path / "pred" / "a", masks, range(2))
    for clip in "ab":
        write(tmp_path / "truth" / clip, masks)
    with pytest.raises(InputError, match=r"00002\.png is missing \(5 of 6 predicted masks are\)"):
        evaluate_folders(tmp_path / "pred", tmp_path / "truth")


def test_unusable_folders(tmp_path: Path, masks: np.ndarray) -> None:
    truth = write(tmp_path / "truth", masks)
    with pytest.raises(InputError, match="nowhere is not a folder"):
        evaluate_folders(tmp_path / "nowhere", truth)
    with pytest.raises(InputError, match="nowhere is not a folder"):
        evaluate_folders(truth, tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no masks"):
        evaluate_folders(truth, tmp_path / "empty")
    with pytest.raises(InputError, match="Clip short has no frame to score"):
        evaluate_folders(truth, write(tmp_path / "short", masks, range(2)))
    with pytest.raises(InputError, match=r"00001\.png is 240x270 but its annotation is 480x270"):
        evaluate_folders(write(tmp_path / "half", masks[:, :, :240]), truth)
    (truth / "00001.png").write_bytes(b"")
    with pytest.raises(InputError, match=r"00001\.png is not a readable image"):
        evaluate_folders(tmp_path / "truth", truth)
