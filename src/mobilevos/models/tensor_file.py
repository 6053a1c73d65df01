"""Safetensors files: tensors as float16, complete or absent."""

from pathlib import Path

from safetensors.torch import save
from torch import Tensor, nn

from mobilevos.video.files import atomic


def halved(network: nn.Module) -> dict[str, Tensor]:
    """A network's tensors as files hold them: in float16, counters aside."""
    return {
        name: (tensor.half() if tensor.is_floating_point() else tensor).contiguous()
        for name, tensor in network.state_dict().items()
    }


def save_halved(network: nn.Module, path: Path, about: dict[str, str]) -> None:
    """Write a network's tensors, with some texts in the header.

    Raises:
        OutputError: the file cannot be written.
    """
    with atomic(path) as part:
        part.write_bytes(save(halved(network), about))  # `save_file` makes a file of its own, which a kill leaves there
