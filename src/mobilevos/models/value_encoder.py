"""Value encoder: what memory stores of a frame and the mask of one object in it.

It has two halves: ``prepare`` runs once a frame on what depends on the image alone, ``forward`` runs for
every object. A convolution over the concatenation of image and mask features is the sum of two convolutions,
so the image half is computed once and the second object costs only the mask half.
"""

from torch import Tensor, nn

from mobilevos.models.layers import ResidualBlock, conv_bn_relu


class ValueEncoder(nn.Module):
    """Re-uses the frame's own features; only a light mask encoder runs for each object.

    The paper's students encode image and mask with a second backbone (as STCN does): that doubles the parameters and
    most of the cost of a frame.
    """

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
