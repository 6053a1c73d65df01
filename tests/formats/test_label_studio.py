"""Label Studio's tasks with its own decoder and checks, and in a circle."""

import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from format_scenes import assert_same, label_maps, maps_of, quick, scene, write
from hypothesis import given

from mobilevos.errors import InputError
from mobilevos.formats.given import open_marks
from mobilevos.formats.label_studio import decode, encode

MASK = np.zeros((4, 6), bool)
MASK[1:3, 2:5] = True
THEIRS = [0, 0, 0, 96, 57, 27, 254, 31, 0, 183, 255, 108, 2, 223, 254, 27, 0, 0]


def test_their_stream_and_long_runs() -> None:
    np.testing.assert_array_equal(decode(THEIRS, (4, 6)), MASK)
    big = np.zeros((300, 400), bool)
    big[50:250, 60:300] = True
    np.testing.assert_array_equal(decode(encode(big), big.shape), big)


@pytest.mark.extras
def test_both_decode_the_others_stream() -> None:
    """label-studio-sdk is in the readers extra."""
    from label_studio_sdk.converter.brush import decode_rle, encode_rle

    np.testing.assert_array_equal(decode_rle(encode(MASK)).reshape(4, 6, 4)[..., 3] > 0, MASK)
    rgba = np.repeat(np.random.default_rng(3).integers(0, 2, 24, np.uint8) * 255, 4)
    assert (decode(encode_rle(rgba.tolist()), (4, 6)).ravel() == (rgba[3::4] > 0)).all()


@pytest.mark.extras
def test_predictions_fit_the_configuration(tmp_path: Path) -> None:
    from label_studio_sdk.converter.brush import decode_rle
    from label_studio_sdk.label_interface import LabelInterface

    path, _ = write("label-studio-video", tmp_path, scene())
    (task,) = json.loads(path.read_text())
    assert LabelInterface(task["meta"]["label_config"]).validate_prediction(task["predictions"][0], True) == []
    maps = scene()
    tasks = json.loads(write("label-studio", tmp_path, maps)[0].read_text())
    assert len(tasks) == 6
    for task, labels in zip(tasks, maps, strict=True):
        interface = LabelInterface(task["meta"]["label_config"])
        (prediction,) = task["predictions"]
        assert interface.validate_prediction(prediction, return_errors=True) == []
        for region in prediction["result"]:
            mask = decode_rle(region["value"]["rle"]).reshape(40, 60, 4)[..., 3] > 0
            np.testing.assert_array_equal(mask, labels == int(region["id"].split("-")[1]))


def test_boxes_on_video_end_where_an_object_is_lost(tmp_path: Path) -> None:
    path, warning = write("label-studio-video", tmp_path, scene())
    assert "boxes alone" in str(warning)
    (task,) = json.loads(path.read_text())
    assert 'frameRate="24"' in task["meta"]["label_config"]
    sequences = [region["value"]["sequence"] for region in task["predictions"][0]["result"]]
    assert [(key["frame"], key["enabled"]) for key in sequences[1]] == [
        (1, True), (2, True), (3, False), (5, True), (6, False)
    ]  # fmt: skip
    assert [sequences[1][0][side] for side in ("x", "y", "width", "height")] == [
        pytest.approx(100 * share) for share in (40 / 60, 20 / 40, 15 / 60, 16 / 40)
    ]


def test_round_trip(tmp_path: Path) -> None:
    assert_same(write("label-studio", tmp_path, scene())[0], scene())


@quick
@given(label_maps)
def test_round_trip_of_random_masks(maps: list[np.ndarray]) -> None:
    if any(labels.any() for labels in maps):
        with tempfile.TemporaryDirectory() as folder:
            assert_same(write("label-studio", Path(folder), maps)[0], maps)


def exported(folder: Path, stream: list[int]) -> Path:
    region = {
        "id": "aBc",
        "type": "brushlabels",
        "original_width": 6,
        "original_height": 4,
        "value": {"format": "rle", "rle": stream, "brushlabels": ["cat"]},
    }
    task = {"data": {"image": "/data/upload/3/0123abcd-00007.jpg"}, "annotations": [{"result": [region]}]}
    (folder / "export.json").write_text(json.dumps([task]))
    return folder / "export.json"


def test_an_export_of_an_uploaded_frame(tmp_path: Path) -> None:
    marks = open_marks(exported(tmp_path, THEIRS), None)
    np.testing.assert_array_equal(maps_of(marks)[7] > 0, MASK)
    assert marks.names[1].kind == "cat"


@pytest.mark.parametrize("stream", [THEIRS[:10], [0, 0, 0, 92, *THEIRS[4:]], [300], []])
def test_damaged_streams_are_one_sentence(tmp_path: Path, stream: list[int]) -> None:
    with pytest.raises(InputError, match=r"cannot be read as label-studio: .*\.$"):
        open_marks(exported(tmp_path, stream), None)
