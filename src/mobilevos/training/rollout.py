"""A network run over training clips exactly as it will run on video: its own masks come back as memory and prior."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from mobilevos.losses.segmentation import IGNORE
from mobilevos.models.network import Features, Network, aggregate, upsample
from mobilevos.models.target_model import solve
from mobilevos.training.mistakes import Mishaps

ABSENT = -20.0
"""Logit of an object slot that holds no object."""


class Prediction(NamedTuple):
    """What a network says of one frame of B clips with M objects in all."""

    embedding: Tensor
    """(M, C, S/4, S/4) pixel features of each object, in the order of ``present.nonzero()``."""
    logits: Tensor
    """(B, K + 1, S, S), background first."""
    scores: Tensor | None
    """(M, S/8, S/8) logits of the target model, if there is one."""


def object_slots(labels: Tensor) -> Tensor:
    """Which objects the first frame of each clip shows: (B, S, S) label maps -> (B, K) bool, K the largest id."""
    ids = torch.arange(1, int(labels[labels != IGNORE].max()) + 1, device=labels.device)
    return (labels[:, None] == ids[:, None, None]).flatten(2).any(2)


def rollout(
    network: Network,
    frames: Tensor,
    first: Tensor,
    present: Tensor,
    *,
    mishaps: Mishaps | None = None,
    infinite: bool = False,
    precision: torch.dtype = torch.float32,
) -> Iterator[Prediction]:
    """Segment frames 1..T-1 of each clip, one after the other.

    Objects of all clips go through the network side by side, each with the features of its own clip.

    Args:
        network: in training mode or not.
        frames: (B, T, 3, S, S) uint8 RGB.
        first: (B, S, S) label maps of frame 0.
        present: (B, K) bool, from ``object_slots``.
        mishaps: what goes wrong on purpose; nothing if not given.
        infinite: memory keeps every frame, as the teacher's does, and not only the first and the previous one.
        precision: float32, or bfloat16 for the network; affinity, aggregation and all that is returned are float32.
    """
    clips, length = frames.shape[:2]
    owner, slot = present.nonzero(as_tuple=True)

    def mixed() -> torch.autocast:
        return torch.autocast("cpu", precision, enabled=precision != torch.float32)

    with mixed():
        every = network.query(frames.flatten(0, 1).contiguous(memory_format=torch.channels_last))

    def features(t: int) -> Features:
        return {name: tensor.unflatten(0, (clips, length))[:, t][owner] for name, tensor in every.items()}

    def beside_others(masks: Tensor) -> Tensor:
        together = masks.new_zeros((clips, *masks.shape[1:])).index_add(0, owner, masks)
        return torch.stack([masks, (together[owner] - masks).clamp(0, 1)], 1)

    def memorise(now: Features, masks: Tensor) -> tuple[Tensor, Tensor]:
        with mixed():
            return now["key"].flatten(2), network.encode_value(now, upsample(beside_others(masks)))

    def beside_each_other(own: Tensor) -> Tensor:
        slots = own.new_full((*present.shape, *own.shape[1:]), ABSENT)
        slots[owner, slot] = own
        return aggregate(slots)

    masks = avg_pool2d((first[owner] == slot[:, None, None] + 1).float(), 4)
    before = features(0)
    memory = [memorise(before, masks)]
    target = network.target
    with torch.autocast("cpu", enabled=False):
        classifier = solve(target.evidence(before["descriptor"], beside_others(masks))) if target else None
    for t in range(1, length):
        now = features(t)
        recalled = mishaps.spoil(masks) if mishaps else masks
        if t > 1:
            memory = [*(memory if infinite else memory[:1]), memorise(before, recalled)]
        prior = beside_others(recalled)
        if mishaps:
            prior = prior * mishaps.kept_priors()
        key, value = (torch.cat(parts, 2) for parts in zip(*memory, strict=True))
        scores = target.scores(now["descriptor"], classifier) if target and classifier is not None else None
        seen = None if scores is None else beside_others(scores.sigmoid())
        with mixed():
            embedding = network.embed(now, key, value, prior, seen)
            own = network.decoder.logits(embedding).float()
        yield Prediction(embedding.float(), beside_each_other(upsample(own)[:, 0]), scores)
        masks, before = beside_each_other(own[:, 0]).softmax(1)[:, 1:][owner, slot], now
