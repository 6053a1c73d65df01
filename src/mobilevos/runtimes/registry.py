"""Opening a model in a runtime."""

from importlib.util import find_spec
from pathlib import Path

from mobilevos.engine.runtime import Prompter, Runtime
from mobilevos.errors import InputError, ModelNotFound, RuntimeUnavailable
from mobilevos.runtimes.fixed.manifest import Manifest
from mobilevos.runtimes.in_groups import InGroups
from mobilevos.weights.store import PROMPT, has_fixed_shapes, model_folder, shipped_folder, shipped_models

PROMPTED = "lite0"
"""The shipped model that has a prompt head."""
RUNTIMES = ("onnxruntime", "torch")
"""Runtimes of models that take any size, the preferred one first. A model with fixed shapes has its own."""


def load_runtime(model: str | Path = "lite0", runtime: str = "auto", threads: int | None = None) -> Runtime:
    """Open a model.

    Args:
        model: a shipped model's name, the path of an exported model's folder, or (PyTorch only) of a ``.safetensors``
            file as training writes them.
        runtime: "auto" (ONNX Runtime, PyTorch for a ``.safetensors`` file, or what an export with fixed shapes was made
            for) or its name.
        threads: CPU threads, at most as many as this process has cores; None takes them all.

    Raises:
        ModelNotFound: no such model, or a damaged file.
        RuntimeUnavailable: the runtime is not installed.
        InputError: a runtime that is unknown or not the model's, or a senseless number of threads.
    """
    _check_threads(threads)
    if str(model).endswith(".safetensors"):
        if runtime not in ("auto", "torch"):
            _check_known(runtime)
            raise InputError(
                f"{model} runs in PyTorch only; export it with `mobilevos export`, or choose that runtime."
            )
        return _in_pytorch(Path(model), threads)
    folder = model_folder(model)
    if has_fixed_shapes(folder):
        from mobilevos.runtimes.fixed.loading import load_exported

        target = Manifest.load(folder).target
        if runtime not in ("auto", target):
            raise InputError(f"{model} was exported for {target} and runs in nothing else; choose the runtime auto.")
        return load_exported(folder, threads)
    if runtime == "torch":
        return _in_pytorch(folder, threads)
    if runtime not in ("auto", "onnxruntime"):
        _check_known(runtime)
    from mobilevos.runtimes.onnx_runtime import OnnxRuntime

    return InGroups(OnnxRuntime(folder, threads))


def load_prompter(model: str | Path = "lite0", threads: int | None = None) -> Prompter:
    """Open a network with a head that makes masks of clicks and boxes; it runs in ONNX Runtime.

    Args:
        model: as of `load_runtime`. One head is shipped, with lite0, whose network serves the other shipped models too.
        threads: as of `load_runtime`.

    Raises:
        ModelNotFound: no such model, a damaged file, or a model of yours without a head.
        InputError: a senseless number of threads.
    """
    _check_threads(threads)
    from mobilevos.runtimes.onnx_runtime import OnnxPrompter

    if str(model).endswith(".safetensors"):
        raise _headless(model)
    folder = model_folder(model)
    if not (folder / PROMPT).is_file():
        if folder not in map(shipped_folder, shipped_models()):
            raise _headless(model)
        folder = shipped_folder(PROMPTED)
    return OnnxPrompter(folder, threads)


def _headless(model: str | Path) -> ModelNotFound:
    return ModelNotFound(
        f"{model} has no {PROMPT}, which makes masks of clicks and boxes; train one with `mobilevos train-prompt` and "
        f"put it into the model's folder, or make the mask with {PROMPTED}."
    )


def _check_threads(threads: int | None) -> None:
    if threads is not None and threads < 1:
        raise InputError(f"The number of threads is {threads}; it must be at least 1.")


def _check_known(runtime: str) -> None:
    if runtime not in RUNTIMES:
        raise InputError(f"There is no runtime {runtime!r}; choose one of auto, {', '.join(RUNTIMES)}.")


def _in_pytorch(path: Path, threads: int | None) -> Runtime:
    if not find_spec("torch"):
        raise RuntimeUnavailable("PyTorch is not installed; add it with pip install 'mobilevos[train]'.")
    import torch

    from mobilevos.machine.cores import threads_to_use
    from mobilevos.models.checkpoint import load_network
    from mobilevos.runtimes.torch_runtime import TorchRuntime

    torch.set_num_threads(threads_to_use(threads or torch.get_num_threads()))
    return TorchRuntime(load_network(path))
