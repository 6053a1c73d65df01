"""The few convolution blocks that every part of the network is made of."""

from torch import Tensor, nn


def conv_bn_relu(inputs: int, outputs: int, kernel: int = 3, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """Convolution without bias, batch norm, ReLU; "same" padding."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def separable(inputs: int, outputs: int, kernel: int = 5) -> nn.Sequential:
    """Depth-wise then point-wise convolution, each with batch norm and ReLU."""
    return nn.Sequential(*conv_bn_relu(inputs, inputs, kernel, groups=inputs), *conv_bn_relu(inputs, outputs, kernel=1))


class ResidualBlock(nn.Module):
    """Two separable convolutions beside a (projected) identity.

    A 5 x 5 depth-wise kernel costs next to nothing at these widths and doubles the receptive field.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.body = nn.Sequential(separable(inputs, outputs), separable(outputs, outputs))
        self.shortcut = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H, W)."""
        return self.shortcut(x) + self.body(x)


def timid(block: ResidualBlock) -> ResidualBlock:
    """The block, changing what it is given by little at first, so that a trained network can be deepened by it."""
    *_, last = (module for module in block.modules() if isinstance(module, nn.BatchNorm2d))
    nn.init.constant_(last.weight, 0.03)
    return block
