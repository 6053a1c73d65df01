"""COCO for video, with pycocotools and in a circle."""

import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from format_scenes import NAMES, assert_same, label_maps, maps_of, quick, scene, write
from hypothesis import given
from pycocotools.coco import COCO

from mobilevos.errors import InputError
from mobilevos.formats.given import open_marks
from mobilevos.video import rle
from mobilevos.video.sink import ObjectName


def test_pycocotools_reads_it(tmp_path: Path) -> None:
    maps = scene()
    path, warning = write("coco", tmp_path, maps)
    assert warning is None
    assert [file.name for file in tmp_path.iterdir()] == ["coco.json"]
    coco = COCO(path)
    assert coco.getImgIds() == [1, 2, 3, 4, 5, 6]
    assert [category["name"] for category in coco.loadCats(coco.getCatIds())] == ["fish", "diver"]
    assert coco.loadImgs([3])[0]["file_name"] == "clip/00002.jpg"
    assert coco.loadImgs([3])[0]["timestamp"] == pytest.approx(2 / 24, abs=1e-6)
    for index, labels in enumerate(maps):
        annotations = coco.loadAnns(coco.getAnnIds(imgIds=[index + 1]))
        assert [a["track_id"] for a in annotations] == [i for i in np.unique(labels) if i]
        for annotation in annotations:
            mask = coco.annToMask(annotation)
            np.testing.assert_array_equal(mask, labels == annotation["track_id"])
            assert annotation["area"] == mask.sum()
            assert annotation["bbox"] == coco_box(mask)
            assert annotation["score"] == 0.9
    assert {track["id"]: track["name"] for track in coco.dataset["tracks"]} == {1: "nemo", 3: "jane"}


def coco_box(mask: np.ndarray) -> list[int]:
    from pycocotools.mask import encode, toBbox

    return [int(side) for side in toBbox(encode(np.asfortranarray(mask)))]


def test_round_trip(tmp_path: Path) -> None:
    marks = assert_same(write("coco", tmp_path, scene(), first=7)[0], scene(), first=7)
    assert (marks.names, marks.name, marks.fps) == (NAMES, "clip", 24)


@quick
@given(label_maps)
def test_round_trip_of_random_masks(maps: list[np.ndarray]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("coco", "rle"):
            assert_same(write(name, Path(folder), maps)[0], maps)


# Files of others


def save(folder: Path, **data: object) -> Path:
    default = {"images": [{"id": 5, "file_name": "a/00003.jpg", "width": 6, "height": 4}], "categories": []}
    (folder / "given.json").write_text(json.dumps({**default, **data}))
    return folder / "given.json"


MASK = np.zeros((4, 6), bool)
MASK[1:3, 2:5] = True
SHAPES = [
    {"size": [4, 6], "counts": rle.encode(MASK)["counts"]},
    {"size": [4, 6], "counts": [9, 2, 2, 2, 2, 2, 5]},
    [[2, 1, 5, 1, 5, 3, 2, 3]],
    [[2, 1, 4, 1, 4, 3, 2, 3], [4, 1, 5, 1, 5, 3, 4, 3]],
]


@pytest.mark.parametrize("segmentation", SHAPES)
def test_kinds_of_masks(tmp_path: Path, segmentation: object) -> None:
    path = save(tmp_path, annotations=[{"id": 9, "image_id": 5, "category_id": 1, "segmentation": segmentation}])
    marks = open_marks(path, None)
    np.testing.assert_array_equal(maps_of(marks)[3], MASK)


def test_objects_of_one_image_are_numbered_by_their_annotations(tmp_path: Path) -> None:
    entries = [
        {"id": 9, "image_id": 5, "category_id": 2, "segmentation": [[3, 0, 6, 0, 6, 4, 3, 4]]},
        {"id": 4, "image_id": 5, "category_id": 2, "segmentation": [[0, 0, 3, 0, 3, 4, 0, 4]]},
        {"id": 2, "image_id": 5, "category_id": 2, "segmentation": [[0, 0, 6, 0, 6, 4, 0, 4]], "iscrowd": 1},
    ]
    marks = open_marks(save(tmp_path, annotations=entries, categories=[{"id": 2, "name": "cat"}]), None)
    assert maps_of(marks)[3].tolist() == [[1, 1, 1, 2, 2, 2]] * 4
    assert marks.names[2] == ObjectName("object 2", "cat")
    assert "crowds" in str(marks.warning)


def test_later_shapes_lie_above_and_large_ids_are_numbered_anew(tmp_path: Path) -> None:
    entries = [
        {"id": 1, "image_id": 5, "track_id": 700, "segmentation": [[0, 0, 4, 0, 4, 4, 0, 4]]},
        {"id": 2, "image_id": 5, "track_id": 3, "segmentation": [[2, 0, 6, 0, 6, 4, 2, 4]]},
    ]
    marks = open_marks(save(tmp_path, annotations=entries), None)
    assert maps_of(marks)[3].tolist() == [[2, 2, 1, 1, 1, 1]] * 4
    assert "overlap" in str(marks.warning)
    assert "ids 1 to 2" in str(marks.warning)


def test_255_is_no_id(tmp_path: Path) -> None:
    """In images of masks it would be void."""
    entry = {"id": 1, "image_id": 5, "track_id": 255, "segmentation": [[0, 0, 4, 0, 4, 4, 0, 4]]}
    marks = open_marks(save(tmp_path, annotations=[entry]), None)
    assert maps_of(marks)[3].max() == 1
    many = [{**entry, "id": k, "track_id": k} for k in range(1, 256)]
    with pytest.raises(InputError, match="has 255 objects, but 254 are the most"):
        open_marks(save(tmp_path, annotations=many), None)


BAD = [
    ({"annotations": [{"image_id": 5, "track_id": 1}]}, "it lacks 'segmentation'"),
    ({"annotations": [{"image_id": 5, "track_id": 1, "segmentation": {"size": [4, 6], "counts": [3]}}]}, "do not fill"),
    ({"annotations": [{"image_id": 5, "track_id": 1, "segmentation": {"size": [9, 9], "counts": [81]}}]}, "is 9x9"),
    ({"annotations": [{"image_id": 5, "track_id": 1, "segmentation": [[1, 2, 3]]}]}, "reshape"),
    ({"annotations": [], "images": []}, "holds no frames"),
    ({"annotations": "", "images": 5}, "cannot be read as coco"),
]


@pytest.mark.parametrize(("data", "why"), BAD)
def test_damaged_files_are_one_sentence(tmp_path: Path, data: dict[str, object], why: str) -> None:
    path = save(tmp_path, **data)
    with pytest.raises(InputError, match=why) as caught:
        open_marks(path, None)
    assert str(caught.value).count("\n") == 0
    assert str(caught.value).endswith(".")


def test_tracks_without_ids_are_refused(tmp_path: Path) -> None:
    images = [{"id": i, "file_name": f"{i}.jpg", "width": 6, "height": 4} for i in (1, 2)]
    entries = [{"id": i, "image_id": i, "segmentation": SHAPES[2]} for i in (1, 2)]
    with pytest.raises(InputError, match="give each annotation a track_id"):
        open_marks(save(tmp_path, images=images, annotations=entries), None)
