"""What a training step minimises: on clips, labels and (distilled) a teacher; on images, a teacher's features."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, softplus

from mobilevos.losses import (
    downsample_labels,
    logit_distillation_loss,
    representation_loss,
    sample_boundary,
    segmentation_loss,
)
from mobilevos.losses.segmentation import IGNORE
from mobilevos.models import Network
from mobilevos.training.mistakes import Mishaps
from mobilevos.training.recipe import Distillation, Recipe
from mobilevos.training.rollout import Prediction, object_slots, rollout

TARGET = 0.2
"""Weight of the target model's own loss."""
SAMPLES = 256
"""Pixels sampled per object and frame for the representation loss."""


class Clips(NamedTuple):
    """A batch, and where its randomness comes from."""

    frames: Tensor
    """(B, T, 3, S, S) uint8 RGB."""
    labels: Tensor
    """(B, T, S, S) uint8; 0 background, 1..K objects, 255 unknown."""
    numbers: list[int]
    """Of the clips, within the run."""

    def only(self, row: int) -> "Clips":
        """The batch of one clip."""
        return Clips(self.frames[row : row + 1], self.labels[row : row + 1], [self.numbers[row]])


def clip_objective(
    network: Network, teacher: Network | None, clips: Clips, recipe: Recipe, step: int
) -> tuple[Tensor, dict[str, float]]:
    """Segmentation loss of every frame and, with a teacher, the distillation terms (paper, eq. 7).

    Args:
        network: the student, in training mode; its memory is finite.
        teacher: in evaluation mode; its memory is infinite, and nothing goes wrong for it.
        clips: the batch.
        recipe: weights of the terms.
        step: of the run.

    Returns:
        The loss, a mean over the clips, and the figures to log.
    """
    present = object_slots(clips.labels[:, 0])
    rngs = [torch.Generator().manual_seed(recipe.seed * 1_000_003 + number) for number in clips.numbers]
    owners = present.nonzero()[:, 0].tolist()
    mishaps = Mishaps([rngs[clip] for clip in owners], recipe.mistakes, recipe.prior_drop)
    lessons: list[Prediction] = []
    kind = getattr(torch, recipe.precision)
    first = clips.labels[:, 0]
    if teacher:
        with torch.no_grad():
            lessons = list(rollout(teacher, clips.frames, first, present, infinite=True, precision=kind))
    distillation = recipe.distillation
    terms: dict[str, list[Tensor]] = {"segmentation": [], "representation": [], "logits": [], "target": []}
    predictions = rollout(network, clips.frames, first, present, mishaps=mishaps, precision=kind)
    for t, own in enumerate(predictions, start=1):
        labels = clips.labels[:, t]
        terms["segmentation"].append(segmentation_loss(own.logits, labels, present, recipe.hardest(step)))
        if own.scores is not None:
            terms["target"].append(_target_loss(own.scores, labels, present))
        if distillation and distillation.representation:
            terms["representation"].append(_representation(own, lessons[t - 1], labels, present, rngs, distillation))
        if distillation and distillation.logits:
            terms["logits"].append(logit_distillation_loss(own.logits, lessons[t - 1].logits, valid=labels != IGNORE))
    means = {name: torch.stack(values).mean() for name, values in terms.items() if values}
    loss = means["segmentation"]
    figures = {"iou": _overlap(own.logits, labels)}
    if "target" in means:
        loss = loss + TARGET * means["target"]
        figures |= {"segmentation": means["segmentation"].item(), "target": means["target"].item()}
    if distillation:
        loss = loss + distillation.representation * means.get("representation", 0)
        loss = loss + distillation.logits * means.get("logits", 0)
        figures |= {name: value.item() for name, value in means.items()}
    return loss, {"loss": loss.item(), **figures}


def _target_loss(scores: Tensor, labels: Tensor, present: Tensor) -> Tensor:
    """Cross-entropy of a target model's scores, the object and the rest weighing the same; a mean over the objects."""
    owner, slot = present.nonzero(as_tuple=True)
    fine = labels[owner]
    known = (fine != IGNORE).float()
    truth, known = (avg_pool2d(x[:, None], 8)[:, 0] for x in (known * (fine == slot[:, None, None] + 1), known))
    groups = torch.stack([truth, known - truth], 1)
    weights = (groups / (groups.sum((2, 3), keepdim=True) + 1)).unbind(1)
    of_object, of_rest = (softplus(side * scores) * weight for side, weight in zip((-1, 1), weights, strict=True))
    return (of_object + of_rest).sum((1, 2)).mean() / 2


def feature_objective(network: Network, teacher: Network, clips: Clips) -> tuple[Tensor, dict[str, float]]:
    """How far a student's image features are from the teacher's, each channel in units of its own variance.

    A student that shares the teacher's widths and has learnt this can take over whatever follows the backbone.
    """
    images = clips.frames.flatten(0, 1).contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        lesson = teacher.query(images)
    own = network.query(images)
    errors = {}
    for name, wanted in lesson.items():
        variance = wanted.var((0, 2, 3), keepdim=True)
        errors[name] = ((own[name] - wanted).square() / (variance + variance.mean() * 1e-3)).mean()
    loss = torch.stack(list(errors.values())).mean()
    return loss, {"loss": loss.item(), **{name: error.item() for name, error in errors.items()}}


def _representation(
    own: Prediction,
    lesson: Prediction,
    labels: Tensor,
    present: Tensor,
    rngs: list[torch.Generator],
    distillation: Distillation,
) -> Tensor:
    """Mean over clips of the mean over their objects."""
    small = downsample_labels(labels, labels.shape[-1] // own.embedding.shape[-1])
    clips: list[list[Tensor]] = [[] for _ in rngs]
    for row, (clip, slot) in enumerate(present.nonzero().tolist()):
        known = small[clip] != IGNORE
        mask = torch.where(known, (small[clip] == slot + 1).to(small.dtype), small[clip])
        pixels = sample_boundary(mask, SAMPLES, distillation.boundary, rngs[clip])
        student, teacher = (each.embedding[row].flatten(1).T[pixels] for each in (own, lesson))
        sides = torch.nn.functional.one_hot(mask.flatten()[pixels].long(), 2)
        clips[clip].append(representation_loss(student, teacher, sides, distillation.omega))
    return torch.stack([torch.stack(objects).mean() for objects in clips]).mean()


def _overlap(logits: Tensor, labels: Tensor) -> float:
    """IoU of all objects together with the truth."""
    foreground, truth = logits.detach()[:, 0] < 0, (labels > 0) & (labels != IGNORE)
    overlap, union = (foreground & truth).sum(), (foreground | truth).sum()
    return overlap.item() / max(1, union.item())
