"""Network weights on disk: safetensors, with the spec in the header. Nothing that could run code is ever loaded."""

import json
from dataclasses import asdict
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from mobilevos.errors import ModelNotFound, OutputError
from mobilevos.models.network import Network
from mobilevos.models.spec import Spec
from mobilevos.video.files import atomic


def save_network(network: Network, path: Path, metadata: dict[str, str] | None = None) -> None:
    """Write weights as float16 with the spec and ``metadata`` in the header; the file is complete or absent.

    Raises:
        OutputError: the file cannot be written.
    """
    tensors = {
        name: (tensor.half() if tensor.is_floating_point() else tensor).contiguous()
        for name, tensor in network.state_dict().items()
    }
    try:
        with atomic(path) as part:
            save_file(tensors, str(part), {"spec": json.dumps(asdict(network.spec)), **(metadata or {})})
            part.chmod(0o644)  # safetensors makes files that only their owner can read
    except SafetensorError as error:
        raise OutputError(f"The model cannot be written to {path}: {error}.") from error


def load_network(path: Path) -> Network:
    """Read a network as float32, in evaluation mode.

    Raises:
        ModelNotFound: missing, damaged, or not one of our files.
    """
    if not path.is_file():
        raise ModelNotFound(f"The model file {path} does not exist.")
    try:
        with safe_open(str(path), "pt") as file:
            fields = json.loads(file.metadata()["spec"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
        fields["decoder_widths"] = tuple(fields["decoder_widths"])
        network = Network(Spec(**fields))
        network.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in tensors.items()})
    except (SafetensorError, KeyError, TypeError, RuntimeError, ValueError) as error:
        raise ModelNotFound(
            f"The model file {path} is damaged or of another program ({type(error).__name__})."
        ) from error
    return network.eval()
