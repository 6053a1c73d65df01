"""A small data folder: textured shapes as stills and as video."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SIDE = 96


def texture(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """(height, width, 3) uint8 blotches of about 8 px."""
    coarse = rng.integers(0, 256, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def disc(height: int, width: int, x: float, y: float, radius: float) -> np.ndarray:
    """(height, width) bool."""
    yy, xx = np.mgrid[:height, :width]
    return (xx - x) ** 2 + (yy - y) ** 2 < radius**2


def save(path: Path, array: np.ndarray) -> None:
    """Write an image file, and its folder where needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)


@pytest.fixture(scope="session")
def data_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`stills/` with the sets own (two discs), bsds500 (a tiling) and pets600 (a disc in an unknown band);
    `clips/` with a disc of 0/255 that moves 2 px a frame to the right, and one video with two ids."""
    root = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    height, width = SIDE, 128
    for number in range(6):
        mask = np.zeros((height, width), np.uint8)
        mask[disc(height, width, 35, 45, 15 + number)] = 1
        mask[disc(height, width, 95, 50, 18)] = 2
        _still(root / "stills/own", number, rng, mask)
        tiling = np.uint8(1) + (np.arange(width) // 40 + 4 * (np.arange(height)[:, None] // 50)).astype(np.uint8)
        _still(root / "stills/bsds500", number, rng, tiling)
        banded = np.where(disc(height, width, 60, 48, 30), np.uint8(255), np.uint8(0))
        banded[disc(height, width, 60, 48, 20)] = 1
        _still(root / "stills/pets600", number, rng, banded)

    for name, ids in {"ball": (255,), "pair": (1, 2)}.items():
        scene = texture(rng, height, width)
        skins = [texture(rng, height, width) for _ in ids]
        for t in range(12):
            frame, mask = scene.copy(), np.zeros((height, width), np.uint8)
            for object_id, skin, y in zip(ids, skins, (30, 70), strict=False):
                inside = disc(height, width, 40 + 2 * t, y, 16)
                frame[inside], mask[inside] = skin[inside], object_id
            save(root / f"clips/JPEGImages/480p/{name}/{t:05}.jpg", frame)
            save(root / f"clips/Annotations/480p/{name}/{t:05}.png", mask)
    return root


def _still(folder: Path, number: int, rng: np.random.Generator, mask: np.ndarray) -> None:
    save(folder / f"images/{number}.webp", texture(rng, *mask.shape))
    save(folder / f"masks/{number}.png", mask)
