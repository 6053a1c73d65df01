"""Files with flipped, cut and repeated bytes: each is read, or refused with one of our errors; nothing else happens."""

import shutil
from pathlib import Path

import pytest
from PIL import Image

from flipping import mutated_text, survives
from mobilevos import MobileVOSError, Tracker, sample
from mobilevos.video.masks import load_mask
from mobilevos.video.reader import open_frames
from mobilevos.weights.store import model_card, model_folder

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def watch(path: Path) -> None:
    for _ in open_frames(path):
        pass


def test_videos(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    survives(path, sample.clip_path().read_bytes(), lambda: watch(path))


@pytest.mark.parametrize("suffix", [".png", ".gif", ".tif", ".webp", ".bmp", ".jpg"])
def test_masks(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"mask{suffix}"
    with Image.open(sample.mask_path()) as image:
        (image.convert("L") if suffix in (".jpg", ".webp") else image).save(path)
    survives(path, path.read_bytes(), lambda: load_mask(path, snap=True))


@pytest.mark.parametrize("name", ["query.onnx", "memorise.onnx"])
def test_models(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model_folder("lite0"), folder)
    path = folder / name
    frame = next(iter(open_frames(sample.clip_path())))
    mask = load_mask(sample.mask_path())

    def follow() -> None:
        tracker = Tracker(str(folder), threads=1, size=64)
        tracker.start(frame, mask)
        tracker.step(frame)

    survives(path, path.read_bytes(), follow)


def test_checkpoints(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from mobilevos.models import load_weights
    from mobilevos.models.checkpoint import save_network

    path = tmp_path / "lite0.safetensors"
    save_network(load_weights("lite0"), path)
    survives(path, path.read_bytes(), lambda: load_weights(str(path)))


@pytest.mark.parametrize("name", ["network.json", "card.json"])
def test_what_is_said_of_models(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model_folder("lite0"), folder)
    survives(folder / name, (folder / name).read_bytes(), lambda: model_card(folder), change=mutated_text)


@pytest.mark.parametrize("content", ["[]", "[[1]]", '"a"', "1", '{"parameters": "many"}', "null", "{}"])
def test_cards_of_another_form(tmp_path: Path, content: str) -> None:
    for name in ("network.json", "card.json"):
        folder = tmp_path / name
        shutil.copytree(model_folder("lite0"), folder)
        (folder / name).write_text(content)
        if name == "card.json" and content.startswith("{"):
            assert model_card(folder)["name"] == name
        else:
            with pytest.raises(MobileVOSError):
                model_card(folder)
