"""From clicks, a box or an earlier mask to the mask of an object, on the features that a tracker's network has already.

The head looks at the outputs of ``Network.query`` alone: they are linear images of all that the backbone knows, so
nothing is added to that step, and a further click costs the head alone.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mobilevos.engine.prompt_maps import CHANNELS
from mobilevos.models.decoder import twice
from mobilevos.models.layers import ResidualBlock, conv_bn_relu
from mobilevos.models.network import Features, Network

CANDIDATES = 3
"""Masks for one prompt: a click on a shirt may mean the shirt or the person."""
_NEAR = 6
_FEATURES = ("key", "value16", "value8", "decoder8", "decoder4")


class PromptHead(nn.Module):
    """Candidates for the mask of one object, each with an estimate of its own IoU.

    Args:
        channels: of the features it looks at, by name, see ``feature_channels``.
        widths: channels at strides 16, 8 and 4.
    """

    features = _FEATURES

    def __init__(self, channels: dict[str, int], widths: tuple[int, int, int] = (128, 64, 32)) -> None:
        super().__init__()
        self.channels = channels
        width16, width8, width4 = widths
        self.image16 = _projected(channels["key"] + channels["value16"], width16)
        self.image8 = _projected(channels["value8"] + channels["decoder8"], width8)
        self.image4 = _projected(channels["decoder4"], width4)
        self.prompt8 = nn.Sequential(nn.PixelUnshuffle(2), nn.Conv2d(4 * CHANNELS, 48, 3, 1, 1), nn.ReLU(inplace=True))
        self.prompt16 = nn.Conv2d(48, width16, 3, 2, 1)
        self.into8 = nn.Conv2d(48, width8, 1)
        self.into4 = nn.Conv2d(CHANNELS, width4, 3, 1, 1)
        self.likeness = Likeness(width16)
        self.near = nn.Conv2d(_NEAR, width16, 1)
        self.body16 = nn.Sequential(
            *(part for _ in range(3) for part in (ResidualBlock(width16, width16), Attention(width16)))
        )
        self.up8 = nn.Conv2d(width16, width8, 1)
        self.body8 = _Refined(width8)
        self.up4 = nn.Conv2d(width8, width4, 1)
        self.body4 = _Refined(width4)
        self.logits = nn.Conv2d(width4, CANDIDATES, 3, 1, 1)
        self.quality = nn.Sequential(
            nn.Conv1d(width16 + width8 + 2, 64, 1), nn.ReLU(inplace=True), nn.Conv1d(64, 1, 1), nn.Flatten(1)
        )

    def prepare(self, features: Features) -> tuple[Tensor, Tensor, Tensor]:
        """Image half: features of frames (B, ., ., .) -> the same as the head sees them, at strides 16, 8 and 4."""
        return (
            self.image16(torch.cat([features["key"], features["value16"]], 1)),
            self.image8(torch.cat([features["value8"], features["decoder8"]], 1)),
            self.image4(features["decoder4"]),
        )

    def forward(self, image: tuple[Tensor, Tensor, Tensor], prompts: Tensor) -> tuple[Tensor, Tensor]:
        """Candidates of K objects.

        Args:
            image: of ``prepare``, B = K, or B = 1: one frame for all.
            prompts: (K, 4, H/4, W/4) as `mobilevos.engine.prompt_maps` draws them.

        Returns:
            (K, 3, H/4, W/4) logits, and (K, 3) logits of the estimated IoU.
        """
        image16, image8, image4 = image
        prompt8 = self.prompt8(prompts)
        near = self.near(self.likeness(image16, prompts))
        x16 = self.body16(image16 + self.prompt16(prompt8) + near)
        x8 = self.body8(twice(self.up8(x16)) + image8 + self.into8(prompt8))
        x4 = self.body4(twice(self.up4(x8)) + image4 + self.into4(prompts))
        logits = self.logits(x4)
        return logits, self._quality(logits.detach(), x8, x16)

    def _quality(self, logits: Tensor, x8: Tensor, x16: Tensor) -> Tensor:
        masks = logits.float().sigmoid()
        area = masks.mean((2, 3))
        certainty = masks.square().mean((2, 3)) / (area + 1e-4)
        inside = F.avg_pool2d(masks, 2).flatten(2)
        inside = inside / (inside.sum(2, keepdim=True) + 1e-2)
        within = inside @ x8.float().flatten(2).transpose(1, 2)
        around = x16.float().mean((2, 3))[:, None].expand(-1, CANDIDATES, -1)
        seen = torch.cat([within, around, area[..., None], certainty[..., None]], 2)
        return self.quality(seen.transpose(1, 2))


class _Refined(nn.Module):
    """Two dense convolutions beside an identity: at these few channels they are quicker than separable ones."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.BatchNorm2d(width), nn.ReLU(inplace=True), *conv_bn_relu(width, width), nn.Conv2d(width, width, 3, 1, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return (x + self.body(x)).relu()


class Likeness(nn.Module):
    """How much each pixel resembles those under a click, within the box and beyond it, in the mask and beyond it."""

    def __init__(self, width: int, size: int = 48) -> None:
        super().__init__()
        self.embed = nn.Conv2d(width, size, 1)
        self.sharpness = nn.Parameter(torch.tensor(8.0))

    def forward(self, x: Tensor, prompts: Tensor) -> Tensor:
        """Features (B, width, H/16, W/16) and prompts (K, 4, H/4, W/4) -> (K, 6, H/16, W/16)."""
        with torch.autocast(x.device.type, enabled=False):
            embedded = F.normalize(self.embed(x.float()).flatten(2), dim=1)
            alike = (self.sharpness * (embedded.transpose(1, 2) @ embedded - 1)).exp()
            maps = F.avg_pool2d(prompts, 4)
            there = maps[:, 2:].amax((2, 3), keepdim=True)
            beyond = (1 - maps[:, 2:]) * (there > 0)
            weights = torch.cat([maps, beyond], 1)
            total = weights.flatten(2).sum(2)[..., None]
            density = (weights.flatten(2) @ alike) / (total + 1e-3)
            return (density + 1e-3).log().unflatten(2, x.shape[2:])


class Attention(nn.Module):
    """Global attention to 2 x 2 averages, then a pixel-wise network, each beside an identity."""

    def __init__(self, width: int, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.BatchNorm2d(width)
        self.query = nn.Conv2d(width, width, 1)
        self.memory = nn.Conv2d(width, 2 * width, 1)
        self.out = nn.Conv2d(width, width, 1)
        self.pixelwise = nn.Sequential(
            nn.BatchNorm2d(width), nn.Conv2d(width, 2 * width, 1), nn.ReLU(inplace=True), nn.Conv2d(2 * width, width, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        normed = self.norm(x)
        query = self._tokens(self.query(normed))
        memory = self.memory(F.avg_pool2d(normed, 2, ceil_mode=True))
        key, value = (self._tokens(part) for part in memory.chunk(2, 1))
        found = (query @ key.transpose(2, 3) * (query.shape[-1] ** -0.5)).softmax(-1) @ value
        x = x + self.out(found.transpose(2, 3).reshape(x.shape))
        return x + self.pixelwise(x)

    def _tokens(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, heads, H * W, C / heads)."""
        return x.flatten(2).unflatten(1, (self.heads, -1)).transpose(2, 3)


def feature_channels(network: Network) -> dict[str, int]:
    """Channels of the features that a head on this network looks at, by name."""
    with torch.no_grad():
        features = network.query(torch.zeros(1, 3, 32, 32, dtype=torch.uint8))
    return {name: features[name].shape[1] for name in _FEATURES}


def _projected(inputs: int, outputs: int) -> nn.Sequential:
    """1 x 1 convolution to features of unit variance, whatever the scale of what comes in."""
    return nn.Sequential(nn.BatchNorm2d(inputs), nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs))
