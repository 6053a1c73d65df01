"""Target model: a ridge classifier for each object, in closed form, from the frames that memory holds for good.

Matching (`memory_read`) asks which remembered pixel is most like this one, and a look-alike's is as good as the
object's own. The classifier asks what tells the object from everything else that was seen beside it. Networks that
learn such a model online (FRTM, Robinson et al., CVPR 2020; LWL, Bhat et al., ECCV 2020) descend gradients on thousands
of channels; on a few that are trained for it (as R2D2, Bertinetto et al., ICLR 2019), the solution is one small system
of linear equations.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mobilevos.engine.target_model import RIDGE
from mobilevos.models.layers import conv_bn_relu


class TargetModel(nn.Module):
    """What pixels are described by, and how objects are told apart by it.

    Args:
        channels: of the backbone at strides 4, 8 and 16.
        dim: D, of a descriptor.
    """

    def __init__(self, channels: tuple[int, int, int], dim: int) -> None:
        super().__init__()
        _, stride8, stride16 = channels
        self.fine = nn.Conv2d(stride8, 2 * dim, 1)
        self.coarse = nn.Conv2d(stride16, 2 * dim, 1, bias=False)
        self.mixed = nn.Sequential(nn.BatchNorm2d(2 * dim), nn.ReLU(inplace=True), *conv_bn_relu(2 * dim, dim)[:2])
        self.sharpness = nn.Parameter(torch.tensor(3.0).log())

    def prepare(self, stride8: Tensor, stride16: Tensor) -> dict[str, Tensor]:
        """Backbone features -> ``descriptor`` (B, D, H/8, W/8) of unit length."""
        coarse = F.interpolate(self.coarse(stride16), scale_factor=2, mode="bilinear", align_corners=False)
        return {"descriptor": F.normalize(self.mixed(self.fine(stride8) + coarse).float(), dim=1)}

    def evidence(self, descriptor: Tensor, masks: Tensor) -> Tensor:
        """As `mobilevos.engine.target_model.evidence`, on frames of their own for each object.

        Args:
            descriptor: (1 or K, D, H/8, W/8).
            masks: (K, 2, H/4, W/4) the object and the union of the others, 0..1.

        Returns:
            (K, D + 1, D + 2) symmetric matrices, the last of D + 1 for the bias, and beside them the right sides.
        """
        own, others = F.avg_pool2d(masks.float(), 2).flatten(2).unbind(1)
        groups = torch.stack([own, others, (1 - own - others).clamp(min=0)], 1)  # (K, 3, P)
        weights = groups / (groups.sum(2, keepdim=True) + 1) * groups.new_tensor([2.0, 1.0, 1.0])[:, None]
        samples = with_bias(descriptor).flatten(2)
        weighted = samples * weights.sum(1, keepdim=True)
        right = weighted @ (2 * own - 1)[..., None]
        matrix = weighted @ samples.transpose(1, 2)
        return torch.cat([matrix + RIDGE * torch.eye(matrix.shape[-1]), right], 2)

    def scores(self, descriptor: Tensor, classifier: Tensor) -> Tensor:
        """How much the pixels of a frame look like each object.

        Args:
            descriptor: (1 or K, D, H/8, W/8).
            classifier: (K, D + 1), see ``solve``.

        Returns:
            (K, H/8, W/8) logits.
        """
        found = classifier[:, None] @ with_bias(descriptor).flatten(2)
        return self.sharpness.exp() * found[:, 0].unflatten(1, descriptor.shape[-2:])


def with_bias(descriptor: Tensor) -> Tensor:
    """(B, D, H, W) -> (B, D + 1, H, W)."""
    return torch.cat([descriptor, torch.ones_like(descriptor[:, :1])], 1)


def solve(evidence: Tensor) -> Tensor:
    """Normal equations (K, D + 1, D + 2) -> classifiers (K, D + 1)."""
    return torch.linalg.solve(evidence[..., :-1], evidence[..., -1])
