"""Network weights on disk: safetensors in training, and in models the ONNX graphs themselves.

Nothing that could run code is ever loaded.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from mobilevos.errors import ModelNotFound, RuntimeUnavailable
from mobilevos.json_text import parse_json
from mobilevos.models.decoder import PRIORS
from mobilevos.models.network import Network
from mobilevos.models.spec import Spec
from mobilevos.models.tensor_file import halved, save_halved
from mobilevos.weights.store import DESCRIPTION, GRAPHS

GRAPH_PREFIX, HALF_SUFFIX = "network.", "_half"
"""A graph names the network's tensors so, and adds the suffix where it stores them as float16."""

_PRIORS = {"decoder.prior16.weight", "decoder.prior4.weight"}
"""Files from before decoders saw an object's rivals have weights for its own previous mask alone."""

_COUNTER = "num_batches_tracked"  # of batch norm, not in graphs: nothing depends on it


def save_network(network: Network, path: Path) -> None:
    """Write weights as float16 with the spec in the header; the file is complete or absent.

    Raises:
        OutputError: the file cannot be written.
    """
    save_halved(network, path, {"spec": json.dumps(asdict(network.spec))})


def load_network(path: Path) -> Network:
    """Read a network as float32, in evaluation mode.

    Args:
        path: a ``.safetensors`` file, or the folder of an exported model.

    Raises:
        ModelNotFound: missing, damaged, or not one of our files.
        RuntimeUnavailable: a folder, and the ``onnx`` package is not installed.
    """
    if not path.exists():
        raise ModelNotFound(f"The model file {path} does not exist.")
    try:
        return _network(*(_from_graphs(path) if path.is_dir() else _from_safetensors(path)))
    except RuntimeUnavailable:
        raise
    except (SafetensorError, OSError, KeyError, TypeError, RuntimeError, ValueError) as error:
        raise ModelNotFound(
            f"The model {path} is damaged, quantised or of another program ({type(error).__name__})."
        ) from error


def describe(network: Network) -> str:
    """What a model's folder says of its network beside the graphs, as JSON: the spec, and how much was trained."""
    parameters = sum(parameter.numel() for parameter in network.parameters())
    return json.dumps({"spec": asdict(network.spec), "parameters": parameters}, indent=2) + "\n"


def rounded(network: Network) -> Network:
    """A copy whose weights are what is left of them in a file, for a student."""
    return _network(asdict(network.spec), halved(network))


def _network(spec: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> Network:
    sizes: dict[str, Any] = {name: tuple(part) if isinstance(part, list) else part for name, part in {**spec}.items()}
    network = Network(Spec(**sizes))
    values = {k: v.float() if v.is_floating_point() else v for k, v in tensors.items()}
    for name in _PRIORS & values.keys():
        alone = values[name]
        values[name] = torch.cat([alone, alone.new_zeros(len(alone), PRIORS - alone.shape[1], 1, 1)], 1)
    missing, unexpected = network.load_state_dict(values, strict=False)
    if unexpected or not all(name.endswith(_COUNTER) for name in missing):
        raise KeyError(*unexpected, *missing)
    return network.eval()


def _from_safetensors(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    with safe_open(str(path), "pt") as file:
        return parse_json(file.metadata()["spec"]), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


def _from_graphs(folder: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    try:
        import onnx
    except ModuleNotFoundError as error:
        raise RuntimeUnavailable("ONNX is not installed; add it with pip install 'mobilevos[train]'.") from error
    spec = parse_json((folder / DESCRIPTION).read_text())["spec"]
    tensors: dict[str, Tensor] = {}
    for name in GRAPHS:
        try:
            tensors |= stored_weights(onnx.load(folder / f"{name}.onnx", load_external_data=False).graph)
        except Exception as error:  # protobuf and onnx have errors of their own
            raise ValueError(f"{name}.onnx is no graph of ours") from error
    return spec, tensors


def stored_weights(graph: Any) -> dict[str, Tensor]:
    """The network's weights in an ONNX graph of ours, by their names in PyTorch."""
    from onnx import numpy_helper

    stored = {x.name.removesuffix(HALF_SUFFIX): torch.tensor(numpy_helper.to_array(x)) for x in graph.initializer}
    # Of tensors that are equal the exporter keeps one.
    same = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "Identity"}
    stored |= {copy: stored[kept] for copy, kept in same.items() if kept in stored}
    return {k.removeprefix(GRAPH_PREFIX): v for k, v in stored.items() if k.startswith(GRAPH_PREFIX)}
