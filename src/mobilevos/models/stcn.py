"""The paper's teacher, STCN, from the weights that its authors publish (github.com/hkchengrex/STCN)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from warnings import catch_warnings

import torch
from torch import Tensor
from torch.nn import functional as F

from mobilevos.errors import ModelNotFound
from mobilevos.models.network import Network
from mobilevos.models.zoo import SPECS

_PUBLISHED = {
    "backbone.body.layer1.": "key_encoder.res2.",
    "backbone.body.": "key_encoder.",
    "key.": "key_proj.key_proj.",
    "value_encoder.backbone.body.": "value_encoder.",
    "value_encoder.fuse.": "value_encoder.fuser.block1.",
    "value_encoder.body.": "value_encoder.fuser.block2.",
    "value_encoder.attention.channel.0.": "value_encoder.fuser.attention.ChannelGate.mlp.1.",
    "value_encoder.attention.channel.2.": "value_encoder.fuser.attention.ChannelGate.mlp.3.",
    "value_encoder.attention.place.": "value_encoder.fuser.attention.SpatialGate.spatial.conv.",
    "decoder.skip16.": "key_comp.",
    "decoder.skip8.": "decoder.up_16_8.skip_conv.",
    "decoder.skip4.": "decoder.up_8_4.skip_conv.",
    "decoder.body16.": "decoder.compress.",
    "decoder.body8.": "decoder.up_16_8.out_conv.",
    "decoder.body4.": "decoder.up_8_4.out_conv.",
    "decoder.logits.": "decoder.pred.",
}
"""Our prefixes -> the published ones; the first that fits counts."""

_MASK_CONV = "value_encoder.conv1.weight"


class STCN(Network):
    """STCN with the published ``encode_key`` beside the interface that all our networks have (RGB 0..255)."""

    def encode_key(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Encode frames as the published network does.

        Args:
            image: (B, 3, H, W) float32 RGB, 0..1, less ImageNet's mean (0.485, 0.456, 0.406) and divided by its
                deviation (0.229, 0.224, 0.225); H and W multiples of 16.

        Returns:
            The key (B, 64, H/16, W/16), the image features (B, 512, H/16, W/16) that the decoder gets beside the
            readout, and the backbone's at strides 16, 8 and 4 (1024, 512 and 256 channels).
        """
        stride4, stride8, stride16 = self.backbone(image)
        return self.key(stride16), self.decoder.skip16(stride16), stride16, stride8, stride4


def load_stcn(state_dict: Mapping[str, Any]) -> STCN:
    """The teacher with published weights, in evaluation mode; it computes what the published network computes.

    Args:
        state_dict: as the authors save it, bare (``stcn.pth``) or in a training checkpoint under ``network``.
            That of their first stage, whose value encoder does not see other objects, is accepted as well.

    Raises:
        ModelNotFound: names or shapes are those of another model.
    """
    given = state_dict.get("network", state_dict) if isinstance(state_dict, Mapping) else state_dict
    if not isinstance(given, Mapping):
        raise ModelNotFound(f"STCN needs a state dict, which maps names to tensors, not a {type(given).__name__}.")
    network = STCN(SPECS["stcn"])
    ours = network.state_dict()
    names = {_published(name): name for name in ours}
    # A bias before batch norm with fixed statistics is the same as a smaller running mean.
    means = {
        _bias_before(theirs): name
        for theirs, name in names.items()
        if name.startswith("value_encoder.backbone.") and name.endswith("running_mean")
    }
    shapes = {theirs: ours[name].shape for theirs, name in (names | means).items()}
    tensors = dict(given)
    if getattr(tensors.get(_MASK_CONV), "shape", None) == (64, 4, 7, 7):
        tensors[_MASK_CONV] = F.pad(tensors[_MASK_CONV], (0, 0, 0, 0, 0, 1))
    _check(tensors, shapes)

    ours = {name: tensors[theirs] for theirs, name in names.items()}
    for theirs, name in means.items():
        ours[name] = ours[name] - tensors[theirs]
    network.load_state_dict(ours)
    return network.eval()


def read_stcn(path: Path) -> STCN:
    """As ``load_stcn``, from a file that ``torch.save`` wrote. Nothing in it is ever run.

    Raises:
        ModelNotFound: missing, damaged, holding more than weights, or another model.
    """
    if not path.is_file():
        raise ModelNotFound(f"The checkpoint {path} does not exist.")
    try:
        with catch_warnings(action="ignore"):  # about the version of a pickle that is then refused
            content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file can fail in any way
        raise ModelNotFound(
            f"The checkpoint {path} was not loaded, as it is damaged or holds more than weights, which could run code "
            f"({type(error).__name__})."
        ) from error
    return load_stcn(content)


def _published(name: str) -> str:
    prefix = next(prefix for prefix in _PUBLISHED if name.startswith(prefix))
    return (_PUBLISHED[prefix] + name.removeprefix(prefix)).replace(".shortcut.", ".downsample.")


def _bias_before(running_mean: str) -> str:
    """Published name of the bias of the convolution before a batch norm."""
    norm = running_mean.removesuffix(".running_mean")
    convolution = norm.replace("bn", "conv") if "downsample" not in norm else norm.removesuffix("1") + "0"
    return convolution + ".bias"


def _check(tensors: Mapping[str, Any], shapes: Mapping[str, torch.Size]) -> None:
    missing, unknown = shapes.keys() - tensors.keys(), tensors.keys() - shapes.keys()
    wrong = [name for name in shapes.keys() & tensors.keys() if getattr(tensors[name], "shape", None) != shapes[name]]
    if missing or unknown or wrong:
        first = min(map(str, missing or wrong or unknown))
        raise ModelNotFound(
            f"The state dict is not that of STCN: {len(missing)} of its {len(shapes)} names are missing, {len(wrong)} "
            f"have another shape and {len(unknown)} are unknown, such as {first}."
        )
