"""Training losses, one small pure function a file."""

from mobilevos.losses.segmentation import segmentation_loss

__all__ = ["segmentation_loss"]
