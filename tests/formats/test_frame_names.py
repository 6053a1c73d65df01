"""Names of frames: numbers with decimal points, points in names, several folders."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mobilevos.formats.convert import convert
from mobilevos.segment import segment
from mobilevos.video.masks import save_palette_png

NAMES = [
    ["0.1", "0.25", "0.5", "1"],
    ["t0", "t0.25", "t0.5", "t1.25s"],
    ["shot.0001", "shot.0002", "shot.0005"],
    ["eye.left", "eye.right"],
]


def label_map(index: int) -> np.ndarray:
    labels = np.zeros((24, 32), np.uint8)
    labels[4:12, index : index + 8] = 1
    return labels


class Still:
    def start(self, frame: np.ndarray, mask: np.ndarray) -> np.ndarray:
        return mask

    step = add = lambda self, frame: label_map(0)


@pytest.mark.parametrize("names", NAMES)
@pytest.mark.parametrize("to", ["masks", "davis2017", "youtube-vos", "mattes", "mots-png"])
def test_each_mask_gets_a_file(tmp_path: Path, names: list[str], to: str) -> None:
    """Also without the frames, and in the frames' order."""
    (tmp_path / "given").mkdir()
    for index, name in enumerate(names):
        save_palette_png(tmp_path / "given" / f"{name}.png", label_map(index))
    convert(tmp_path / "given", to, tmp_path / "new")
    made = sorted((tmp_path / "new").rglob("*.png"))
    assert len(made) == len(names)
    if to in ("mattes", "mots-png"):
        for index, path in enumerate(made):
            np.testing.assert_array_equal(np.array(Image.open(path)) > 0, label_map(index) > 0)
    else:
        assert {path.stem for path in made} == set(names)


@pytest.mark.parametrize("names", NAMES)
def test_frames_come_in_order(tmp_path: Path, names: list[str]) -> None:
    (tmp_path / "given").mkdir()
    for index, name in enumerate(names):
        save_palette_png(tmp_path / "given" / f"{name}.png", label_map(index))
    convert(tmp_path / "given", "rle", tmp_path / "new.json")
    images = json.loads((tmp_path / "new.json").read_text())["images"]
    assert [image["file_name"] for image in images] == names


@pytest.mark.parametrize("pattern", ["one", "one/*.png", "two/*/*.png"])
def test_names_in_coco_and_youtube_vis_are_those_of_files(tmp_path: Path, pattern: str) -> None:
    """COCO's lie in the folder of the frames, YouTube-VIS's in a folder of clips."""
    for name in ("one/x0.png", "one/x1.png", "two/a/x0.png", "two/b/y1.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.zeros((24, 32, 3), np.uint8)).save(tmp_path / name)
    save_palette_png(tmp_path / "mask.png", label_map(0))
    outputs = ("rle", "coco", "youtube-vis", "burst")
    segment(str(tmp_path / pattern), tmp_path / "mask.png", tmp_path / "out", tracker=Still(), outputs=outputs)
    folder = tmp_path / pattern.partition("/")[0]
    data = {name: json.loads((tmp_path / "out" / name).read_text()) for name in ("masks.json", "coco.json")}
    found = [[image["file_name"] for image in one["images"]] for one in data.values()]
    found.append(json.loads((tmp_path / "out" / "burst.json").read_text())["sequences"][0]["annotated_image_paths"])
    for names in found:
        assert len(names) == 2
        assert all((folder / name).is_file() for name in names)
    video = json.loads((tmp_path / "out" / "youtube-vis.json").read_text())["videos"][0]
    clips = folder if folder.name == "two" else tmp_path
    assert all((clips / name).is_file() for name in video["file_names"])
