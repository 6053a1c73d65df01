"""Layouts of benchmarks and detectors with the readers that they have."""

import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
import supervision as sv
from benchmark_readers import burst_masks, davis_masks, mots_image, mots_text
from format_scenes import assert_same, iou, label_maps, quick, scene, write
from hypothesis import given

from mobilevos.errors import InputError
from mobilevos.formats.given import open_marks
from mobilevos.formats.yolo import joined
from mobilevos.video import rle
from mobilevos.video.sink import ObjectName


@pytest.mark.parametrize("name", ["davis2017", "mose", "youtube-vos", "lvos"])
def test_folders_of_palette_images(tmp_path: Path, name: str) -> None:
    maps = scene()
    folder, warning = write(name, tmp_path, maps)
    assert warning is None
    inside = folder / "Annotations" if name in ("youtube-vos", "lvos") else folder
    assert os.listdir(inside) == ["clip"]
    masks = davis_masks(inside, "clip", [f"{index:05d}" for index in range(6)])
    for object_id in (1, 3):
        np.testing.assert_array_equal(masks[object_id - 1], np.stack(maps) == object_id)
    assert_same(inside / "clip", maps)


def test_ids_that_mean_void_are_told(tmp_path: Path) -> None:
    assert "void" in str(write("davis2017", tmp_path, [np.full((4, 6), 254, np.uint8)])[1])


def test_burst(tmp_path: Path) -> None:
    maps = scene()
    path, _ = write("burst", tmp_path, maps)
    for masks, labels in zip(burst_masks(path), maps, strict=True):
        assert set(masks) == {1, 3}
        for object_id, mask in masks.items():
            np.testing.assert_array_equal(mask, labels == object_id)
    marks = assert_same(path, maps)
    assert marks.names[3].kind == "diver"


MOTS = {1: ObjectName("a", "car"), 3: ObjectName("b", "pedestrian")}


def test_mots(tmp_path: Path) -> None:
    maps = scene()
    path, warning = write("mots", tmp_path, maps, names=MOTS, number_from=1)
    assert warning is None
    found = mots_text(path)
    assert sorted(found) == [1, 2, 3, 4, 5]
    for index, labels in enumerate(maps[:5], 1):
        assert set(found[index]) == {{1: 1001, 3: 2003}[i] for i in np.unique(labels) if i}
        for whole_id, mask in found[index].items():
            np.testing.assert_array_equal(mask, labels == whole_id % 1000)
    marks = assert_same(write("mots", tmp_path, maps, names=MOTS)[0], maps, empty=False)
    assert {i: name.kind for i, name in marks.names.items()} == {1: "car", 3: "pedestrian"}
    assert "fish, diver became pedestrians" in str(write("mots", tmp_path, maps)[1])


def test_mots_images(tmp_path: Path) -> None:
    maps = scene()
    folder, _ = write("mots-png", tmp_path, maps, names=MOTS)
    for index, labels in enumerate(maps):
        for whole_id, mask in mots_image(folder / f"{index:06d}.png").items():
            np.testing.assert_array_equal(mask, labels == whole_id % 1000)
    assert_same(folder, maps)


def test_ids_of_both_classes_stay_apart(tmp_path: Path) -> None:
    corner = rle.encode(np.arange(24).reshape(4, 6) == 0)["counts"]
    (tmp_path / "a.txt").write_text(f"0 1001 1 4 6 9220003\n0 2001 2 4 6 {corner}\n0 10000 10 4 6 {corner}\n")
    marks = open_marks(tmp_path / "a.txt", None)
    assert sorted(marks.names) == [1, 2]
    assert "to be ignored" in str(marks.warning)
    (tmp_path / "a.txt").write_text("0 1001 1 4 6 9220009\n")
    with pytest.raises(InputError, match=r"do not fill|damaged"):
        open_marks(tmp_path / "a.txt", None)


@quick
@given(label_maps)
def test_round_trip_of_random_masks(maps: list[np.ndarray]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert_same(write("burst", Path(folder), maps)[0], maps)
        if any(labels.any() for labels in maps):
            for name in ("mots", "mots-png"):
                path, _ = write(name, Path(folder), maps, names={})
                assert_same(path, maps, empty=name == "mots-png")


# YOLO


def test_yolo_with_supervision(tmp_path: Path) -> None:
    y, x = np.mgrid[:120, :160]
    maps = []
    for index in range(3):
        labels = (((y - 40) ** 2 + (x - 50 - index) ** 2) < 900).astype(np.uint8)
        labels[80:110, 20 * index : 20 * index + 70] = 3
        maps.append(labels)
    folder, warning = write("yolo", tmp_path, maps, pictures=True)
    assert warning is None
    dataset = sv.DetectionDataset.from_yolo(
        str(folder / "images" / "train"), str(folder / "labels" / "train"), str(folder / "data.yaml"), force_masks=True
    )
    assert dataset.classes == ["fish", "diver"]
    assert len(dataset) == 3
    for image, _, found in dataset:
        labels = maps[int(Path(image).stem[-5:])]
        assert found.class_id.tolist() == [0, 1]
        for mask, object_id in zip(found.mask, (1, 3), strict=True):
            assert iou(mask, labels == object_id) >= 0.99


def check_label_lines(path: Path, size: tuple[int, int], classes: int) -> None:
    """The rules of Ultralytics' ``verify_image_label``."""
    lines = [line.split() for line in path.read_text().strip().splitlines()]
    assert not any(len(line) == 5 for line in lines)
    for line in lines:
        values = np.array(line[1:], np.float32)
        assert len(values) % 2 == 0
        assert len(values) >= 6
        assert 0 <= values.min() <= values.max() <= 1.01
        assert 0 <= int(line[0]) < classes
    assert len({tuple(line) for line in lines}) == len(lines)


def test_yolo_joins_parts_and_tells_what_holes_cost(tmp_path: Path) -> None:
    maps = scene()
    folder, warning = write("yolo", tmp_path, maps, pictures=True)
    assert "of the pixels differ" in str(warning)
    for index in range(6):
        check_label_lines(folder / "labels" / "train" / f"clip_{index:05d}.txt", (40, 60), 2)
    assert (folder / "labels" / "train" / "clip_00005.txt").read_text() == ""
    parts = [np.array([(0, 0), (2, 0), (2, 2), (0, 2)]) + (offset, 0) for offset in (0, 20, 5)]  # noqa: RUF005
    ring = joined(parts)
    assert len(ring) == 3 * 4 + 2 * 2


def test_earlier_files_go_and_changed_ones_stay(tmp_path: Path) -> None:
    from mobilevos.video.results import remove_results

    folder, _ = write("yolo", tmp_path, scene(), pictures=True)
    (folder / "labels" / "train" / "clip_00001.txt").write_text("0 0 0 1 0 1 1\n")
    (folder / "notes.txt").write_text("mine")
    remove_results(folder)
    left = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert left == ["labels/train/clip_00001.txt", "notes.txt"]
