"""The named models."""

from mobilevos.errors import ModelNotFound
from mobilevos.models.network import Network
from mobilevos.models.spec import Spec

SPECS = {
    "lite0": Spec("lite0", shared_value=True),
    "resnet18": Spec("resnet18", value_dim=256, decoder_widths=(192, 96, 48)),
    "mobilenetv2": Spec("mobilenetv2"),
    "mobilenetv2-aspp": Spec("mobilenetv2", aspp=True),
}
"""``lite0`` is the default; the others are the paper's students."""


def build(name: str, pretrained: bool = False) -> Network:
    """A named network with random weights, or with ImageNet weights in its backbone.

    Raises:
        ModelNotFound: no such name.
    """
    if name not in SPECS:
        raise ModelNotFound(f"There is no model {name!r}; choose one of {', '.join(SPECS)}.")
    return Network(SPECS[name], pretrained)
