"""What goes wrong on purpose in training: a network that only ever sees good priors never learns to do without."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F


class Mishaps:
    """Spoils previous masks and withholds priors; what happens to an object depends on its generator alone.

    Args:
        rngs: one generator per object; objects of one clip may share theirs.
        mistakes: probability that an object's previous mask is spoilt in a frame.
        prior_drop: probability that an object's prior is withheld in a frame.
    """

    def __init__(self, rngs: Sequence[torch.Generator], mistakes: float, prior_drop: float) -> None:
        self._rngs = rngs
        self._mistakes = mistakes
        self._prior_drop = prior_drop

    def spoil(self, masks: Tensor) -> Tensor:
        """(M, S, S) soft masks, 0..1 -> the same, some of them spoilt; gradients flow through what is kept."""
        return torch.stack([self._spoilt(mask, rng) for mask, rng in zip(masks, self._rngs, strict=True)])

    def kept_priors(self) -> Tensor:
        """(M, 1, 1, 1) bool: whose prior may be seen in this frame."""
        drawn = torch.stack([torch.rand(1, generator=rng) for rng in self._rngs])
        return drawn[..., None, None] >= self._prior_drop

    def _spoilt(self, mask: Tensor, rng: torch.Generator) -> Tensor:
        """As drift does it: a leak over the border, a missing part, or a ghost elsewhere."""
        if torch.rand(1, generator=rng) >= self._mistakes:
            return mask
        side = mask.shape[-1]
        kind = int(torch.randint(3, (1,), generator=rng))
        coarse = torch.randn(1, 1, 6, 6, generator=rng)
        patch = (F.interpolate(coarse, size=(side, side), mode="bicubic", align_corners=False)[0, 0] > 0.4).float()
        if kind == 0:
            reach = side // 8
            columns = F.max_pool2d(mask[None], (2 * reach + 1, 1), 1, (reach, 0))
            wider = F.max_pool2d(columns, (1, 2 * reach + 1), 1, (0, reach))[0]
            return torch.maximum(mask, wider * patch)
        if kind == 1:
            return mask * (1 - patch)
        down, right = torch.randint(-side // 3, side // 3 + 1, (2,), generator=rng).tolist()
        return torch.maximum(mask, mask.roll((down, right), (0, 1)) * patch)
