"""Finding a model by name or path, and opening it in a runtime."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mobilevos.errors import InputError, ModelNotFound, RuntimeUnavailable
from mobilevos.runtimes.base import Runtime

RUNTIMES = ("onnxruntime", "torch")
"""Known runtimes, the preferred one first."""
GRAPHS = ("query", "read", "memorise")
"""An exported model is a folder with one ONNX file for each of these."""
DESCRIPTION = "network.json"
"""The file beside them that says which network they are."""

_SHIPPED = Path(__file__).parent.parent / "weights"


def shipped_models() -> list[str]:
    """Names of the models inside the package."""
    return sorted(path.parent.name for path in _SHIPPED.glob("*/query.onnx"))


def model_card(model: str | Path) -> dict[str, Any]:
    """What is known of a model: its ``card.json`` with the size of its files; bare figures if it has no card.

    Raises:
        ModelNotFound: no such model, or its card is damaged.
    """
    folder = model_folder(model)
    try:
        parameters = json.loads((folder / DESCRIPTION).read_text())["parameters"]
        card = folder / "card.json"
        known = json.loads(card.read_text()) if card.exists() else {"scores": {}, "licence": "unknown"}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelNotFound(f"The model in {folder} is damaged ({type(error).__name__}); install it again.") from error
    return {
        "name": folder.name,
        "parameters_m": parameters / 1e6,
        "megabytes": sum(path.stat().st_size for path in folder.glob("*.onnx")) / 2**20,
        **known,
    }


def model_folder(model: str | Path) -> Path:
    """Folder of a shipped model's name, or of an exported model's path.

    Raises:
        ModelNotFound: neither exists.
    """
    for folder in (_SHIPPED / str(model), Path(model)):
        if str(model) and folder.is_dir() and any(folder.glob("*.onnx")):
            return folder
    raise ModelNotFound(
        f"There is no model {str(model)!r}; the shipped ones are {', '.join(shipped_models())}, "
        "and a path must be a folder made by `mobilevos export`."
    )


def load_runtime(model: str | Path = "lite0", runtime: str = "auto", threads: int | None = None) -> Runtime:
    """Open a model.

    Args:
        model: a shipped model's name, the path of an exported model's folder, or (PyTorch only) of a ``.safetensors``
            file as training writes them.
        runtime: "auto" (ONNX Runtime, or PyTorch for a ``.safetensors`` file) or one of ``RUNTIMES``.
        threads: CPU threads; None takes every core.

    Raises:
        ModelNotFound: no such model, or a damaged file.
        RuntimeUnavailable: the runtime is not installed.
        InputError: unknown runtime or a senseless number of threads.
    """
    in_training = str(model).endswith(".safetensors")
    name = RUNTIMES[in_training] if runtime == "auto" else runtime
    if name not in RUNTIMES:
        raise InputError(f"There is no runtime {runtime!r}; choose one of auto, {', '.join(RUNTIMES)}.")
    if threads is not None and threads < 1:
        raise InputError(f"The number of threads is {threads}; it must be at least 1.")
    if in_training and name != "torch":
        raise InputError(f"{model} runs in PyTorch only; export it with `mobilevos export`, or choose that runtime.")
    if name == "onnxruntime":
        from mobilevos.runtimes.onnx_runtime import OnnxRuntime

        return OnnxRuntime(model_folder(model), threads)
    if not find_spec("torch"):
        raise RuntimeUnavailable("PyTorch is not installed; add it with pip install 'mobilevos[train]'.")
    import torch

    from mobilevos.models.checkpoint import load_network
    from mobilevos.runtimes.torch_runtime import TorchRuntime

    if threads is not None:
        torch.set_num_threads(threads)
    return TorchRuntime(load_network(Path(model) if in_training else model_folder(model)))
