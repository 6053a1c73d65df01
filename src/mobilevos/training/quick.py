"""What makes training quicker on CPUs without changing what a network computes, or its ``state_dict``.

- Batch norm with fixed statistics, as in a backbone, is a scale and a shift: the convolution before it takes them over,
  and two passes over its output, forwards and backwards, are saved.
- In bfloat16, PyTorch computes some gradients of depth-wise convolutions by reference code, 5 to 30 times slower than
  in float32: the weights' of 5 x 5 kernels, and the inputs' of strided ones. All are sums that quick convolutions give.
"""

from itertools import pairwise
from typing import Any

import torch
from timm.layers import BatchNormAct2d
from torch import Tensor, nn
from torch.nn import functional as F

from mobilevos.models import Network
from mobilevos.models.backbones import EvenSameConv


def quicken(network: nn.Module) -> None:
    """Give a network's, or a part's, convolutions and norms quicker forms of themselves."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            module.__class__ = _QuickEvenSame if isinstance(module, EvenSameConv) else _Quick
    if isinstance(network, Network) and not network.backbone.learn_statistics:
        for before, after in pairwise(network.backbone.body.modules()):
            if isinstance(before, _Quick) and isinstance(after, nn.BatchNorm2d) and before.bias is None:
                before.norm = (after,)  # a tuple, as a module would become a part of this one
                after.__class__ = _AbsorbedAct if isinstance(after, BatchNormAct2d) else _Absorbed


class _Quick(nn.Conv2d):
    norm: tuple[nn.BatchNorm2d] | tuple[()] = ()

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        for norm in self.norm:
            assert norm.running_mean is not None
            assert norm.running_var is not None
            scale = norm.weight * (norm.running_var + norm.eps).rsqrt()
            weight, bias = weight * scale[:, None, None, None], norm.bias - norm.running_mean * scale
        if not (self.groups == self.in_channels > 1 and torch.is_autocast_enabled("cpu") and torch.is_grad_enabled()):
            return super()._conv_forward(input, weight, bias)
        kind = torch.get_autocast_dtype("cpu")
        stride, padding = self.stride[0], self.padding[0]
        return _Depthwise.apply(
            input.to(kind), weight.to(kind), None if bias is None else bias.to(kind), stride, padding
        )


class _QuickEvenSame(EvenSameConv, _Quick):
    pass


class _Absorbed(nn.BatchNorm2d):
    def forward(self, input: Tensor) -> Tensor:
        return input


class _AbsorbedAct(BatchNormAct2d):
    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.drop(x))


class _Depthwise(torch.autograd.Function):
    """(B, C, H, W), (C, 1, k, k) and (C,) or None -> (B, C, ., .)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, stride: int, padding: int) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.stride, ctx.padding = stride, padding
        return F.conv2d(x, weight, bias, stride, padding, groups=len(weight))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None, None, None]:
        x, weight = ctx.saved_tensors
        gradient = gradient.contiguous(memory_format=torch.channels_last)
        how = gradient, x, weight, ctx.stride, ctx.padding
        wanted = ctx.needs_input_grad
        return (
            _input_gradient(*how) if wanted[0] else None,
            _weight_gradient(*how) if wanted[1] else None,
            gradient.sum((0, 2, 3)) if wanted[2] else None,
            None,
            None,
        )


def _input_gradient(gradient: Tensor, x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    """A convolution of the gradient, with zeros in between where there were strides, with the kernel turned about."""
    batch, channels, *sides = x.shape
    around = weight.shape[-1] - 1 - padding
    if stride > 1:
        spread = [side + 2 * padding - weight.shape[-1] + 1 for side in sides]
        shape = (batch, channels, *spread)
        wide = torch.empty(shape, dtype=gradient.dtype, memory_format=torch.channels_last).zero_()
        wide[:, :, ::stride, ::stride] = gradient
        gradient = wide
    return F.conv2d(gradient, weight.flip(2, 3), None, 1, around, groups=channels)


def _weight_gradient(gradient: Tensor, x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    """Gradients of 3 x 3 kernels, of which PyTorch has quick ones, four of which cover one of 5 x 5.

    With a stride of 1 they share their rims; with one of 2, each sees every other row and column of the image.
    """
    if weight.shape[-1] != 5:
        return _of_kernel(gradient, x, weight, stride, padding)
    height, width = gradient.shape[2:]
    # One row and column more than there need be: the last taps of an odd phase are of no kernel.
    x = F.pad(x, (padding, padding + stride - 1, padding, padding + stride - 1))
    whole = weight.new_empty(len(weight), 1, 7, 7)
    for top in (0, 2 // stride):
        for left in (0, 2 // stride):
            seen = x[:, :, top::stride, left::stride][:, :, : height + 2, : width + 2]
            seen = seen.contiguous(memory_format=torch.channels_last)
            rows, columns = (slice(first, first + 2 * stride + 1, stride) for first in (top, left))
            whole[..., rows, columns] = _of_kernel(gradient, seen, weight[..., :3, :3], 1, 0)
    return whole[..., :5, :5]


def _of_kernel(gradient: Tensor, x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    """PyTorch's own gradient of the weights."""
    how = [stride] * 2, [padding] * 2, [1, 1], False, [0, 0], len(weight), [False, True, False]
    return torch.ops.aten.convolution_backward(gradient, x, weight, None, *how)[1]
