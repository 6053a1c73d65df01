"""A training run on disk: one file with all that an exact resume needs, replaced atomically."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from mobilevos.errors import InputError
from mobilevos.models import Network
from mobilevos.training.recipe import Recipe
from mobilevos.video.files import atomic

FILE = "state.pt"


class Ema:
    """Exponential moving average of a network's weights and batch-norm statistics.

    The decay starts low and approaches its end value, so that early averages are not the random start.
    """

    def __init__(self, average: Network, decay: float) -> None:
        self.network = average.eval()
        self.network.requires_grad_(False)
        self._decay = decay

    @torch.no_grad()
    def update(self, network: Network, step: int) -> None:
        """Take in the weights after optimiser step ``step`` (0, 1, ...)."""
        decay = min(self._decay, (step + 1) / (step + 20))
        for mine, theirs in zip(self.network.state_dict().values(), network.state_dict().values(), strict=True):
            if mine.is_floating_point():
                mine.lerp_(theirs, 1 - decay)
            else:
                mine.copy_(theirs)


def save_state(folder: Path, recipe: Recipe, step: int, parts: dict[str, Any]) -> None:
    """Write the run's state; a kill at any moment leaves either the old file or the new one.

    Args:
        folder: of the run.
        recipe: of the run.
        step: optimiser steps done.
        parts: named modules and optimisers, saved by their ``state_dict``.

    Raises:
        OutputError: the file cannot be written.
    """
    content = {
        "recipe": asdict(recipe),
        "step": step,
        "parts": {name: part.state_dict() for name, part in parts.items()},
    }
    with atomic(folder / FILE) as part:
        try:
            torch.save(content, part)
        except RuntimeError as error:  # what torch makes of a full disk
            raise OSError(str(error)) from error


def load_state(folder: Path, recipe: Recipe, parts: dict[str, Any]) -> int:
    """Bring a run back; returns the steps done, 0 for a new folder.

    Raises:
        InputError: the folder holds a run of another recipe, or a damaged state.
    """
    path = folder / FILE
    if not path.exists():
        return 0
    try:
        content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        found: dict[str, Any] = content["recipe"]
        step = int(content["step"])
    except Exception as error:  # torch.load raises whatever the damage happens to break
        raise InputError(f"{path} is damaged; delete it to start the run anew.") from error
    other = [name for name, value in asdict(recipe).items() if found.get(name) != value]
    if other:
        raise InputError(
            f"{folder} holds a run with another {', '.join(other)}; resume with the same options or give a new folder."
        )
    for name, part in parts.items():
        part.load_state_dict(content["parts"][name])
    return step
