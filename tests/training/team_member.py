"""One of the processes that ``test_team`` starts with torchrun: ``team_member.py DATA TEACHER OUT``."""

import contextlib
import io
import sys
from pathlib import Path

import torch
from poison import overflow, poisoned
from timm.layers import BatchNormAct2d
from torch import nn

from mobilevos.cli import main
from mobilevos.data.mix import ClipMix
from mobilevos.training import loop
from mobilevos.training.loop import NotFinite, train
from mobilevos.training.recipe import Recipe
from mobilevos.training.team import Team

STEPS = 4
RECIPE = Recipe(steps=STEPS, batch=4, frames=3, size=64, real_fraction=0.0, seed=5)
SPLIT = 2
"""Rows of the first process's part of `sample`; the second has the others."""


def norms() -> nn.Sequential:
    """Both kinds of batch norm that our networks have."""
    return nn.Sequential(nn.BatchNorm2d(3), BatchNormAct2d(3))


def sample() -> tuple[torch.Tensor, torch.Tensor]:
    """(7, 3, 4, 5) input, whose second channel has a mean far above its deviation, and the weights of a loss."""
    generator = torch.Generator().manual_seed(0)
    x, wanted = torch.randn(2, 7, 3, 4, 5, generator=generator)
    return x * torch.tensor([2.0, 0.05, 1.0])[:, None, None] + torch.tensor([0.0, 100.0, -3.0])[:, None, None], wanted


def normalise(team: Team) -> dict[str, torch.Tensor]:
    """What comes of this process's part of the sample, forward and backward."""
    network = norms()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(team.rank)  # the leader's shall count
    team.synchronise(network)
    part = slice(SPLIT) if team.leads else slice(SPLIT, None)
    x, wanted = (whole[part] for whole in sample())
    x.requires_grad_(True)
    y = network(x)
    (y * wanted).sum().backward()
    team.average_gradients(network)
    gradients = {f"gradient of {name}": parameter.grad for name, parameter in network.named_parameters()}
    return {"y": y.detach(), "gradient of x": x.grad, **gradients, **network.state_dict()}


def cli(*arguments: str) -> tuple[int, str]:
    """Exit code and error output of a command."""
    sys.argv = ["mobilevos", *arguments]
    with contextlib.redirect_stderr(io.StringIO()) as said:
        try:
            main()
        except SystemExit as end:
            return int(end.code or 0), said.getvalue()
    return 0, said.getvalue()


def culprit(data: Path, out: Path) -> str:
    """What is said when clip 3, which is the second process's, leads to an overflow."""
    frames = torch.from_numpy(ClipMix.from_folder(data, seed=RECIPE.seed, real_fraction=0.0, size=64).draw(3).frames)
    try:
        with poisoned(frames[1].permute(2, 0, 1), overflow):
            train(RECIPE, data, out, workers=0)
    except NotFinite as error:
        return str(error)
    return "nothing"


def member(data: str, teacher: str, out: str) -> None:
    """Do all that is compared, and leave what came of it in the folder ``out``."""
    torch.set_num_threads(1)
    loop.LOG_EVERY = 1
    team, folder = Team.join(), Path(out)
    found: dict[str, object] = {"normalised": normalise(team)}
    found["culprit"] = culprit(Path(data), folder / "poisoned")
    options = ["--data", data, "--workers", "0", "--size", "64", "--real-fraction", "0", "--seed", "5"]
    options += ["--steps", str(STEPS), "--teacher", teacher]
    found["odd"] = cli("distill", *options, "--batch", "3", "-o", str(folder / "odd"))
    torch.manual_seed(team.rank)  # new layers start with other weights in each process
    found["run"] = cli("distill", *options, "--batch", "4", "-o", str(folder / "run"), "--json")
    torch.save(found, folder / f"{team.rank}.pt")


if __name__ == "__main__":
    member(*sys.argv[1:])
