"""Decoder: readout, skips at strides 8 and 4 and the previous mask -> logits at stride 4."""

from torch import Tensor, nn
from torch.nn import functional as F

from mobilevos.models.aspp import ASPP
from mobilevos.models.layers import ResidualBlock, timid

EXTRA = 8
"""Channels that the last stage sees beyond those it gives, so that the prior can keep its own; runtimes like eights."""
PRIORS = 2
"""Previous masks that a decoder sees: of the object, and of all others together."""


class SkipDecoder(nn.Module):
    """What all decoders share: an image half of one convolution at each of the strides 16, 8 and 4."""

    features = ("decoder16", "decoder8", "decoder4")
    skip16: nn.Conv2d
    skip8: nn.Conv2d
    skip4: nn.Conv2d

    def prepare(self, stride4: Tensor, stride8: Tensor, stride16: Tensor) -> dict[str, Tensor]:
        """Image half: backbone features -> the named ``features``."""
        return {
            "decoder16": self.skip16(stride16),
            "decoder8": self.skip8(stride8),
            "decoder4": self.skip4(stride4),
        }


class Decoder(SkipDecoder):
    """As the value encoders, split into an image half (once a frame) and an object half.

    The previous masks, of the object and of its rivals, enter as a prior at strides 16 and 4: where nothing moved they
    are the best guess there is, a light network need not learn to find the object from the readout alone, and of two
    that look alike it knows who stood where.
    """

    def __init__(
        self,
        channels: tuple[int, int, int],
        value_dim: int,
        widths: tuple[int, int, int],
        aspp: bool,
        scored: bool,
        deeper: tuple[int, int],
    ) -> None:
        super().__init__()
        width16, width8, width4 = widths
        deeper16, deeper8 = (
            [timid(ResidualBlock(width, width)) for _ in range(count)]
            for width, count in zip((width16, width8), deeper, strict=True)
        )
        self.skip16, self.skip8, self.skip4 = (
            nn.Conv2d(inputs, outputs, 1)
            for inputs, outputs in zip(channels[::-1], (width16, width8, width4 + EXTRA), strict=True)
        )
        self.readout16 = nn.Conv2d(value_dim, width16, 1, bias=False)
        self.prior16 = nn.Conv2d(PRIORS, width16, 1, bias=False)
        self.body16 = nn.Sequential(ResidualBlock(width16, width16), ResidualBlock(width16, width16), *deeper16)
        self.aspp = ASPP(width16) if aspp else nn.Identity()
        self.up8 = nn.Conv2d(width16, width8, 1)
        self.score8 = nn.Conv2d(PRIORS, width8, 1, bias=False) if scored else None
        if self.score8:
            nn.init.normal_(self.score8.weight, std=0.01)  # so that a trained network can be given them
        self.body8 = ResidualBlock(width8, width8)
        self.deeper8 = nn.Sequential(*deeper8)
        self.up4 = nn.Conv2d(width8, width4 + EXTRA, 1)
        self.prior4 = nn.Conv2d(PRIORS, width4 + EXTRA, 1, bias=False)
        self.body4 = ResidualBlock(width4 + EXTRA, width4)
        self.logits = nn.Conv2d(width4, 1, 3, 1, 1)
        self.width = width4

    def forward(self, features: dict[str, Tensor], readout: Tensor, prior: Tensor, scores: Tensor | None) -> Tensor:
        """Readout (K, value_dim, H/16, W/16), previous masks (K, 2, H/4, W/4) in 0..1 -> features for ``logits``.

        ``scores`` (K, 2, H/8, W/8), 0..1, are the target model's, of the object and of all others; None for unknown.

        Returns:
            (K, width, H/4, W/4), the representation that distillation compares.
        """
        prior16 = self.prior16(F.avg_pool2d(prior, 4))
        x = self.body16(self.readout16(readout) + prior16 + features["decoder16"])
        x = self.aspp(x)
        x = twice(self.up8(x)) + features["decoder8"]
        if self.score8 and scores is not None:
            x = x + self.score8(scores)
        x = self.deeper8(self.body8(x))
        return self.body4(twice(self.up4(x)) + self.prior4(prior) + features["decoder4"])


def twice(x: Tensor) -> Tensor:
    """(B, C, H, W) at twice the height and width, bilinear."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
