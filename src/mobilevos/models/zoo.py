"""The named models."""

from pathlib import Path

from mobilevos.errors import ModelNotFound
from mobilevos.models.checkpoint import load_network
from mobilevos.models.network import Network
from mobilevos.models.spec import Spec
from mobilevos.weights.store import model_folder, shipped_models

SPECS = {
    "lite0": Spec("lite0"),
    "lite0-2": Spec("lite0", deeper=(2, 1), descriptor_dim=32),
    "resnet18": Spec("resnet18"),
    "mobilenetv2": Spec("mobilenetv2"),
    "mobilenetv2-aspp": Spec("mobilenetv2", aspp=True),
    "lite2": Spec("lite2"),
    "stcn": Spec("resnet50", value_dim=512, decoder_widths=(512, 256, 256), family="stcn"),
}
"""``lite0`` is the default, ``lite0-2`` goes on from it with target models, the next three are the paper's students,
``lite2`` is a teacher of our own; these share their widths, so that whatever follows the backbone can be handed from
one to another. ``stcn`` is the paper's teacher."""


def build(name: str, pretrained: bool = False) -> Network:
    """A named network with random weights, or with ImageNet weights in its backbone.

    Raises:
        ModelNotFound: no such name.
    """
    if name not in SPECS:
        raise ModelNotFound(f"There is no model {name!r}; choose one of {', '.join(SPECS)}.")
    return Network(SPECS[name], pretrained)


def load_weights(source: str) -> Network:
    """A trained network: a ``.safetensors`` file, or the name of a shipped model.

    Raises:
        ModelNotFound: neither, or a damaged file.
    """
    if source.endswith(".safetensors"):
        return load_network(Path(source))
    if source in shipped_models():
        return load_network(model_folder(source))
    raise ModelNotFound(
        f"There are no trained weights of {source!r}; give a .safetensors file or one of {', '.join(shipped_models())}."
    )
