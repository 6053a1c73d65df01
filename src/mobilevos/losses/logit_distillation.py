"""Logit distillation: the student's probabilities follow the teacher's, pixel by pixel."""

import torch
from torch import Tensor
from torch.nn import functional as F

from mobilevos.errors import InputError


def logit_distillation_loss(
    student: Tensor, teacher: Tensor, temperature: float = 0.1, valid: Tensor | None = None
) -> Tensor:
    """temperature * KL(teacher || student) between softmax(logits / temperature), a mean over pixels, then clips.

    The gradient of the bare divergence is (p_student - p_teacher) / temperature. The factor takes the division out:
    a logit's gradient stays within -1..1, as cross-entropy's, at any temperature. The customary temperature^2 (Hinton
    et al., 2015) is right above 1, where the probabilities' difference also shrinks with the temperature; at 0.1, where
    they are almost hard, it would leave a tenth.

    Args:
        student: (B, K + 1, H, W) logits, background first, as ``aggregate`` gives them; any float type.
        teacher: the same of the teacher; no gradient reaches it.
        temperature: above 0; the paper's is 0.1.
        valid: (B, H, W) bool, the pixels that count; all if None. A clip without any contributes 0.

    Returns:
        Scalar, a mean over clips.

    Raises:
        InputError: shapes do not match or the temperature is not positive.
    """
    if not temperature > 0:
        raise InputError(f"The temperature of logit distillation must be above 0, not {temperature}.")
    if student.ndim != 4 or student.shape != teacher.shape:
        raise InputError(
            "Logits of student and teacher must both be (B, K + 1, H, W), "
            f"not {tuple(student.shape)} and {tuple(teacher.shape)}."
        )
    clips, _, height, width = student.shape
    if valid is None:
        valid = torch.ones(clips, height, width, dtype=torch.bool, device=student.device)
    elif valid.shape != (clips, height, width):
        raise InputError(f"valid must be {(clips, height, width)} as the logits are, not {tuple(valid.shape)}.")
    wide = torch.promote_types(student.dtype, torch.float32)
    followed, led = (F.log_softmax(logits.to(wide) / temperature, 1) for logits in (student, teacher.detach()))
    divergence = F.kl_div(followed, led, reduction="none", log_target=True).sum(1) * valid
    per_clip = divergence.sum((1, 2)) / valid.sum((1, 2)).clamp_min(1)
    return temperature * per_clip.mean()
