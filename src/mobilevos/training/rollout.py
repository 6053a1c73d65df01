"""A network run over training clips exactly as it will run on video: its own masks come back as memory and prior."""

from collections.abc import Iterator

import torch
from torch import Tensor

from mobilevos.losses.segmentation import IGNORE
from mobilevos.models.network import Features, Network, aggregate, upsample

ABSENT = -20.0
"""Logit of an object slot that holds no object."""


def object_slots(labels: Tensor) -> Tensor:
    """Which objects the first frame of each clip shows: (B, S, S) label maps -> (B, K) bool, K the largest id."""
    ids = torch.arange(1, int(labels[labels != IGNORE].max()) + 1, device=labels.device)
    return (labels[:, None] == ids[:, None, None]).flatten(2).any(2)


def rollout(
    network: Network, frames: Tensor, first: Tensor, present: Tensor, prior_drop: float, rng: torch.Generator
) -> Iterator[Tensor]:
    """Segment frames 1..T-1 of each clip, one after the other.

    Objects of all clips go through the network side by side, each with the features of its own clip.

    Args:
        network: in training mode or not.
        frames: (B, T, 3, S, S) uint8 RGB.
        first: (B, S, S) label maps of frame 0.
        present: (B, K) bool, from ``object_slots``.
        prior_drop: probability that an object's prior is withheld in a frame.
        rng: decides which.

    Yields:
        (B, K + 1, S, S) logits of each frame, background first.
    """
    clips, length = frames.shape[:2]
    owner, slot = present.nonzero(as_tuple=True)
    every = network.query(frames.flatten(0, 1).contiguous(memory_format=torch.channels_last))

    def features(t: int) -> Features:
        return {name: tensor.unflatten(0, (clips, length))[:, t][owner] for name, tensor in every.items()}

    ids = torch.arange(1, present.shape[1] + 1)[:, None, None]
    masks = (first[:, None] == ids).float()

    def memory(now: Features, masks: Tensor) -> tuple[Tensor, Tensor]:
        own = masks[owner, slot]
        others = (masks.sum(1)[owner] - own).clamp(0, 1)
        return now["key"].flatten(2), network.encode_value(now, torch.stack([own, others], 1))

    first_key, first_value = previous_key, previous_value = memory(features(0), masks)
    for t in range(1, length):
        now = features(t)
        kept = torch.rand(len(owner), 1, 1, 1, generator=rng) >= prior_drop
        if t == 1:
            key, value = first_key, first_value
        else:
            key, value = torch.cat([first_key, previous_key], 2), torch.cat([first_value, previous_value], 2)
        own_logits = upsample(network.decode(now, key, value, masks[owner, slot][:, None] * kept))[:, 0]
        logits = own_logits.new_full((*present.shape, *own_logits.shape[1:]), ABSENT)
        logits[owner, slot] = own_logits
        together = aggregate(logits)
        yield together
        masks = together.softmax(1)[:, 1:]
        if t < length - 1:
            previous_key, previous_value = memory(now, masks)
