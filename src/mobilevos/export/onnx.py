"""Export to ONNX: one graph for each of the network's three steps, any frame size, memory size and object count."""

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from mobilevos.errors import InputError
from mobilevos.export.half import halve
from mobilevos.export.in_one_go import in_one_go
from mobilevos.export.steps import StepModule
from mobilevos.models.checkpoint import describe, rounded
from mobilevos.models.network import Network
from mobilevos.video.files import discard
from mobilevos.weights.store import DESCRIPTION, MANIFEST, PROMPT

OPSET = 18


def export_onnx(network: Network, folder: Path) -> None:
    """Write ``query.onnx``, ``read.onnx``, ``memorise.onnx`` and ``network.json``.

    PyTorch reads the weights from the graphs too (``load_network``), so there is one copy of them.

    Inputs and outputs (float32 but for the frame; H and W multiples of 16):

    - query: frame (1, H, W, 3) uint8 RGB -> ``key`` (1, key_dim, H/16, W/16) and the frame's other features
    - read: features, memory_key (1, key_dim, N), memory_value (K, value_dim, N), prior (K, H/4, W/4),
      classifier (K, D + 1) -> probability (K, H/4, W/4)
    - memorise: features, masks (K, H/4, W/4) -> value (K, value_dim, H/16 * W/16)

    The classifiers of the target model are made of the feature ``descriptor`` (1, D, H/8, W/8), see
    `mobilevos.engine.target_model`; a network without one has neither.

    Args:
        network: what to export.
        folder: is made if need be; files in it are replaced.

    Raises:
        InputError: the network is a teacher, which runs in PyTorch alone.
        OutputError: the folder cannot be written.
    """
    if network.spec.family == "stcn":
        raise InputError("STCN is a teacher and runs in PyTorch alone; export one of its students.")
    with in_one_go(folder) as part:
        _export_graphs(rounded(network), part)  # the larger tensors are rounded anyway, but they are not all
        (part / DESCRIPTION).write_text(describe(network))
        discard(folder / MANIFEST)  # of an export with fixed shapes, for which the folder would pass
        discard(folder / PROMPT)  # of another network


def _export_graphs(network: Network, folder: Path) -> None:
    height, width, objects, memory = 64, 96, 3, 50  # any sizes will do: they stay free in the graph
    frame = torch.randint(0, 256, (1, height, width, 3), dtype=torch.uint8)
    with torch.no_grad():
        features = network.query(frame.permute(0, 3, 1, 2))
    masks = torch.rand(objects, height // 4, width // 4) / objects

    def query(frame: Tensor) -> tuple[Tensor, ...]:
        return tuple(network.query(frame.permute(0, 3, 1, 2)).values())

    def seen_by(names: Iterable[str]) -> dict[str, Tensor]:
        return {name: features[name] for name in names}

    read_features, value_features = seen_by(network.read_features), seen_by(network.value_encoder.features)

    def read(*inputs: Tensor) -> Tensor:
        named = dict(zip(read_features, inputs, strict=False))
        return network.read(named, *inputs[len(named) :])

    def memorise(*inputs: Tensor) -> Tensor:
        return network.memorise(dict(zip(value_features, inputs, strict=False)), inputs[-1])

    memory_inputs = {
        "memory_key": torch.randn(1, network.spec.key_dim, memory),
        "memory_value": torch.randn(objects, network.spec.value_dim, memory),
        "prior": masks,
    }
    if network.target:
        memory_inputs["classifier"] = torch.randn(objects, network.spec.descriptor_dim + 1)
    steps: dict[str, tuple[Callable[..., Any], dict[str, Tensor], list[str]]] = {
        "query": (query, {"frame": frame}, list(features)),
        "read": (read, {**read_features, **memory_inputs}, ["probability"]),
        "memorise": (memorise, {**value_features, "masks": masks}, ["value"]),
    }
    for name, (run, inputs, outputs) in steps.items():
        free = {key: _FREE_AXES.get(key, {2: f"{key}_height", 3: f"{key}_width"}) for key in inputs}
        write_graph(StepModule(network, run), inputs, outputs, folder / f"{name}.onnx", free)
        halve(folder / f"{name}.onnx")


_FREE_AXES = {
    "frame": {1: "height", 2: "width"},
    "prior": {0: "objects", 1: "height", 2: "width"},
    "masks": {0: "objects", 1: "height", 2: "width"},
    "memory_key": {2: "memory"},
    "memory_value": {0: "objects", 2: "memory"},
    "classifier": {0: "objects"},
}


def write_graph(
    module: nn.Module,
    inputs: Mapping[str, Tensor],
    outputs: Sequence[str],
    path: Path,
    free: Mapping[str, Mapping[int, str]] | None = None,
) -> None:
    """Trace a module into an ONNX file.

    The tracing exporter takes a second; the newer one works out sizes "16 times h" symbolically, for minutes.

    Args:
        module: takes tensors by position.
        inputs: an example of each, by name.
        outputs: names.
        path: of the file.
        free: names of the axes, by input and index, whose sizes stay open; the others are those of the examples.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            tuple(inputs.values()),
            str(path),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes=free,
            opset_version=OPSET,
            dynamo=False,
            # Batch norm stays a node of its own: folded weights would not be the float16 numbers they are stored as.
            training=torch.onnx.TrainingMode.PRESERVE,
        )
