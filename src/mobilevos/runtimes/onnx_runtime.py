"""ONNX Runtime, the default: small, fast on every CPU, no PyTorch."""

from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from mobilevos.engine.runtime import Features, Float
from mobilevos.errors import ModelNotFound
from mobilevos.machine.cores import threads_to_use
from mobilevos.weights.store import PROMPT


def _options(threads: int | None) -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads_to_use(threads)
    # The region's size changes from frame to frame: a plan for each size would pile up and never be used again.
    options.enable_mem_pattern = False
    # Waking a thread for each layer costs a tenth of the time, so threads spin for work; but no longer than a run,
    # as sessions take turns, and threads of one that go on spinning would slow the next several times.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    return options


class OnnxPrompter:
    """Runs ``query.onnx`` and ``prompt.onnx`` of an exported model folder.

    Args:
        folder: the exported model.
        threads: as of `OnnxRuntime`.

    Raises:
        ModelNotFound: a graph is missing or damaged.
    """

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        options = _options(threads)
        self._query, self._prompt = (_open(folder / name, options) for name in ("query.onnx", PROMPT))
        self._names = [output.name for output in self._query.get_outputs()]
        self._seen = [item.name for item in self._prompt.get_inputs() if item.name in self._names]

    def query(self, frame: NDArray[np.uint8]) -> Features:
        """See ``Prompter``."""
        return dict(zip(self._names, self._query.run(None, {"frame": frame[None]}), strict=True))

    def prompt(self, features: Features, maps: Float) -> tuple[Float, Float]:
        """See ``Prompter``."""
        inputs = {name: features[name] for name in self._seen}
        logits, quality = self._prompt.run(None, inputs | {"prompts": maps[None]})
        return logits[0], quality[0]


class OnnxRuntime:
    """Runs an exported model folder (``query.onnx``, ``read.onnx``, ``memorise.onnx``).

    Args:
        folder: the exported model.
        threads: CPU threads, at most as many as this process has cores; None takes them all, or OMP_NUM_THREADS.

    Raises:
        ModelNotFound: a graph is missing or damaged.
    """

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        options = _options(threads)
        self._query = _open(folder / "query.onnx", options)
        self._read = _open(folder / "read.onnx", options)
        self._memorise = _open(folder / "memorise.onnx", options)
        self._feature_names = [output.name for output in self._query.get_outputs()]
        self._read_names, self._memorise_names = (
            [item.name for item in session.get_inputs() if item.name in self._feature_names]
            for session in (self._read, self._memorise)
        )

    def query(self, frame: NDArray[np.uint8]) -> Features:
        """See ``Runtime``."""
        return dict(zip(self._feature_names, self._query.run(None, {"frame": frame[None]}), strict=True))

    def key(self, features: Features) -> Float:
        """See ``Runtime``."""
        key: Float = features["key"][0]
        return key.reshape(key.shape[0], -1)

    def descriptor(self, features: Features) -> Float | None:
        """See ``Runtime``."""
        return features["descriptor"][0] if "descriptor" in features else None

    def read(
        self, features: Features, memory_key: Float, memory_value: Float, prior: Float, classifier: Float | None
    ) -> Float:
        """See ``Runtime``."""
        inputs = {name: features[name] for name in self._read_names}
        inputs |= {"memory_key": memory_key[None], "memory_value": memory_value, "prior": prior}
        if classifier is not None:
            inputs["classifier"] = classifier
        return self._read.run(None, inputs)[0]

    def memorise(self, features: Features, masks: Float) -> Float:
        """See ``Runtime``."""
        inputs = {name: features[name] for name in self._memorise_names}
        return self._memorise.run(None, inputs | {"masks": masks})[0]


def _open(path: Path, options: ort.SessionOptions) -> ort.InferenceSession:
    if not path.is_file():
        raise ModelNotFound(f"The model file {path} is missing; export or install the model again.")
    try:
        return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime has no public base class of its errors
        raise ModelNotFound(f"The model file {path} is damaged or not an ONNX graph; install it again.") from error
