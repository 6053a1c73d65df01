"""Space-time memory read: L2 affinity between query and memory keys, softmax over memory, readout."""

from math import sqrt

import torch
from torch import Tensor

NEGLIGIBLE = 40.0
"""How far below a query pixel's best match a similarity no longer counts."""


def affinity(query_key: Tensor, memory_key: Tensor) -> Tensor:
    """Softmax over the memory of the negative squared L2 distance between keys (STCN, eq. 5).

    The term |q|^2 is the same for every memory entry and drops out of the softmax.

    Args:
        query_key: (B, C, Q) keys of the frame being segmented.
        memory_key: (B, C, N) keys of all memory pixels.

    Returns:
        (B, Q, N) weights; every row sums to 1.
    """
    # Similarities are differences of large numbers, so they are float32 whatever the rest of the network is.
    with torch.autocast(query_key.device.type, enabled=False):
        kind = torch.promote_types(query_key.dtype, torch.float32)
        return _affinity(query_key.to(kind), memory_key.to(kind))


def _affinity(query_key: Tensor, memory_key: Tensor) -> Tensor:
    # One product gives 2 q.k - |k|^2: scaling and subtraction, as passes of their own, would cost as much as it does.
    scale = 1 / sqrt(query_key.shape[1])
    offset = memory_key.square().sum(1, keepdim=True) * -scale
    memory = torch.cat([memory_key * (2 * scale), offset], 1)
    query = torch.cat([query_key, torch.ones_like(query_key[:, :1])], 1)
    similarity = query.transpose(1, 2) @ memory
    # A weight of e^-40 beside the best match's changes no bit of a readout, but those of e^-88 and less are denormal
    # numbers, with which processors reckon so slowly that a read took two to three times as long.
    floor = similarity.amax(-1, keepdim=True) - NEGLIGIBLE
    return torch.maximum(similarity, floor).softmax(-1)


def readout(weights: Tensor, memory_value: Tensor) -> Tensor:
    """Weighted sum of memory values for every query pixel.

    Args:
        weights: (1 or K, Q, N) affinity; one for all objects, or one each.
        memory_value: (K, C, N) values of each object.

    Returns:
        (K, C, Q).
    """
    return memory_value @ weights.transpose(1, 2)
