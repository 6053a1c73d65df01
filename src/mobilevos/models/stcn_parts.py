"""Value encoder and decoder of the paper's teacher, STCN (Cheng et al., NeurIPS 2021), as published.

Beside our students' it is heavy: a second backbone looks at image and masks, and all convolutions are full 3 x 3 ones
without batch norm, between ReLUs that come first.
"""

import torch
from torch import Tensor, nn

from mobilevos.models.backbones import Backbone
from mobilevos.models.decoder import SkipDecoder, twice


class StcnValueEncoder(nn.Module):
    """ResNet18 on image, mask and other masks, fused with the key encoder's stride-16 features.

    Nothing but those features can be shared between the objects of a frame.
    """

    features = ("image", "value16")

    def __init__(self, channels: tuple[int, int, int], value_dim: int, pretrained: bool) -> None:
        super().__init__()
        self.backbone = Backbone("resnet18", pretrained, extra_channels=2)
        self.fuse = PreActivationBlock(self.backbone.channels[2] + channels[2], value_dim)
        self.attention = Attention(value_dim)
        self.body = PreActivationBlock(value_dim, value_dim)

    def prepare(self, image: Tensor, stride4: Tensor, stride16: Tensor) -> dict[str, Tensor]:
        """Normalised image and the key encoder's stride-16 features -> the named ``features``."""
        return {"image": image, "value16": stride16}

    def forward(self, features: dict[str, Tensor], masks: Tensor) -> Tensor:
        """Masks (K, 2, H, W): the object and the union of the others -> (K, value_dim, H/16, W/16)."""
        image, stride16 = (features[name].expand(masks.shape[0], -1, -1, -1) for name in self.features)
        *_, x = self.backbone(torch.cat([image, masks], 1))
        x = self.fuse(torch.cat([x, stride16], 1))
        return self.body(x + self.attention(x))


class StcnDecoder(SkipDecoder):
    """Readout and compressed image features, then skips at strides 8 and 4; the previous mask is not looked at."""

    def __init__(self, channels: tuple[int, int, int], value_dim: int, widths: tuple[int, int, int]) -> None:
        super().__init__()
        width16, width8, width4 = widths
        stride4, stride8, stride16 = channels
        self.skip16 = nn.Conv2d(stride16, width16, 3, 1, 1)
        self.skip8 = nn.Conv2d(stride8, width16, 3, 1, 1)
        self.skip4 = nn.Conv2d(stride4, width8, 3, 1, 1)
        self.body16 = PreActivationBlock(value_dim + width16, width16)
        self.body8 = PreActivationBlock(width16, width8)
        self.body4 = PreActivationBlock(width8, width4)
        self.logits = nn.Conv2d(width4, 1, 3, 1, 1)
        self.width = width4

    def forward(
        self, features: dict[str, Tensor], readout: Tensor, prior: Tensor, scores: Tensor | None = None
    ) -> Tensor:
        """Readout (K, value_dim, H/16, W/16) -> pixel features for ``logits``, (K, width, H/4, W/4); not negative."""
        image16 = features["decoder16"].expand(readout.shape[0], -1, -1, -1)
        x = self.body16(torch.cat([readout, image16], 1))
        for body, skip in ((self.body8, features["decoder8"]), (self.body4, features["decoder4"])):
            x = body(skip + twice(x))
        return x.relu()


class PreActivationBlock(nn.Module):
    """Two 3 x 3 convolutions, each after a ReLU, beside a (projected) identity."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, 1, 1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1)
        self.shortcut = nn.Conv2d(inputs, outputs, 3, 1, 1) if inputs != outputs else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H, W)."""
        return self.shortcut(x) + self.conv2(self.conv1(x.relu()).relu())


class Attention(nn.Module):
    """CBAM (Woo et al., ECCV 2018): first channels, then places are weighed by what their mean and maximum say."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channel = nn.Sequential(
            nn.Linear(channels, channels // 16), nn.ReLU(inplace=True), nn.Linear(channels // 16, channels)
        )
        self.place = nn.Conv2d(2, 1, 7, 1, 3)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        channel = self.channel(x.mean((2, 3))) + self.channel(x.amax((2, 3)))
        x = x * channel.sigmoid()[..., None, None]
        place = self.place(torch.cat([x.amax(1, keepdim=True), x.mean(1, keepdim=True)], 1))
        return x * place.sigmoid()
