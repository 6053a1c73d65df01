"""CVAT's XML with cvat-sdk and datumaro, and in a circle."""

import re
import tempfile
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from cvat_sdk.masks import decode_mask, encode_mask
from format_scenes import assert_same, iou, label_maps, maps_of, picture, quick, scene, write
from hypothesis import given
from PIL import Image

from mobilevos.errors import InputError
from mobilevos.formats.cvat import row_major_runs
from mobilevos.formats.given import open_marks
from mobilevos.video.sink import ObjectName


def test_cvat_sdk_decodes_the_masks(tmp_path: Path) -> None:
    maps = scene()
    path, warning = write("cvat", tmp_path, maps)
    assert warning is None
    root = ElementTree.parse(path).getroot()
    assert [name.text for name in root.iter("name")] == ["fish", "diver"]
    assert root.findtext(".//size") == "6"
    images = list(root.iter("image"))
    assert [(image.get("id"), image.get("name")) for image in images] == [(f"{i}", f"frame_{i:06d}") for i in range(6)]
    for image, labels in zip(images, maps, strict=True):
        assert [int(mask.attrib["group_id"]) for mask in image] == [i for i in np.unique(labels) if i]
        for mask in image:
            left, top, width, height = (int(mask.attrib[side]) for side in ("left", "top", "width", "height"))
            points = [*map(int, mask.attrib["rle"].split(",")), left, top, left + width - 1, top + height - 1]
            decoded = decode_mask(points, image_width=60, image_height=40)
            np.testing.assert_array_equal(decoded, labels == int(mask.attrib["group_id"]))


def test_runs_are_those_of_cvat_sdk() -> None:
    for mask in (np.eye(3, dtype=bool), ~np.eye(3, dtype=bool), np.ones((2, 3), bool)):
        assert row_major_runs(mask) == encode_mask(mask)[:-4]


def test_round_trip(tmp_path: Path) -> None:
    names = {1: ObjectName("x", 'fish & "chips" <1>'), 3: ObjectName("y", "diver")}
    marks = assert_same(write("cvat", tmp_path, scene(), first=3, names=names)[0], scene(), first=3)
    assert marks.names[1].kind == 'fish & "chips" <1>'


@quick
@given(label_maps)
def test_round_trip_of_random_masks(maps: list[np.ndarray]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert_same(write("cvat", Path(folder), maps)[0], maps)


def test_polygon_tracks(tmp_path: Path) -> None:
    """Lost is outside once, back is inside; what polygons cannot hold is told."""
    maps = scene()
    path, warning = write("cvat-polygons", tmp_path, maps)
    share = re.search(r"(\d+\.\d) % of the pixels differ", str(warning))
    assert share
    assert 5 < float(share[1]) < 15  # the hole, and the smaller part in frame 4
    tracks = list(ElementTree.parse(path).getroot().iter("track"))
    states = [[(int(shape.attrib["frame"]), shape.get("outside")) for shape in track] for track in tracks]
    assert states[0] == [(0, "0"), (1, "0"), (2, "0"), (3, "0"), (4, "0"), (5, "1")]
    assert states[1] == [(0, "0"), (1, "0"), (2, "1"), (4, "0"), (5, "1")]
    assert all(shape.get("keyframe") == "1" for track in tracks for shape in track)
    found = maps_of(open_marks(path, None))
    assert sorted(np.unique(np.stack([*found.values()])).tolist()) == [0, 1, 3]
    for index in range(2):
        np.testing.assert_array_equal(found[index] == 3, maps[index] == 3)


def test_polygons_of_whole_objects_are_exact(tmp_path: Path) -> None:
    y, x = np.mgrid[:120, :160]
    maps = [(((y - 60) ** 2 + (x - 50 - i) ** 2) < 900).astype(np.uint8) for i in range(4)]
    path, warning = write("cvat-polygons", tmp_path, maps)
    assert warning is None
    assert_same(path, maps)


# What CVAT exports


def save(folder: Path, body: str, name: str = "given.xml") -> Path:
    head = "<meta><task><original_size><width>6</width><height>4</height></original_size></task></meta>"
    (folder / name).write_text(f"<annotations><version>1.1</version>{head}{body}</annotations>")
    return folder / name


MASK = '<mask {} rle="0, 6" left="2" top="1" width="3" height="2"/>'


def image(index: int, shapes: str, name: str = "") -> str:
    return f'<image id="{index}" name="{name}" width="6" height="4">{shapes}</image>'


def test_masks_in_tracks_end_with_their_copy_outside(tmp_path: Path) -> None:
    shapes = "".join(MASK.format(f'frame="{i}" outside="{o}"') for i, o in ((2, 0), (3, 1)))
    marks = open_marks(save(tmp_path, f'<track id="0" label="fish">{shapes}</track>'), None)
    found = maps_of(marks)
    assert (sorted(found), found[3].any()) == ([2, 3], False)
    assert (found[2] > 0).sum() == 6
    assert marks.names == {1: ObjectName("object 1", "fish")}


def test_an_attribute_tells_the_object(tmp_path: Path) -> None:
    mask = MASK.format('label="fish"').replace("/>", '><attribute name="track_id">7</attribute></mask>')
    body = "".join(image(i, mask) for i in (0, 5))
    assert {i: int(m.max()) for i, m in maps_of(open_marks(save(tmp_path, body), None)).items()} == {0: 7, 5: 7}


def test_z_order_lies_above(tmp_path: Path) -> None:
    top = '<box label="a" group_id="1" xtl="0" ytl="0" xbr="4" ybr="4" z_order="2"/>'
    below = '<polygon label="b" group_id="2" points="0.00,0.00;6.00,0.00;6.00,4.00;0.00,4.00" z_order="1"/>'
    body = image(1, top + below + '<points points="1,1" label="c"/>')
    marks = open_marks(save(tmp_path, body), None)
    assert maps_of(marks)[1].tolist() == [[1, 1, 1, 1, 2, 2]] * 4
    assert "overlap" in str(marks.warning)
    assert "1 points" in str(marks.warning)


def test_an_archive_and_the_names_of_frames(tmp_path: Path) -> None:
    from mobilevos.video.reader import open_frames

    (tmp_path / "shots").mkdir()
    for index in range(3):
        Image.fromarray(picture(index, (4, 6))).save(tmp_path / "shots" / f"shot{index + 8}.png")
    body = image(0, MASK.format('label="x" group_id="4"'), "a/shot9.png")
    with zipfile.ZipFile(tmp_path / "task.zip", "w") as archive:
        archive.write(save(tmp_path, body), "annotations.xml")
    found = maps_of(open_marks(tmp_path / "task.zip", open_frames(tmp_path / "shots")))
    assert {index: int(labels.max()) for index, labels in found.items()} == {1: 4}


ONE = MASK.format('group_id="1"')
BAD = [
    (image(0, MASK.format('label="a"') * 2), "group the shapes"),
    (image(0, ONE.replace("6", "5")), "do not fill"),
    (image(0, ONE.replace('left="2"', 'left="4"')), "not within"),
    (image(0, '<polygon group_id="1" points="1,1;2"/>'), "cannot be read as cvat"),
    ("", "holds no frames"),
]


@pytest.mark.parametrize(("body", "why"), BAD)
def test_damaged_files_are_one_sentence(tmp_path: Path, body: str, why: str) -> None:
    with pytest.raises(InputError, match=why) as caught:
        open_marks(save(tmp_path, body), None)
    assert str(caught.value).count("\n") == 0


def test_no_xml(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<annotations>")
    with pytest.raises(InputError, match="no readable XML"):
        open_marks(tmp_path / "a.xml", None)


@pytest.mark.extras
def test_datumaro_reads_both(tmp_path: Path) -> None:
    """datumaro is in the readers extra."""
    from datumaro.components.dataset import Dataset

    maps = scene()
    for index in range(len(maps)):
        (tmp_path / "a" / "images").mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture(index)).save(tmp_path / "a" / "images" / f"frame_{index:06d}", "PNG")
    write("cvat", tmp_path / "a", maps)
    (tmp_path / "b").mkdir()
    write("cvat-polygons", tmp_path / "b", maps)
    items = {item.id: item for item in Dataset.import_from(str(tmp_path / "a"), "cvat")}
    for index, labels in enumerate(maps):
        masks = {a.group: a.image.astype(bool) for a in items[f"frame_{index:06d}"].annotations}
        assert set(masks) == {i for i in np.unique(labels) if i}
        for object_id, mask in masks.items():
            np.testing.assert_array_equal(mask, labels == object_id)
    polygons = [a for item in Dataset.import_from(str(tmp_path / "b"), "cvat") for a in item.annotations]
    assert {a.attributes["track_id"] for a in polygons} == {1, 3}
    first = next(a for a in polygons if a.attributes["track_id"] == 3)
    from pycocotools import mask as coco

    drawn = coco.decode(coco.frPyObjects([first.points], 40, 60))[..., 0].astype(bool)
    assert iou(drawn, maps[0] == 3) >= 0.98
