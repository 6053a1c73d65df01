"""Segmentation loss: bootstrapped cross-entropy (as STCN) plus dice."""

import torch
from torch import Tensor
from torch.nn import functional as F

IGNORE = 255


def segmentation_loss(logits: Tensor, labels: Tensor, present: Tensor, hardest: float = 1.0) -> Tensor:
    """How far one predicted frame of each clip is from its label map.

    Args:
        logits: (B, K + 1, H, W), background first, as ``aggregate`` gives them.
        labels: (B, H, W) integers; 0 background, 1..K objects, 255 counts nowhere.
        present: (B, K) bool, which of the K slots of each clip hold an object.
        hardest: cross-entropy is the mean over this share (0..1] of each clip's known pixels, the worst ones.

    Returns:
        Scalar: cross-entropy + dice (a mean over the clip's objects), averaged over clips. Every clip weighs the same,
        so the mean over equal parts of a batch is the loss of the batch. A clip without a known pixel, and the dice of
        a clip without objects, are 0.
    """
    valid = labels != IGNORE
    target = torch.where(valid, labels.long(), 0)
    wrong = (F.cross_entropy(logits, target, reduction="none") * valid).flatten(1)
    counts = [max(1, int(known * hardest)) for known in valid.flatten(1).sum(1).tolist()]
    # Unknown pixels are 0 here, so they come last. One clip at a time: a rank within all clips at once needs a sort.
    worst = [clip.topk(count, sorted=False).values.mean() for clip, count in zip(wrong, counts, strict=True)]

    probability = logits.softmax(1)[:, 1:] * valid[:, None]
    truth = F.one_hot(target, logits.shape[1])[..., 1:].permute(0, 3, 1, 2) * valid[:, None]
    overlap = (probability * truth).sum((2, 3))
    # +1 pixel: an object that left the frame is learnt as "predict nothing" instead of dividing by zero
    dice = 1 - (2 * overlap + 1) / (probability.sum((2, 3)) + truth.sum((2, 3)) + 1)
    dice = (dice * present).sum(1) / present.sum(1).clamp_min(1)
    return (torch.stack(worst) + dice).mean()
