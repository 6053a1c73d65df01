"""A tiny data folder, a development clip, random weights to start from, and runs on them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mobilevos.training.recipe import Distillation, Recipe


@pytest.fixture(scope="session")
def recipe() -> Recipe:
    return Recipe(steps=6, batch=2, frames=3, size=64, real_fraction=0.0, seed=5)


@pytest.fixture(scope="session")
def taught(recipe: Recipe) -> Recipe:
    """By its own averaged weights, so that they too must come back when a run is resumed."""
    return replace(recipe, distillation=Distillation("ema", logits=1.0))


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A still set of four textured discs on texture."""
    root = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    yy, xx = np.mgrid[:96, :128]
    for folder in ("images", "masks"):
        (root / "set" / folder).mkdir(parents=True)
    for number in range(4):
        mask = ((xx - 60 - 4 * number) ** 2 + (yy - 48) ** 2 < (22 + number) ** 2).astype(np.uint8)
        coarse = rng.integers(0, 256, (2, 12, 16, 3), dtype=np.uint8)
        ground, skin = (np.asarray(Image.fromarray(c).resize((128, 96), Image.Resampling.BICUBIC)) for c in coarse)
        Image.fromarray(np.where(mask[..., None] == 1, skin, ground)).save(root / f"set/images/{number}.png")
        Image.fromarray(mask).save(root / f"set/masks/{number}.png")
    return root


@pytest.fixture(scope="session")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DAVIS layout with one clip of a bright square."""
    root = tmp_path_factory.mktemp("dev")
    for folder in ("JPEGImages", "Annotations"):
        (root / folder / "480p" / "square").mkdir(parents=True)
    for t in range(4):
        frame, mask = np.full((64, 80, 3), 60, np.uint8), np.zeros((64, 80), np.uint8)
        frame[20:44, 10 + t : 34 + t], mask[20:44, 10 + t : 34 + t] = (250, 200, 30), 255
        Image.fromarray(frame).save(root / f"JPEGImages/480p/square/{t:05}.jpg")
        Image.fromarray(mask).save(root / f"Annotations/480p/square/{t:05}.png")
    return root


@pytest.fixture(scope="session")
def init(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights of lite0."""
    torch = pytest.importorskip("torch")
    from mobilevos.models import build
    from mobilevos.models.checkpoint import save_network

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("init") / "random.safetensors"
    save_network(build("lite0"), path)
    return path


@pytest.fixture(scope="session")
def run(data: Path, init: Path, recipe: Recipe) -> Callable[..., Any]:
    """Trains in a folder and logs every step."""
    from mobilevos.training import loop

    def start(out: Path, recipe: Recipe = recipe, **options: Any) -> loop.Trained:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(loop, "LOG_EVERY", 1)
            return loop.train(recipe, data, out, **{"init": str(init), "workers": 0, "save_every": 3, **options})

    return start


@pytest.fixture(scope="session")
def straight(run: Callable[..., Any], taught: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of ``taught`` that nothing disturbed."""
    return run(tmp_path_factory.mktemp("straight"), taught).weights.parent


@pytest.fixture(scope="session")
def draw(data: Path, recipe: Recipe) -> Callable[..., Any]:
    """The clips of given numbers, as a run of the recipe sees them."""
    torch = pytest.importorskip("torch")
    from mobilevos.data.mix import ClipMix
    from mobilevos.training.objectives import Clips

    def make(*numbers: int, frames: int = recipe.frames) -> Clips:
        mix = ClipMix.from_folder(data, seed=recipe.seed, real_fraction=0.0, frames=frames, size=recipe.size)
        drawn = [mix.draw(number) for number in numbers]
        images = torch.from_numpy(np.stack([clip.frames for clip in drawn])).permute(0, 1, 4, 2, 3).contiguous()
        return Clips(images, torch.from_numpy(np.stack([clip.labels for clip in drawn])), list(numbers))

    return make


@pytest.fixture(scope="session")
def teacher(lively_network: Callable[[str], Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of a lite0 that segments something, though not the right thing."""
    from mobilevos.models.checkpoint import save_network

    network = lively_network("lite0")
    path = tmp_path_factory.mktemp("teacher") / "lively.safetensors"
    save_network(network, path)
    return path
