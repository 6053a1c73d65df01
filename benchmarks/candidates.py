"""Trackers as a command line names them: a model, and how much of a frame it sees."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import onnxruntime

import mobilevos
from mobilevos.engine.modes import DEFAULT_MODE, FILE, MODES, mode_of
from mobilevos.evaluation.piece_cache import fingerprint
from mobilevos.evaluation.selection import Candidate
from mobilevos.runtimes import Runtime, load_runtime
from mobilevos.tracker import Tracker
from mobilevos.weights.store import model_folder

_PACKAGE = Path(mobilevos.__file__).parent


def open_candidate(text: str) -> Candidate:
    """Open ``MODEL`` or ``MODEL:MODE``.

    It runs with one thread, so that its rounding and with it its masks are the same however many cores there are.

    Args:
        text: MODEL is a shipped model's name, the folder of an exported one or a ``.safetensors`` file; MODE a name
            from `engine.modes.MODES` or an internal size in pixels.

    Raises:
        ModelNotFound: no such model, or a damaged file.
        RuntimeUnavailable: a ``.safetensors`` file, and the train extra is not installed.
        InputError: a senseless size.
    """
    model, mode = text, DEFAULT_MODE
    before, _, after = text.rpartition(":")
    if after in MODES or after.isdecimal():
        model, mode = before, after
    chosen = {"size": int(mode)} if mode.isdecimal() else {"mode": mode}
    row = mode_of(*chosen.values())
    trained = model.endswith(".safetensors")
    runtime = _from_training(Path(model)) if trained else load_runtime(model, "onnxruntime", 1)
    weights = fingerprint([Path(model)] if trained else sorted(model_folder(model).glob("*.onnx")))
    code = fingerprint(sorted([*_PACKAGE.rglob("*.py"), FILE]))
    key = f"weights {weights} {row} code {code} onnxruntime {onnxruntime.__version__}"
    return Candidate(text, partial(Tracker, runtime=runtime, **chosen), key)


def _from_training(path: Path) -> Runtime:
    """Weights as training writes them, in the runtime of users where it can run them: rounding alone moves scores."""
    from mobilevos.export.onnx import export_onnx
    from mobilevos.models.checkpoint import load_network
    from mobilevos.runtimes.onnx_runtime import OnnxRuntime

    network = load_network(path)
    if network.spec.family == "stcn":  # runs in PyTorch alone
        return load_runtime(path, "torch", 1)
    with TemporaryDirectory() as folder:
        export_onnx(network, Path(folder))
        return OnnxRuntime(Path(folder), 1)
