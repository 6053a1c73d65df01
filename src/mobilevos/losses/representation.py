"""Representation loss of MobileVOS (CVPR 2023, arXiv 2303.07815): distillation and contrastive learning in one.

The correlation matrix C = Z Z^T of unit feature vectors Z, one row a pixel, says which pixels look alike. With Renyi's
entropy of order 2, H(A) = -log2 ||A / tr A||_F^2 and H(A, B) = H(A * B) (* elementwise), the loss is the conditional
entropy H(C_s, C_target) - H(C_s): minimising it maximises the mutual information of student and target.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from mobilevos.errors import InputError


def representation_loss(
    student: Tensor, teacher: Tensor | None, labels: Tensor | None = None, omega: float = 1.0
) -> Tensor:
    """log2 ||C_s||^2 - log2 ||C_s * C_target||^2, where C_target = omega C_t + (1 - omega) C_y.

    Omega 1 distils the teacher; omega 0 is supervised contrastive learning, which attracts pixels of the same label
    and repels the others. The loss lies in 0..log2(N) where every pixel has features and a target; it does not change
    with length or sign of a student's vector, a rotation of its space or the order of the pixels. No gradient reaches
    the target.

    >>> features = torch.eye(4)
    >>> representation_loss(features, features).item(), representation_loss(features, torch.ones(4, 1)).item()
    (0.0, 0.0)

    Cost: omega 0 takes O(N K Cs^2) time and O(N K Cs) memory; otherwise N^2 (Cs + Ct + K) multiplications and a few
    N x N matrices, which for 32 channels is less than any form without them up to some 16,000 pixels.

    Args:
        student: (N, Cs) features of the sampled pixels, any float type (computed in float32 or wider, also under
            autocast); they are L2-normalised here, and a zero vector resembles nothing.
        teacher: (N, Ct) features of the same pixels, likewise; may be None if omega is 0.
        labels: (N, K) one-hot, any type, background and objects; may be None if omega is 1. A row of zeros is a pixel
            of unknown label. Columns that no pixel has are harmless.
        omega: share of the teacher in the target, 0..1. The paper takes 0 for ResNet18 and 0.95 for MobileNetV2.

    Returns:
        Scalar; exactly 0 for fewer than two pixels. Values and gradients are finite for all finite features.

    Raises:
        InputError: omega is out of range, what it needs is missing, or the rows do not match.
    """
    if not 0 <= omega <= 1:
        raise InputError(f"omega must lie between 0 (labels only) and 1 (teacher only), not {omega}.")
    if student.ndim != 2:
        raise InputError(f"Student features must be (pixels, channels), not {tuple(student.shape)}.")
    student = student.to(torch.promote_types(student.dtype, torch.float32))
    teacher = _matching("teacher features", teacher, omega, student)
    labels = _matching("labels", labels, 1 - omega, student)
    if len(student) < 2:
        return student[:0].sum()

    with torch.autocast(student.device.type, enabled=False):
        z = F.normalize(student)
        if omega == 0:
            # Only pairs of one label are left, so the norm is a sum over labels of ||Z_k^T Z_k||^2.
            shared = (labels[:, :, None] * z[:, None]).flatten(1).T @ z
        else:
            # C_target is itself the Gram matrix of teacher features and labels side by side.
            target = torch.cat([omega**0.5 * F.normalize(teacher), (1 - omega) ** 0.5 * labels], 1)
            shared = (z @ z.T) * (target @ target.T)
        # ||Z Z^T|| = ||Z^T Z||, and that is only Cs x Cs.
        return _log_norm(z.T @ z) - _log_norm(shared)


def _matching(name: str, rows: Tensor | None, weight: float, student: Tensor) -> Tensor:
    """Teacher or labels as constants of the student's type; (N, 0) if they are missing and weigh nothing."""
    if rows is None:
        if weight > 0:
            raise InputError(
                f"omega gives {name} a weight of {weight:g} but there are none; pass them or change omega."
            )
        return student.new_zeros(len(student), 0)
    if rows.ndim != 2 or len(rows) != len(student):
        raise InputError(f"The {name} must have one row for each of {len(student)} pixels, not {tuple(rows.shape)}.")
    return rows.detach().to(student.dtype)


def _log_norm(matrix: Tensor) -> Tensor:
    """log2 of the squared Frobenius norm.

    The diagonal alone adds 1 for every pixel with features and a target: below 1 there is no such pixel, and the floor
    keeps the logarithm finite.
    """
    return matrix.square().sum().clamp_min(1).log2()
