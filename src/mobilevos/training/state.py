"""A training run on disk: one file with all that an exact resume needs, replaced atomically."""

from dataclasses import asdict
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import nn

from mobilevos.errors import InputError
from mobilevos.training.prompt_recipe import PromptRecipe
from mobilevos.training.recipe import Recipe
from mobilevos.video.files import atomic

FILE = "state.pt"
Part = TypeVar("Part", bound=nn.Module)


class Ema(Generic[Part]):
    """Exponential moving average of a network's, or a part's, weights and batch-norm statistics.

    The decay starts low and approaches its end value, so that early averages are not the random start.
    """

    def __init__(self, average: Part, decay: float) -> None:
        self.network = average.eval()
        self.network.requires_grad_(False)
        self._decay = decay

    @torch.no_grad()
    def update(self, network: Part, step: int) -> None:
        """Take in the weights after optimiser step ``step`` (0, 1, ...)."""
        decay = min(self._decay, (step + 1) / (step + 20))
        for mine, theirs in zip(self.network.state_dict().values(), network.state_dict().values(), strict=True):
            if mine.is_floating_point():
                mine.lerp_(theirs, 1 - decay)
            else:
                mine.copy_(theirs)


Sources = dict[str, str | None]
"""What a run reads, by the name of the option that says so."""


def save_state(folder: Path, recipe: Recipe | PromptRecipe, sources: Sources, step: int, parts: dict[str, Any]) -> None:
    """Write the run's state; a kill at any moment leaves either the old file or the new one.

    Args:
        folder: of the run.
        recipe: of the run.
        sources: of the run.
        step: optimiser steps done.
        parts: named modules and optimisers, saved by their ``state_dict``.

    Raises:
        OutputError: the file cannot be written.
    """
    content = {
        "recipe": asdict(recipe),
        "sources": sources,
        "step": step,
        "parts": {name: part.state_dict() for name, part in parts.items()},
    }
    with atomic(folder / FILE) as part:
        try:
            torch.save(content, part)
        except RuntimeError as error:  # what torch makes of a full disk
            raise OSError(str(error)) from error


def has_state(out: Path) -> bool:
    """Whether there is a run to go on with."""
    return (out / FILE).exists()


def load_state(folder: Path, recipe: Recipe | PromptRecipe, sources: Sources, parts: dict[str, Any]) -> int:
    """Bring a run back; returns the steps done, 0 for a new folder.

    Raises:
        InputError: the folder holds a run of another recipe or from other sources, or a damaged state.
    """
    path = folder / FILE
    if not path.exists():
        return 0
    content = _read(path, "delete it to start the run anew")
    # What a recipe did not have yet when the run began had the value that is its default now.
    found = {**asdict(type(recipe)()), **content["recipe"], **content.get("sources", sources)}
    other = [name for name, value in {**asdict(recipe), **sources}.items() if found.get(name) != value]
    if other:
        raise InputError(
            f"{folder} holds a run with another {', '.join(other)}; resume with the same options or give a new folder."
        )
    _fill(parts, content)
    return int(content["step"])


def branch_off(folder: Path, parts: dict[str, Any]) -> None:
    """Start a run from where another one is now: its weights, averages and the optimiser's moments.

    Raises:
        InputError: the folder holds no run, a damaged state, or a run of another network.
    """
    path = folder / FILE
    if not path.exists():
        raise InputError(f"{folder} holds no run to branch off from; give the folder of one.")
    content = _read(path, "it cannot be branched off from")
    try:
        _fill(parts, content)
    except (RuntimeError, ValueError, KeyError) as error:
        raise InputError(f"{folder} holds a run of another network; name its model in the recipe.") from error


def _read(path: Path, remedy: str) -> dict[str, Any]:
    try:
        content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        content["recipe"], content["parts"], int(content["step"])
    except Exception as error:  # torch.load raises whatever the damage happens to break
        raise InputError(f"{path} is damaged; {remedy}.") from error
    return content


def _fill(parts: dict[str, Any], content: dict[str, Any]) -> None:
    for name, part in parts.items():
        part.load_state_dict(content["parts"][name])
