"""How near polygons come to masks of one piece without holes: by our own readers and by those of others."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import supervision as sv
from format_scenes import iou, maps_of, write
from PIL import Image, ImageFilter
from pycocotools import mask as coco

from mobilevos.formats.given import open_marks
from mobilevos.formats.outlines import area, fill, outlines

SIZE = (90, 130)


def blob(seed: int) -> np.ndarray:
    """A ragged object of at least 100 pixels: the largest piece of smoothed noise, its holes filled."""
    random = np.random.default_rng(seed)
    noise = Image.fromarray(random.integers(0, 256, SIZE, np.uint8)).filter(ImageFilter.BoxBlur(1 + seed % 4))
    values = np.asarray(noise)
    ring = max(outlines(values > np.quantile(values, 0.45)), key=area)
    return fill([ring], SIZE)


BLOBS = [mask.astype(np.uint8) for seed in range(12) if (mask := blob(seed)).sum() >= 100]


@pytest.mark.parametrize("name", ["cvat-polygons", "labelme-polygons"])
def test_our_reader(tmp_path: Path, name: str) -> None:
    path, warning = write(name, tmp_path, BLOBS, pictures=True)
    assert warning is None
    found = maps_of(open_marks(path, None))
    for index, labels in enumerate(BLOBS):
        assert iou(found[index] > 0, labels > 0) >= 0.99


def test_their_reader_of_tracks(tmp_path: Path) -> None:
    """datumaro draws polygons by pycocotools."""
    path, _ = write("cvat-polygons", tmp_path, BLOBS)
    (track,) = ElementTree.parse(path).getroot().iter("track")
    for shape in track:
        points = [float(side) for point in shape.attrib["points"].split(";") for side in point.split(",")]
        drawn = coco.decode(coco.frPyObjects([points], *SIZE))[..., 0] > 0
        assert iou(drawn, BLOBS[int(shape.attrib["frame"])] > 0) >= 0.98


def test_their_reader_of_yolo(tmp_path: Path) -> None:
    yolo, _ = write("yolo", tmp_path, BLOBS, pictures=True)
    images, labels = yolo / "images" / "train", yolo / "labels" / "train"
    dataset = sv.DetectionDataset.from_yolo(str(images), str(labels), str(yolo / "data.yaml"), force_masks=True)
    for image, _, found in dataset:
        assert iou(found.mask[0], BLOBS[int(Path(image).stem[-5:])] > 0) >= 0.98


@pytest.mark.extras
def test_their_reader_of_labelme(tmp_path: Path) -> None:
    """labelme is in the readers extra."""
    from labelme._label_file import read_label_file
    from labelme.utils import shapes_to_label

    folder, _ = write("labelme-polygons", tmp_path, BLOBS, pictures=True)
    for index, labels in enumerate(BLOBS):
        shapes = [*read_label_file(str(folder / f"{index:05d}.json")).shapes]
        assert iou(shapes_to_label(SIZE, shapes, {"fish": 1})[0] > 0, labels > 0) >= 0.98
