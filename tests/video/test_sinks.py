"""Each output read back with an independent reader."""

import json
import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from mobilevos.errors import InputError, OutputError
from mobilevos.formats.registry import FORMATS, check_outputs, writer
from mobilevos.video.masks import load_mask
from mobilevos.video.overlay import overlay
from mobilevos.video.reader import open_frames
from mobilevos.video.sink import Clip, Result, Sink

SIZE = (48, 64)
FPS = Fraction(25)
OWN = ("masks", "overlay", "rle", "rgba")


def sink_of(name: str, out: Path) -> Sink:
    return writer(name, out / FORMATS[name].file, Clip("clip", SIZE, FPS))


def scene(index: int) -> tuple[np.ndarray, np.ndarray]:
    """Object 1 moves; object 4 is there in even frames only; frame 3 is empty."""
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    frame = np.dstack([x * 4, y * 5, np.full_like(x, 30 * index)]).astype(np.uint8)
    labels = np.zeros(SIZE, np.uint8)
    if index != 3:
        labels[5:20, 4 + index : 24 + index] = 1
        labels[30:40, 30:60] = 4 * (index % 2 == 0)
    return frame, labels


def run(name: str, out: Path, frames: int = 6) -> Path:
    sink = sink_of(name, out)
    assert os.listdir(out) == []
    for index in range(frames):
        sink.write(Result(index, f"{index:05d}", *scene(index)))
    sink.close()
    return sink.path


def test_masks(tmp_path: Path) -> None:
    assert run("masks", tmp_path) == tmp_path / "masks"
    assert sorted(os.listdir(tmp_path / "masks")) == [f"{i:05d}.png" for i in range(6)]
    for index in range(6):
        np.testing.assert_array_equal(load_mask(tmp_path / "masks" / f"{index:05d}.png"), scene(index)[1])


def test_cutouts(tmp_path: Path) -> None:
    run("rgba", tmp_path)
    for index in range(6):
        frame, labels = scene(index)
        with Image.open(tmp_path / "rgba" / f"{index:05d}.png") as image:
            assert image.mode == "RGBA"
            rgba = np.array(image)
        inside = labels > 0
        np.testing.assert_array_equal(rgba[..., 3], inside * 255)
        np.testing.assert_array_equal(rgba[inside][:, :3], frame[inside])
        assert not rgba[~inside].any()


def test_overlay(tmp_path: Path) -> None:
    assert run("overlay", tmp_path) == tmp_path / "overlay.mp4"
    source = open_frames(tmp_path / "overlay.mp4")
    assert source.fps == FPS
    for index, frame in enumerate(source):
        assert np.abs(frame.astype(int) - overlay(*scene(index))).mean() < 10  # thin lines lose colour in 4:2:0
    assert index == 5


def test_rle_is_a_coco_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("rle", tmp_path)
    assert os.listdir(tmp_path) == ["masks.json"]
    coco = COCO(tmp_path / "masks.json")
    assert coco.getImgIds() == list(range(6))
    assert coco.getCatIds() == [1, 4]
    of_video = {"video_id": 1, "frame_index": 2}
    assert coco.loadImgs([2])[0] == {"id": 2, "file_name": "00002", "width": 64, "height": 48, **of_video}
    for index in range(6):
        labels = scene(index)[1]
        annotations = coco.loadAnns(coco.getAnnIds(imgIds=[index]))
        assert [a["category_id"] for a in annotations] == [i for i in np.unique(labels) if i]
        for annotation in annotations:
            mask = coco.annToMask(annotation)
            np.testing.assert_array_equal(mask, labels == annotation["category_id"])
            rows, columns = np.nonzero(mask)
            left, top, width, height = annotation["bbox"]
            assert (left, top) == (columns.min(), rows.min())
            assert (left + width, top + height) == (columns.max() + 1, rows.max() + 1)
            assert annotation["area"] == mask.sum()


def test_rle_without_any_object_is_valid(tmp_path: Path) -> None:
    sink = sink_of("rle", tmp_path)
    sink.write(Result(0, "00000", *scene(3)))
    sink.close()
    data = json.loads((tmp_path / "masks.json").read_text())
    assert (len(data["images"]), data["annotations"], data["categories"]) == (1, [], [])


def test_rle_interrupted_inside_a_frame_has_the_frames_before(tmp_path: Path) -> None:
    class Interrupting(np.ndarray):
        def any(self, *args, **kwargs):  # type: ignore[no-untyped-def]
            raise KeyboardInterrupt

    sink = sink_of("rle", tmp_path)
    sink.write(Result(0, "00000", *scene(0)))
    frame, labels = scene(1)
    with pytest.raises(KeyboardInterrupt):
        sink.write(Result(1, "00001", frame, labels.view(Interrupting)))
    sink.close()
    assert os.listdir(tmp_path) == ["masks.json"]
    assert [image["id"] for image in json.loads((tmp_path / "masks.json").read_text())["images"]] == [0]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("part", [".masks.part.json", ".masks-images.part.json"])
def test_rle_on_a_full_disk_leaves_nothing(tmp_path: Path, part: str) -> None:
    (tmp_path / part).symlink_to("/dev/full")
    sink = sink_of("rle", tmp_path)
    sink.write(Result(0, "00000", *scene(0)))
    with pytest.raises(OutputError, match="disk is full"):
        sink.close()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", OWN)
def test_closing_without_frames_leaves_nothing(tmp_path: Path, name: str) -> None:
    sink_of(name, tmp_path).close()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("names", [(), ("mask",), ("masks", "masks")])
def test_bad_choice_of_outputs(names: tuple[str, ...]) -> None:
    with pytest.raises(InputError):
        check_outputs(names)
    check_outputs(OWN)
