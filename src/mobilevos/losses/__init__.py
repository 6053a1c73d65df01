"""Training losses, one small pure function a file."""

from mobilevos.losses.boundary import downsample_labels, sample_boundary
from mobilevos.losses.logit_distillation import logit_distillation_loss
from mobilevos.losses.representation import representation_loss
from mobilevos.losses.segmentation import segmentation_loss

__all__ = [
    "downsample_labels",
    "logit_distillation_loss",
    "representation_loss",
    "sample_boundary",
    "segmentation_loss",
]
