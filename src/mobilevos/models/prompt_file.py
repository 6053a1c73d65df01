"""Prompt heads on disk: safetensors in training, and in models the graph itself."""

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open
from torch import Tensor

from mobilevos.errors import ModelNotFound, RuntimeUnavailable
from mobilevos.json_text import parse_json
from mobilevos.models.checkpoint import stored_weights
from mobilevos.models.prompt_head import PromptHead
from mobilevos.models.tensor_file import save_halved
from mobilevos.weights.store import PROMPT, model_folder

_COUNTER = "num_batches_tracked"
_METADATA = "channels"


def save_head(head: PromptHead, path: Path) -> None:
    """Write weights as float16; the file is complete or absent.

    Raises:
        OutputError: the file cannot be written.
    """
    save_halved(head, path, {_METADATA: json.dumps(head.channels)})


def load_head(source: str | Path) -> PromptHead:
    """Read a head as float32, in evaluation mode.

    Args:
        source: a ``.safetensors`` file as training writes it; else the name or folder of a model that has a head.

    Raises:
        ModelNotFound: missing, damaged, or of another program.
        RuntimeUnavailable: a graph, and the ``onnx`` package is not installed.
    """
    path = Path(source) if str(source).endswith(".safetensors") else model_folder(source) / PROMPT
    if not path.is_file():
        raise ModelNotFound(f"There is no prompt head {path}; `mobilevos train-prompt` makes one.")
    try:
        channels, tensors = _from_graph(path) if path.suffix == ".onnx" else _from_safetensors(path)
        head = PromptHead(channels)
        values = {name: value.to(head.state_dict()[name].dtype) for name, value in tensors.items()}
        missing, unexpected = head.load_state_dict(values, strict=False)
        if unexpected or not all(name.endswith(_COUNTER) for name in missing):
            raise KeyError(*unexpected, *missing)
    except (SafetensorError, OSError, KeyError, TypeError, RuntimeError, ValueError) as error:
        raise ModelNotFound(
            f"The prompt head {path} is damaged or of another program ({type(error).__name__})."
        ) from error
    return head.eval()


def _from_safetensors(path: Path) -> tuple[dict[str, int], dict[str, Tensor]]:
    with safe_open(str(path), "pt") as file:
        return parse_json(file.metadata()[_METADATA]), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


def _from_graph(path: Path) -> tuple[dict[str, int], dict[str, Tensor]]:
    try:
        import onnx
    except ModuleNotFoundError as error:
        raise RuntimeUnavailable("ONNX is not installed; add it with pip install 'mobilevos[train]'.") from error
    try:
        graph = onnx.load(path, load_external_data=False).graph
    except Exception as error:  # protobuf and onnx have errors of their own
        raise ValueError(f"{path.name} is no graph of ours") from error
    channels = {x.name: x.type.tensor_type.shape.dim[1].dim_value for x in graph.input if x.name in PromptHead.features}
    return channels, stored_weights(graph)
