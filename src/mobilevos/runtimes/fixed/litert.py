"""LiteRT, once TensorFlow Lite: the runtime that Android brings along."""

from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

from mobilevos.engine.runtime import Float
from mobilevos.runtimes.fixed.files import Graph
from mobilevos.runtimes.fixed.manifest import Signature


class LiteRtFiles:
    """See ``Files``."""

    runner = MappingProxyType({"ai_edge_litert": "ai-edge-litert"})
    suffix = ".tflite"

    def open(self, path: Path, signature: Signature, threads: int) -> Graph:
        """See ``Files``."""
        from ai_edge_litert.interpreter import Interpreter

        run_signature = Interpreter(str(path), num_threads=threads).get_signature_runner()

        def run(inputs: Sequence[Float]) -> Sequence[Float]:
            outputs = run_signature(**{f"args_{index}": value for index, value in enumerate(inputs)})
            return [outputs[f"output_{index}"] for index in range(len(outputs))]

        return run
