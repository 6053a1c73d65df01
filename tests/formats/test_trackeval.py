"""What TrackEval asks of MOTS, YouTube-VIS and BURST: an export is its own truth, so its HOTA has to be 1.

Each reader here keeps the rules of TrackEval's (`KittiMOTS`, `MOTSChallenge`, `YouTubeVIS`, `BURST`), which is in no
package registry, and gives what is compared: the objects of each time step.
"""

import csv
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmark_readers import mots_image
from format_scenes import label_maps, quick, scene, write
from hypothesis import given
from pycocotools import mask as coco

from mobilevos import sample
from mobilevos.formats.registry import FORMATS, writer
from mobilevos.video.sink import Clip, ObjectName, Result

Steps = list[dict[int, np.ndarray]]
"""Masks by id, for each time step."""

OF_BURST = {20, 63, 108, 180, 188, 204, 212, 247}
"""Numbers below 256 of classes that BURST has merged into others; objects of these are left out of the evaluation."""


def mots(path: Path, count: int, first: int) -> tuple[Steps, set[int]]:
    """With the classes."""
    steps: Steps = [{} for _ in range(count)]
    kinds = set()
    with path.open() as file:
        head = file.readline()
        file.seek(0)
        rows = csv.reader(file, csv.Sniffer().sniff(head, delimiters=" ")) if head else ()
        for frame, whole_id, kind, height, width, counts in rows:
            step = steps[range(first, first + count).index(int(frame))]
            assert int(whole_id) not in step
            step[int(whole_id)] = coco.decode({"size": [int(height), int(width)], "counts": counts.encode()}) > 0
            assert np.sum(list(step.values()), axis=0).max() <= 1, "masks overlap"
            kinds.add(int(kind))
    return steps, kinds


def youtube_vis(truth: Path, results: Path) -> tuple[Steps, Steps]:
    """Of both files, by the place of the entry."""
    data = json.loads(truth.read_text())
    with zipfile.ZipFile(results) as archive:
        found = json.loads(archive.read("results.json"))
    (video,) = data["videos"]
    assert video["file_names"][0].split("/")[0] == "clip"
    kinds = [category["id"] for category in data["categories"]]
    count = len(video["file_names"])
    steps: tuple[Steps, Steps] = [{} for _ in range(count)], [{} for _ in range(count)]
    assert len({entry["id"] for entry in data["annotations"]}) == len(data["annotations"])
    for place, (entry, result) in enumerate(zip(data["annotations"], found, strict=True)):
        assert entry["iscrowd"] == 0
        assert np.mean([area for area in entry["areas"] if area])
        assert float(result["score"]) == result["score"]
        for one, into in ((entry, steps[0]), (result, steps[1])):
            assert one["video_id"] == video["id"]
            assert one["category_id"] == entry["category_id"]
            assert one["category_id"] in kinds
            for step, code in enumerate(one["segmentations"]):
                if code:
                    packed = coco.frPyObjects(code, entry["height"], entry["width"]) if one is entry else code
                    into[step][place] = coco.decode(packed) > 0
    return steps


def burst(path: Path) -> Steps:
    """As truth, whose frames are numbered by their names, and as results."""
    data = json.loads(path.read_text())
    assert data["split"]
    (video,) = data["sequences"]
    assert all("/" not in video[key] for key in ("dataset", "seq_name"))
    names = video["annotated_image_paths"]
    order = [int(name.replace(".jpg", "").replace(".png", "").replace("frame", "").split("_")[-1]) for name in names]
    assert order == sorted(set(order))
    steps: Steps = []
    for masks in video["segmentations"]:
        steps.append({})
        for object_id, mask in masks.items():
            if int(video["track_category_ids"][object_id]) not in OF_BURST:
                code = {"counts": mask["rle"], "size": [video["height"], video["width"]]}
                assert coco.toBbox(code)[2:].min() >= 1
                steps[-1][int(object_id)] = coco.decode(code) > 0
    assert len(steps) == len(names)
    return steps


def assert_all(steps: Steps, maps: list[np.ndarray], ids: dict[int, int]) -> None:
    """Every object of every label map is there, and nothing else; ``ids`` are the reader's for ours."""
    for step, labels in zip(steps, maps, strict=True):
        assert set(step) == {ids[i] for i in np.unique(labels).tolist() if i}
        for i in ids:
            if ids[i] in step:
                np.testing.assert_array_equal(step[ids[i]], labels == i)


def check(folder: Path, maps: list[np.ndarray], names: dict[int, ObjectName]) -> None:
    """All four formats, with both ways to count frames."""
    ids = sorted({i for labels in maps for i in np.unique(labels).tolist() if i})
    whole = {i: (1000 if i in names and names[i].kind == "car" else 2000) + i for i in ids}
    for first in (0, 1):
        path, _ = write("mots", folder, maps, names=names, number_from=first)
        steps, kinds = mots(path, len(maps), first)
        assert_all(steps, maps, whole)
        assert kinds == {i // 1000 for i in whole.values()}
    pictures, _ = write("mots-png", folder, maps, names=names)
    for index, labels in enumerate(maps):  # pixels of 16 bits hold the same ids
        assert_all([mots_image(pictures / f"{index:06d}.png")], [labels], whole)
    truth, results = (write(name, folder, maps, names=names)[0] for name in ("youtube-vis", "youtube-vis-results"))
    for steps in youtube_vis(truth, results):
        assert_all(steps, maps, {i: place for place, i in enumerate(ids)})
    assert_all(burst(write("burst", folder, maps, names=names)[0]), maps, {i: i for i in ids})


NAMES = {1: ObjectName("a", "car"), 3: ObjectName("b", "pedestrian")}


def test_an_export_is_its_own_truth(tmp_path: Path) -> None:
    check(tmp_path, scene(), NAMES)


def test_the_sample(tmp_path: Path) -> None:
    check(tmp_path, list(sample.tracked()), {1: ObjectName("clown", "fish")})


@quick
@given(label_maps)
def test_random_maps(maps: list[np.ndarray]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(Path(folder), maps, {1: ObjectName("a", "car")})


def test_no_class_is_lost_in_burst(tmp_path: Path) -> None:
    labels = np.zeros((40, 60), np.uint8)
    labels.flat[:250] = np.arange(1, 251)
    names = {i: ObjectName(f"n{i}", f"kind {i}") for i in range(1, 251)}
    path, _ = write("burst", tmp_path, [labels], names=names)
    assert_all(burst(path), [labels], {i: i for i in names})
    data = json.loads(path.read_text())
    kinds = {entry["id"]: entry["name"] for entry in data["categories"]}
    known = data["sequences"][0]["track_category_ids"]
    assert {int(i): kinds[kind] for i, kind in known.items()} == {i: name.kind for i, name in names.items()}


@pytest.mark.parametrize(
    ("name", "told"),
    [("00007.jpg", False), ("frame0007.png", False), ("a_b_7.jpg", False), ("shot.1001.png", True), ("7.jpeg", True)],
)
def test_names_without_a_frame_number_are_told_of_in_burst(tmp_path: Path, name: str, told: bool) -> None:
    labels = np.ones((4, 6), np.uint8)
    sink: Any = writer("burst", tmp_path / FORMATS["burst"].file, Clip("clip", (4, 6), objects=(1,), fps=24))  # type: ignore[arg-type]
    sink.write(Result(0, name, None, labels))
    sink.close()
    if told:
        assert f"no frame number in {name} " in sink.warning
        with pytest.raises(ValueError, match="invalid literal"):
            burst(sink.path)
    else:
        assert sink.warning is None
        burst(sink.path)
