"""Atrous spatial pyramid pooling (DeepLabv3), in its light separable form."""

import torch
from torch import Tensor, nn

from mobilevos.models.layers import conv_bn_relu


class ASPP(nn.Module):
    """Parallel dilated convolutions and a global average, fused and added to the input: context for the decoder.

    Rates 3, 6, 9 suit stride-16 maps of a few hundred input pixels. It starts almost as the identity, so that it can
    join a network that is already trained.
    """

    def __init__(self, channels: int, rates: tuple[int, ...] = (3, 6, 9)) -> None:
        super().__init__()
        self.point = conv_bn_relu(channels, channels, kernel=1)
        self.dilated = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(channels, channels, 3, padding=rate, dilation=rate, groups=channels, bias=False),
                *conv_bn_relu(channels, channels, kernel=1),
            )
            for rate in rates
        )
        self.pooled = nn.Sequential(nn.Conv2d(channels, channels, 1), nn.ReLU(inplace=True))
        self.fuse = nn.Conv2d(channels * (len(rates) + 2), channels, 1, bias=False)
        nn.init.normal_(self.fuse.weight, std=1e-3)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        pooled = self.pooled(x.mean((2, 3), keepdim=True)).expand_as(x)
        return x + self.fuse(torch.cat([self.point(x), *(branch(x) for branch in self.dilated), pooled], 1))
