"""Formats through the two doors that people use: `segment` and `convert`."""

import json
import os
import tracemalloc
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from format_scenes import NAMES, maps_of, picture, results, scene, write
from PIL import Image

from command import mobilevos
from mobilevos import sample
from mobilevos.commands.app import Output
from mobilevos.errors import Advice, InputError
from mobilevos.formats.convert import convert
from mobilevos.formats.given import open_marks
from mobilevos.formats.registry import FORMATS, writer
from mobilevos.segment import segment
from mobilevos.tracker import ObjectState
from mobilevos.video.masks import load_mask, save_palette_png
from mobilevos.video.sink import Clip
from mobilevos.video.sinks import read_states

WRITTEN = [name for name, known in FORMATS.items() if known.write]
EXACT = [
    "masks",
    "rle",
    "coco",
    "youtube-vis",
    "cvat",
    "labelme",
    "mots",
    "mots-png",
    "burst",
    "label-studio",
]


def test_the_command_line_knows_every_format() -> None:
    assert [*get_args(Output)] == WRITTEN


class Replaying:
    """Gives the scene back, and what a tracker knows of its objects."""

    def __init__(self) -> None:
        self.index = -1

    def start(self, frame: np.ndarray, mask: np.ndarray) -> np.ndarray:
        return self.step(frame)

    def step(self, frame: np.ndarray) -> np.ndarray:
        self.index += 1
        return scene()[self.index]

    def add(self, mask: np.ndarray) -> np.ndarray:
        return scene()[self.index]

    @property
    def objects(self) -> dict[int, ObjectState]:
        areas = {i: int((scene()[self.index] == i).sum()) for i in (1, 3)}
        return {i: ObjectState("visible", 0.98765, a) if a else ObjectState("lost", 0, 0) for i, a in areas.items()}

    def soft(self, ids: list[int]) -> np.ndarray:
        return np.isin(scene()[self.index], ids) * np.float32(0.75)


@pytest.fixture
def frames(tmp_path: Path) -> Path:
    (tmp_path / "clip").mkdir()
    for index in range(6):
        Image.fromarray(picture(index)).save(tmp_path / "clip" / f"{index:05d}.png")
    save_palette_png(tmp_path / "first.png", scene()[0])
    (tmp_path / "names.json").write_text(json.dumps({i: {"name": n.name, "class": n.kind} for i, n in NAMES.items()}))
    return tmp_path / "clip"


def test_segment_writes_every_format_and_the_states(frames: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    summary = segment(
        frames, tmp_path / "first.png", out, tracker=Replaying(), outputs=WRITTEN, names=tmp_path / "names.json"
    )
    assert {name: Path(path).name for name, path in summary.outputs.items()} == {n: FORMATS[n].file for n in WRITTEN}
    assert "boxes alone" in str(summary.warning)
    states = read_states(out / "objects.jsonl")
    assert [states[index][3].state for index in range(6)] == ["visible", "visible", "lost", "lost", "visible", "lost"]
    assert states[0][1] == (460, "visible", 0.9877)
    for name in EXACT:
        marks = open_marks(out if name == "masks" else out / FORMATS[name].file, None)
        for index, labels in maps_of(marks).items():
            np.testing.assert_array_equal(labels, scene()[index], name)
    with Image.open(out / "mattes" / "jane" / "clip.0000.png") as image:
        assert np.asarray(image).max() == 191  # soft
    before = sorted(str(path) for path in out.rglob("*"))
    segment(frames, tmp_path / "first.png", out, tracker=Replaying(), outputs=("masks",))
    assert sorted(os.listdir(out)) == ["masks", "objects.jsonl", "summary.json"], before


@pytest.mark.parametrize("name", [name for name in EXACT if name not in ("masks", "rle")])
def test_segment_takes_what_it_wrote(frames: Path, tmp_path: Path, name: str) -> None:
    """Also with ids and names; a format that says its frames leaves nothing to --start."""
    path, _ = write(name, tmp_path, scene()[:2], pictures=True, first=0)
    summary = segment(frames, path, tmp_path / "out", tracker=Replaying(), outputs=("coco",))
    assert (summary.objects, summary.first, summary.frames) == ([1, 3], 0, 6)
    if name not in ("mots", "mots-png"):
        marks = open_marks(tmp_path / "out" / "coco.json", None)
        assert [marks.names[i].kind for i in (1, 3)] == ["fish", "diver"]
    with pytest.raises(InputError, match="--start"):
        segment(frames, path, tmp_path / "out", tracker=Replaying(), start=1)


def test_a_later_frame_and_a_warning(frames: Path, tmp_path: Path) -> None:
    entry = {"image_id": 1, "segmentation": [[0, 0, 9, 0, 9, 9, 0, 9]]}
    data = {
        "images": [{"id": 1, "file_name": "00004.png", "width": 60, "height": 40}],
        "annotations": [{**entry, "id": 1}, {**entry, "id": 2, "segmentation": [[5, 0, 19, 0, 19, 9, 5, 9]]}],
    }
    (tmp_path / "given.json").write_text(json.dumps(data))
    with pytest.warns(Advice, match="overlap"):
        summary = segment(frames, tmp_path / "given.json", tmp_path / "out", tracker=Replaying(), outputs=("masks",))
    assert (summary.first, summary.objects) == (4, [1, 2])
    data["images"][0]["width"] = 61  # type: ignore[index]
    (tmp_path / "given.json").write_text(json.dumps(data))
    with pytest.raises(InputError, match="61x40 but the frames are 60x40"):
        segment(frames, tmp_path / "given.json", tmp_path / "out", tracker=Replaying())


@pytest.mark.parametrize("name", [name for name in EXACT if name != "rle"])
def test_the_sample_goes_round(tmp_path: Path, name: str) -> None:
    truth = sample.truth()[::11]
    (tmp_path / "masks").mkdir()
    for index, labels in enumerate(truth):
        save_palette_png(tmp_path / "masks" / f"{index:05d}.png", labels)
    video = sample.clip_path() if FORMATS[name].pictures else None
    done = convert(tmp_path / "masks", name, tmp_path / "there" / FORMATS[name].file, video=video)
    back = convert(done.output, "masks", tmp_path / "back")
    assert (done.frames, done.objects, back.frames) == (len(truth), [1, 2], len(truth))
    for index, labels in enumerate(truth):
        np.testing.assert_array_equal(load_mask(tmp_path / "back" / f"{index:05d}.png"), labels)


def test_files_of_others_among_masks_change_nothing(frames: Path, tmp_path: Path) -> None:
    (tmp_path / "given" / "masks").mkdir(parents=True)
    (tmp_path / "given" / "notes.json").write_text("{")
    soft = (
        Image.fromarray(np.uint8(scene()[0] == 1) * 255).resize((240, 160)).resize((60, 40), Image.Resampling.BICUBIC)
    )
    soft.save(tmp_path / "given" / "00002.png")
    with pytest.raises(InputError, match="--snap"):
        segment(frames, tmp_path / "given", tmp_path / "out", tracker=Replaying())
    summary = segment(frames, tmp_path / "given", tmp_path / "out", tracker=Replaying(), snap=True)
    assert (summary.first, summary.objects) == (2, [1])


@pytest.mark.parametrize("outputs", [("masks",), ("labelme",)])
def test_what_is_given_is_neither_overwritten_nor_removed(frames: Path, tmp_path: Path, outputs: tuple[str]) -> None:
    segment(frames, tmp_path / "first.png", tmp_path / "out", tracker=Replaying(), outputs=("labelme", "mose"))
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    for mask in ("labelme", "labelme/00000.json", "mose/clip", "mose/clip/00003.png"):
        with pytest.raises(InputError, match="would overwrite the input"):
            segment(frames, tmp_path / "out" / mask, tmp_path / "out", tracker=Replaying(), outputs=outputs)
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()} == before


def test_an_output_folder_is_taken_as_masks(frames: Path, tmp_path: Path) -> None:
    segment(frames, tmp_path / "first.png", tmp_path / "one", tracker=Replaying(), outputs=("masks",))
    summary = segment(frames, tmp_path / "one", tmp_path / "two", tracker=Replaying(), outputs=("masks",))
    assert (summary.first, summary.objects, summary.frames) == (0, [1, 3], 6)


@pytest.mark.parametrize("video", [False, True])
def test_one_mask_is_converted(frames: Path, tmp_path: Path, video: bool) -> None:
    save_palette_png(tmp_path / "first.png", scene()[0])
    out = tmp_path / "first.xml"
    done = convert(tmp_path / "first.png", "cvat", out, video=frames if video else None)
    assert (done.objects, done.warning) == ([int(i) for i in np.unique(scene()[0]) if i], None)
    assert np.array_equal(maps_of(open_marks(out, None))[0], scene()[0])


def test_convert_from_the_command_line(tmp_path: Path) -> None:
    path, _ = write("coco", tmp_path, scene())
    done = mobilevos("convert", path, "--to", "cvat-polygons", "--json")
    assert done.returncode == 0, done.stderr
    assert "of the pixels differ" in done.stderr
    assert json.loads(done.stdout)["output"] == str(tmp_path / "cvat-polygons.xml")
    assert (tmp_path / "cvat-polygons.xml").is_file()


BAD = [
    (("coco.json", "--to", "labelme"), "--video"),
    (("coco.json", "--to", "nothing"), '"nothing" for --to; choose from: "masks"'),
    (("none.json", "--to", "coco"), "does not exist"),
    (("text.json", "--to", "coco"), "no readable JSON"),
    (("empty", "--to", "coco"), "of no format that can be read"),
    (("coco.json", "--to", "coco"), "would overwrite the input"),
    (("coco.json", "--to", "cvat", "--labels", "text.json"), "does not name objects"),
    (("coco.json", "--to", "overlay", "--video", str(sample.clip_path())), "60x40 but the frames are 480x270"),
]


@pytest.mark.parametrize(("arguments", "why"), BAD)
def test_mistakes_are_one_sentence(tmp_path: Path, arguments: tuple[str, ...], why: str) -> None:
    write("coco", tmp_path, scene())
    (tmp_path / "text.json").write_text("nothing")
    (tmp_path / "empty").mkdir()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    done = mobilevos("convert", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (2, 1, ""), done.stderr
    assert why in done.stderr
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "name", [n for n in WRITTEN if Path(FORMATS[n].file).suffix in (".json", ".xml", ".txt", ".zip")]
)
def test_memory_does_not_grow_with_the_video(tmp_path: Path, name: str) -> None:
    def peak(count: int) -> int:
        folder = tmp_path / str(count)
        folder.mkdir()
        sink = writer(name, folder / FORMATS[name].file, Clip("clip", (16, 16), 24, objects=(1, 3), names=NAMES))
        labels = np.zeros((16, 16), np.uint8)
        labels[2:9, 3:9], labels[10:14, 10:14] = 1, 3
        tracemalloc.start()
        for index in range(count):
            sink.write(results([labels], first=index)[0])
        sink.close()
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(2)
    assert peak(400) - peak(100) < 400_000  # buffers and uncollected garbage, but no list of frames
