"""labelme's files with labelme itself, and in a circle."""

import json
import re
import tempfile
from pathlib import Path

import numpy as np
import pytest
from format_scenes import NAMES, assert_same, label_maps, maps_of, picture, quick, scene, write
from hypothesis import given
from PIL import Image

from mobilevos.errors import InputError
from mobilevos.formats.given import open_given, open_marks
from mobilevos.video.reader import open_frames
from mobilevos.video.sink import ObjectName


def by_labelme(path: Path, size: tuple[int, int]) -> np.ndarray:
    """The label map as labelme makes it, which is in the readers extra."""
    from labelme._label_file import read_label_file
    from labelme.utils import shapes_to_label

    file = read_label_file(str(path))
    shapes = [shape if isinstance(shape, dict) else vars(shape) for shape in file.shapes]
    labels = np.zeros(size, np.uint8)
    for shape in shapes:
        _, inside = shapes_to_label(size, [shape], {shape["label"]: 1})
        labels[inside > 0] = shape["group_id"]
    return labels


@pytest.mark.extras
@pytest.mark.parametrize("name", ["labelme", "labelme-polygons"])
def test_labelme_reads_it(tmp_path: Path, name: str) -> None:
    maps = scene()
    folder, warning = write(name, tmp_path, maps, pictures=True)
    assert sorted(file.name for file in folder.glob("[!.]*")) == sorted(
        f"{i:05d}.{kind}" for i in range(6) for kind in ("json", "jpg")
    )
    for index, labels in enumerate(maps):
        found = by_labelme(folder / f"{index:05d}.json", labels.shape)
        if name == "labelme-polygons":
            labels = np.where(found, found, labels)  # the hole is filled
            assert (found != maps[index]).sum() == (40 if index < 5 else 0)
        np.testing.assert_array_equal(found, labels)
        with Image.open(folder / f"{index:05d}.jpg") as image:
            assert image.size == (60, 40)
    if name == "labelme":
        assert warning is None
    else:
        assert re.search(r"polygons without holes: \d\.\d % of the pixels differ", str(warning))


def test_round_trip(tmp_path: Path) -> None:
    folder, _ = write("labelme", tmp_path, scene(), first=2, pictures=True)
    marks = assert_same(folder, scene(), first=2)
    assert marks.names == {i: ObjectName(name.name, name.kind) for i, name in NAMES.items()}


@quick
@given(label_maps)
def test_round_trip_of_random_masks(maps: list[np.ndarray]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert_same(write("labelme", Path(folder), maps, pictures=True)[0], maps)


def test_polygons_of_whole_objects_come_back(tmp_path: Path) -> None:
    y, x = np.mgrid[:120, :160]
    maps = [(((y - 60) ** 2 + (x - 50 - i) ** 2) < 900).astype(np.uint8) for i in range(3)]
    folder, warning = write("labelme-polygons", tmp_path, maps, pictures=True)
    assert warning is None
    assert_same(folder, maps)


# Files of annotators


def save(folder: Path, shapes: list[dict[str, object]], stem: str = "00003") -> Path:
    page = {"version": "5.0.1", "flags": {}, "shapes": shapes, "imagePath": f"{stem}.jpg", "imageData": None}
    Image.fromarray(picture(0)).save(folder / f"{stem}.jpg")
    (folder / f"{stem}.json").write_text(json.dumps({**page, "imageHeight": 40, "imageWidth": 60}))
    return folder / f"{stem}.json"


SHAPES = [
    {"label": "a", "shape_type": "polygon", "points": [[3.2, 4.7], [30.9, 6.1], [22.5, 33.3]], "group_id": 4},
    {"label": "a", "shape_type": "rectangle", "points": [[50.4, 30.6], [33.3, 12.2]], "group_id": 4},
    {"label": "b", "shape_type": "circle", "points": [[40, 10], [43.5, 14.2]], "group_id": 9},
    {"label": "b", "shape_type": "polygon", "points": [[1, 30], [9, 30], [9, 38], [1, 38]], "group_id": 9},
    {"label": "c", "shape_type": "linestrip", "points": [[1, 30], [9, 30]]},
]


@pytest.mark.extras
def test_shapes_are_drawn_as_labelme_draws_them(tmp_path: Path) -> None:
    marks = open_marks(save(tmp_path, SHAPES), None)
    found = maps_of(marks)[3]
    np.testing.assert_array_equal(found, by_labelme(save(tmp_path, SHAPES[:4]), (40, 60)))
    assert "1 lines and points" in str(marks.warning)
    assert marks.names[4].kind == "a"


def test_labels_are_objects_where_there_are_no_groups(tmp_path: Path) -> None:
    box = {"shape_type": "rectangle", "points": [[0, 0], [5, 5]]}
    save(tmp_path, [{**box, "label": "cat"}])
    save(tmp_path, [{**box, "label": "dog"}, {**box, "label": "cat", "points": [[20, 20], [25, 25]]}], "00007")
    found = maps_of(open_marks(tmp_path, None))
    assert {i: np.unique(m).tolist() for i, m in found.items()} == {3: [0, 1], 7: [0, 1, 2]}
    save(tmp_path, [{**box, "label": "cat"}, {**box, "label": "cat"}])
    with pytest.raises(InputError, match="several 'cat' in one frame"):
        open_marks(tmp_path, None)


def test_a_folder_of_corrections_belongs_to_the_frames_of_their_names(tmp_path: Path) -> None:
    for folder in ("frames", "given"):
        (tmp_path / folder).mkdir()
    for index in (7, 8, 9):
        Image.fromarray(picture(index)).save(tmp_path / "frames" / f"shot{index}.png")
    save(tmp_path / "given", SHAPES[:1], "shot9")
    frames = open_frames(tmp_path / "frames")
    given = open_given(tmp_path / "given", frames)
    assert (given.first, given.objects) == (2, [4])
    save(tmp_path / "given", SHAPES[:1], "other")
    with pytest.raises(InputError, match=r"other in .* matches no frame"):
        open_given(tmp_path / "given", frames)


BAD = [
    [{"label": "a", "shape_type": "polygon", "points": [[3, 4], [5, 6]], "group_id": 4}],
    [{"label": "a", "shape_type": "mask", "points": [[55, 4], [5, 6]], "group_id": 4, "mask": "AAAA"}],
    [{"shape_type": "polygon", "group_id": 4}],
    [{"label": "a", "shape_type": "polygon", "points": 3, "group_id": "x"}],
]


@pytest.mark.parametrize("shapes", BAD)
def test_damaged_files_are_one_sentence(tmp_path: Path, shapes: list[dict[str, object]]) -> None:
    with pytest.raises(InputError, match=r"cannot be read as labelme: .*\.$"):
        open_marks(save(tmp_path, shapes), None)
