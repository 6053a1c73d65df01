"""Several processes that train one network, as torchrun starts them: each has its share of every batch."""

import os
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.nn.functional import all_reduce

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
        """Let batch norm see the whole batch."""
        if self.size > 1:
            for module in network.modules():
                if type(module) is nn.BatchNorm2d:
                    module.__class__ = _TeamBatchNorm

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
        count = x.numel() / x.shape[1]
        sums = torch.cat([x.sum((0, 2, 3)), x.square().sum((0, 2, 3)), x.new_tensor([count])])
        total = all_reduce(sums)
        mean, square = (total[:-1] / total[-1]).chunk(2)
        variance = square - mean.square()
        assert self.momentum is not None
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        with torch.no_grad():
            unbiased = variance * total[-1] / (total[-1] - 1)
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(unbiased, self.momentum)
            self.num_batches_tracked.add_(1)
        scale = self.weight * (variance + self.eps).rsqrt()
        return x * scale[:, None, None] + (self.bias - mean * scale)[:, None, None]
