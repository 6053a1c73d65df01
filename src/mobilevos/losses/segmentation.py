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
        hardest: cross-entropy is the mean over this share (0..1] of each clip's pixels, the worst ones.

    Returns:
        Scalar: cross-entropy + dice, each a mean over the batch.
    """
    valid = labels != IGNORE
    target = torch.where(valid, labels.long(), 0)
    wrong = F.cross_entropy(logits, target, reduction="none") * valid
    pixels = max(1, int(wrong[0].numel() * hardest))
    cross_entropy = wrong.flatten(1).topk(pixels, 1, sorted=False).values.mean()

    probability = logits.softmax(1)[:, 1:] * valid[:, None]
    truth = F.one_hot(target, logits.shape[1])[..., 1:].permute(0, 3, 1, 2) * valid[:, None]
    overlap = (probability * truth).sum((2, 3))
    # +1 pixel: an object that left the frame is learnt as "predict nothing" instead of dividing by zero
    dice = 1 - (2 * overlap + 1) / (probability.sum((2, 3)) + truth.sum((2, 3)) + 1)
    return cross_entropy + dice[present].mean()
