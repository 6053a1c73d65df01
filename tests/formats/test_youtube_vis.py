"""YouTube-VIS with pycocotools, and in a circle."""

import json
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from format_scenes import NAMES, assert_same, label_maps, quick, scene, write
from hypothesis import given
from pycocotools import mask as coco


def test_annotations_are_uncompressed_and_have_a_slot_a_frame(tmp_path: Path) -> None:
    maps = scene()
    path, _ = write("youtube-vis", tmp_path, maps)
    assert [file.name for file in tmp_path.iterdir()] == ["youtube-vis.json"]
    data = json.loads(path.read_text())
    (video,) = data["videos"]
    assert (video["length"], video["file_names"][2]) == (6, "clip/00002.jpg")
    assert [entry["category_id"] for entry in data["annotations"]] == [1, 2]
    assert [category["name"] for category in data["categories"]] == ["fish", "diver"]
    for entry in data["annotations"]:
        assert len(entry["segmentations"]) == len(entry["bboxes"]) == len(entry["areas"]) == entry["length"] == 6
        for index, segmentation in enumerate(entry["segmentations"]):
            truth = maps[index] == entry["track_id"]
            if segmentation is None:
                assert not truth.any()
                assert entry["bboxes"][index] is entry["areas"][index] is None
                continue
            encoded = coco.frPyObjects(segmentation, entry["height"], entry["width"])  # as TrackEval does
            np.testing.assert_array_equal(coco.decode(encoded), truth)
            assert entry["areas"][index] == coco.area(encoded)
            assert entry["bboxes"][index] == coco.toBbox(encoded).tolist()


def test_results_are_a_zip_to_submit(tmp_path: Path) -> None:
    maps = scene()
    path, _ = write("youtube-vis-results", tmp_path, maps)
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["results.json"]
        results = json.loads(archive.read("results.json"))
    assert [set(entry) for entry in results] == [{"video_id", "category_id", "score", "segmentations"}] * 2
    for entry, object_id in zip(results, (1, 3), strict=True):
        assert entry["score"] == 0.9
        for segmentation, labels in zip(entry["segmentations"], maps, strict=True):
            if segmentation is None:
                assert object_id not in labels
            else:
                assert isinstance(segmentation["counts"], str)
                np.testing.assert_array_equal(coco.decode(segmentation), labels == object_id)


def test_round_trip(tmp_path: Path) -> None:
    marks = assert_same(write("youtube-vis", tmp_path, scene(), first=4)[0], scene(), first=4)
    assert (marks.names, marks.name) == (NAMES, "clip")


@quick
@given(label_maps)
def test_round_trip_of_random_masks(maps: list[np.ndarray]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert_same(write("youtube-vis", Path(folder), maps)[0], maps)
