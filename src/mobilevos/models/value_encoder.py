"""Value encoders: what memory stores of a frame and the mask of one object in it.

Both have two halves: ``prepare`` runs once a frame on what depends on the image alone, ``forward`` runs for
every object. A convolution over the concatenation of image and mask features is the sum of two convolutions,
so the image half is computed once and the second object costs only the mask half.
"""

import torch
from torch import Tensor, nn

from mobilevos.models.backbones import Backbone
from mobilevos.models.layers import ResidualBlock, conv_bn_relu


class SharedValueEncoder(nn.Module):
    """Re-uses the frame's own features; only a light mask encoder runs for each object."""

    features = ("value8", "value16")

    def __init__(self, channels: tuple[int, int, int], value_dim: int) -> None:
        super().__init__()
        stride4, _, stride16 = channels
        self.image8 = nn.Conv2d(stride4, 48, 3, 2, 1, bias=False)
        self.image16 = nn.Conv2d(stride16, value_dim, 1, bias=False)
        self.mask4 = nn.Sequential(conv_bn_relu(2, 16, stride=2), conv_bn_relu(16, 32, stride=2))
        self.mask8 = nn.Conv2d(32, 48, 3, 2, 1, bias=False)
        self.norm8 = nn.Sequential(nn.BatchNorm2d(48), nn.ReLU(inplace=True))
        self.mask16 = conv_bn_relu(48, 96, stride=2)
        self.fuse16 = nn.Conv2d(96, value_dim, 1, bias=False)
        self.norm16 = nn.Sequential(nn.BatchNorm2d(value_dim), nn.ReLU(inplace=True))
        self.body = nn.Sequential(
            ResidualBlock(value_dim, value_dim),
            ResidualBlock(value_dim, value_dim),
            nn.Conv2d(value_dim, value_dim, 1),
        )

    def prepare(self, image: Tensor, stride4: Tensor, stride16: Tensor) -> dict[str, Tensor]:
        """Image half: (B, ., H/4, W/4) and (B, ., H/16, W/16) features -> the named ``features``."""
        return {"value8": self.image8(stride4), "value16": self.image16(stride16)}

    def forward(self, features: dict[str, Tensor], masks: Tensor) -> Tensor:
        """Masks (K, 2, H, W): the object and the union of the others -> (K, value_dim, H/16, W/16)."""
        mask8 = self.norm8(self.mask8(self.mask4(masks - 0.5)) + features["value8"])
        return self.body(self.norm16(self.fuse16(self.mask16(mask8)) + features["value16"]))


class ImageValueEncoder(nn.Module):
    """The paper's: a second backbone on image and masks, fused with the frame's stride-16 features."""

    features = ("image", "value16")

    def __init__(self, backbone: str, channels: tuple[int, int, int], value_dim: int) -> None:
        super().__init__()
        # ImageNet filters cannot start a network whose input has two more channels in the first layer alone;
        # timm repeats them, which is what STM and STCN do as well, but only the caller's key encoder needs it.
        self.backbone = Backbone(backbone, pretrained=False, extra_channels=2)
        self.image16 = nn.Conv2d(channels[2], value_dim, 1)
        self.fuse16 = nn.Conv2d(channels[2], value_dim, 1)
        self.body = nn.Sequential(ResidualBlock(value_dim, value_dim), nn.Conv2d(value_dim, value_dim, 1))

    def prepare(self, image: Tensor, stride4: Tensor, stride16: Tensor) -> dict[str, Tensor]:
        """Image half: normalised (B, 3, H, W) image and stride-16 features -> the named ``features``."""
        return {"image": image, "value16": self.image16(stride16)}

    def forward(self, features: dict[str, Tensor], masks: Tensor) -> Tensor:
        """Masks (K, 2, H, W): the object and the union of the others -> (K, value_dim, H/16, W/16)."""
        image = features["image"].expand(masks.shape[0], -1, -1, -1)
        stride16 = self.backbone(torch.cat([image, masks], 1))[2]
        return self.body(self.fuse16(stride16) + features["value16"])
