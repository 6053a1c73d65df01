"""Simulated tracking mistakes: a network that only ever sees good previous masks never learns to mend bad ones."""

import torch
from torch import Tensor
from torch.nn import functional as F


def with_mistakes(masks: Tensor, probability: float, rng: torch.Generator) -> Tensor:
    """Spoil some masks as drift does: a leak over the border, a missing part, or a ghost elsewhere.

    Args:
        masks: (M, S, S) soft masks, 0..1.
        probability: of each mask to be spoilt.
        rng: decides which and how.

    Returns:
        (M, S, S); gradients flow through what is kept.
    """
    side = masks.shape[-1]
    spoilt = torch.rand(len(masks), generator=rng) < probability
    kinds = torch.randint(3, (len(masks),), generator=rng)
    coarse = torch.randn(len(masks), 1, 6, 6, generator=rng)
    patches = (F.interpolate(coarse, size=(side, side), mode="bicubic", align_corners=False)[:, 0] > 0.4).float()
    shifts = torch.randint(-side // 3, side // 3 + 1, (len(masks), 2), generator=rng)
    result = []
    for mask, bad, kind, patch, shift in zip(masks, spoilt, kinds, patches, shifts, strict=True):
        if not bad:
            result.append(mask)
        elif kind == 0:
            reach = side // 8
            columns = F.max_pool2d(mask[None], (2 * reach + 1, 1), 1, (reach, 0))
            wider = F.max_pool2d(columns, (1, 2 * reach + 1), 1, (0, reach))[0]
            result.append(torch.maximum(mask, wider * patch))
        elif kind == 1:
            result.append(mask * (1 - patch))
        else:
            result.append(torch.maximum(mask, mask.roll(shift.tolist(), (0, 1)) * patch))
    return torch.stack(result)
