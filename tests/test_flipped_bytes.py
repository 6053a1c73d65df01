"""Files with flipped, cut and repeated bytes: each is read, or refused with one of our errors; nothing else happens."""

import random
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from mobilevos import MobileVOSError, Tracker, sample
from mobilevos.video.masks import load_mask
from mobilevos.video.reader import open_frames
from mobilevos.weights.store import model_card, model_folder

MUTATIONS = 60
"""Of each kind."""
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def mutated(content: bytes, seed: int) -> bytes:
    """The same with a few bytes changed, with a piece left out or said twice, or with the end missing."""
    dice = random.Random(seed)
    changed = bytearray(content)
    for _ in range(dice.choice((1, 3, 30))):
        # Headers decide most: half of the changes are near the beginning.
        place = dice.randrange(min(len(changed), 256) if dice.random() < 0.5 else len(changed))
        changed[place] = dice.choice((0, 255, changed[place] ^ (1 << dice.randrange(8)), dice.randrange(256)))
    start = dice.randrange(len(changed))
    piece = slice(start, start + dice.randrange(1, 64))
    kind = dice.random()
    if kind < 0.15:
        del changed[piece]
    elif kind < 0.3:
        changed[start:start] = changed[piece]
    elif kind < 0.45:
        del changed[start:]
    return bytes(changed)


def survives(path: Path, content: bytes, use: Callable[[], object]) -> None:
    refused = []
    for seed in range(MUTATIONS):
        path.write_bytes(mutated(content, seed))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                use()
        except MobileVOSError as error:
            refused.append(str(error))
        except Exception as error:
            error.add_note(f"{path.name}, seed {seed}")
            raise
    assert refused
    assert not [message for message in refused if "\n" in message]


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
    survives(folder / name, (folder / name).read_bytes(), lambda: model_card(folder))


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
