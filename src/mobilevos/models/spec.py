"""What makes one named network differ from another."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Spec:
    """Sizes and parts of a network; stored in every checkpoint."""

    backbone: str
    """One of ``backbones.BACKBONES``."""
    key_dim: int = 64
    value_dim: int = 128
    decoder_widths: tuple[int, int, int] = (96, 48, 32)
    """Channels of the decoder at strides 16, 8 and 4."""
    aspp: bool = False
    """Atrous spatial pyramid pooling before the decoder's first upsampling; students only."""
    deeper: tuple[int, int] = (0, 0)
    """Further residual blocks of the decoder at strides 16 and 8, where depth is cheap; students only."""
    descriptor_dim: int = 0
    """Of the target model's pixel descriptors; 0 for none."""
    family: Literal["student", "stcn"] = "student"
    """Whose value encoder and decoder: our students' light ones, or the published teacher's."""
