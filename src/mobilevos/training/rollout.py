"""A network run over training clips exactly as it will run on video: its own masks come back as memory and prior."""

from collections.abc import Iterator

import torch
from torch import Tensor

from mobilevos.losses.segmentation import IGNORE
from mobilevos.models.network import Features, Network, aggregate, upsample
from mobilevos.training.mistakes import with_mistakes

ABSENT = -20.0
"""Logit of an object slot that holds no object."""


def object_slots(labels: Tensor) -> Tensor:
    """Which objects the first frame of each clip shows: (B, S, S) label maps -> (B, K) bool, K the largest id."""
    ids = torch.arange(1, int(labels[labels != IGNORE].max()) + 1, device=labels.device)
    return (labels[:, None] == ids[:, None, None]).flatten(2).any(2)


def rollout(
    network: Network,
    frames: Tensor,
    first: Tensor,
    present: Tensor,
    prior_drop: float,
    mistakes: float,
    rng: torch.Generator,
) -> Iterator[Tensor]:
    """Segment frames 1..T-1 of each clip, one after the other.

    Objects of all clips go through the network side by side, each with the features of its own clip.

    Args:
        network: in training mode or not.
        frames: (B, T, 3, S, S) uint8 RGB.
        first: (B, S, S) label maps of frame 0.
        present: (B, K) bool, from ``object_slots``.
        prior_drop: probability that an object's prior is withheld in a frame.
        mistakes: probability that an object's previous mask is spoilt, see ``with_mistakes``.
        rng: decides which.

    Yields:
        (B, K + 1, S, S) logits of each frame, background first.
    """
    clips, length = frames.shape[:2]
    owner, slot = present.nonzero(as_tuple=True)
    every = network.query(frames.flatten(0, 1).contiguous(memory_format=torch.channels_last))

    def features(t: int) -> Features:
        return {name: tensor.unflatten(0, (clips, length))[:, t][owner] for name, tensor in every.items()}

    def memory(now: Features, masks: Tensor) -> tuple[Tensor, Tensor]:
        together = masks.new_zeros((clips, *masks.shape[1:])).index_add(0, owner, masks)
        others = (together[owner] - masks).clamp(0, 1)
        return now["key"].flatten(2), network.encode_value(now, torch.stack([masks, others], 1))

    masks = (first[owner] == slot[:, None, None] + 1).float()
    before = features(0)
    first_key, first_value = key, value = memory(before, masks)
    for t in range(1, length):
        now = features(t)
        recalled = with_mistakes(masks, mistakes, rng)
        if t > 1:
            previous_key, previous_value = memory(before, recalled)
            key, value = torch.cat([first_key, previous_key], 2), torch.cat([first_value, previous_value], 2)
        kept = torch.rand(len(owner), 1, 1, 1, generator=rng) >= prior_drop
        own_logits = upsample(network.decode(now, key, value, recalled[:, None] * kept))[:, 0]
        logits = own_logits.new_full((*present.shape, *own_logits.shape[1:]), ABSENT)
        logits[owner, slot] = own_logits
        together = aggregate(logits)
        yield together
        masks, before = together.softmax(1)[:, 1:][owner, slot], now
