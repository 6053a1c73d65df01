"""Several processes that train one network, as torchrun starts them: each has its share of every batch."""

import os
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from timm.layers import BatchNormAct2d
from torch import Tensor, nn

from mobilevos.data.mix import ClipMix
from mobilevos.data.types import Clip
from mobilevos.errors import InputError


@dataclass(frozen=True)
class Team:
    """The processes of a run; without torchrun, this one alone."""

    rank: int = 0
    size: int = 1

    @classmethod
    def join(cls) -> "Team":
        """The team of this process, in touch with the others."""
        size = int(os.environ.get("WORLD_SIZE", "1"))
        if size == 1:
            return cls()
        if not dist.is_initialized():
            dist.init_process_group("gloo")
        return cls(dist.get_rank(), size)

    @property
    def leads(self) -> bool:
        """Whether this is the process that writes and reports."""
        return self.rank == 0

    def share(self, mix: ClipMix, batch: int) -> "Share":
        """This process's part of every batch of clips.

        Raises:
            InputError: the batch cannot be split evenly.
        """
        if batch % self.size:
            raise InputError(f"{batch} clips cannot be split over {self.size} processes; make it a multiple.")
        return Share(mix, self.rank, batch // self.size, batch)

    def synchronise(self, network: nn.Module) -> None:
        """Start everywhere from the leader's weights, and let batch norm see the whole batch."""
        if self.size == 1:
            return
        for tensor in network.state_dict().values():
            dist.broadcast(tensor, 0)
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.__class__ = _TeamBatchNormAct if isinstance(module, BatchNormAct2d) else _TeamBatchNorm

    def average_gradients(self, network: nn.Module) -> None:
        """Replace every gradient by its mean over the team."""
        if self.size == 1:
            return
        gradients = [p.grad for p in network.parameters() if p.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        dist.all_reduce(flat)
        for gradient, mean in zip(gradients, (flat / self.size).split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(mean.view_as(gradient))

    def average(self, figures: dict[str, float]) -> dict[str, float]:
        """Mean of every figure over the team."""
        if self.size == 1:
            return figures
        values = torch.tensor(list(figures.values()), dtype=torch.float64)
        dist.all_reduce(values)
        return dict(zip(figures, (values / self.size).tolist(), strict=True))

    def gather(self, numbers: list[int]) -> list[int]:
        """What all processes have, in the order of their ranks."""
        if self.size == 1:
            return numbers
        parts: list[list[int]] = [[]] * self.size
        dist.all_gather_object(parts, numbers)
        return [number for part in parts for number in part]

    def leave(self) -> None:
        """Say goodbye, when nothing more will be asked of the others."""
        if self.size > 1:
            dist.destroy_process_group()


@dataclass(frozen=True)
class Share:
    """One process's clips, numbered 0, 1, ... of their own."""

    mix: ClipMix
    rank: int
    count: int
    """Clips of each batch that are this process's."""
    batch: int
    """Clips of each batch."""

    def number(self, index: int) -> int:
        """Number within the run of this process's clip ``index``."""
        step, place = divmod(index, self.count)
        return step * self.batch + self.rank * self.count + place

    def draw(self, index: int) -> Clip:
        """See ``ClipMix.draw``."""
        return self.mix.draw(self.number(index))


class _TeamBatchNorm(nn.BatchNorm2d):
    """Batch norm with the statistics of all processes' parts of a batch; PyTorch has it for GPUs only."""

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return super().forward(x)
        total = _Sum.apply(torch.cat([x.sum((0, 2, 3)), x.new_tensor([x.numel() / x.shape[1]])]))
        mean, count = total[:-1] / total[-1], total[-1]
        centred = x - mean[:, None, None]
        variance = _Sum.apply(centred.square().sum((0, 2, 3))) / count
        assert self.momentum is not None
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * count / (count - 1), self.momentum)
            self.num_batches_tracked.add_(1)
        scale = self.weight * (variance + self.eps).rsqrt()
        return centred * scale[:, None, None] + self.bias[:, None, None]


class _TeamBatchNormAct(_TeamBatchNorm, BatchNormAct2d):
    """The same for timm's, which has an activation built in."""

    def forward(self, x: Tensor) -> Tensor:
        normalised = super().forward(x)
        return self.act(self.drop(normalised)) if self.training else normalised


class _Sum(torch.autograd.Function):
    """Sum over the team; so is the gradient, as every process's loss depends on it."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        total = x.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return _Sum.apply(gradient)
