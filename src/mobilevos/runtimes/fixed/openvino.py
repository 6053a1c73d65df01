"""OpenVINO: Intel's runtime, for x86 and Arm processors."""

from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

from mobilevos.engine.runtime import Float
from mobilevos.runtimes.fixed.files import Graph
from mobilevos.runtimes.fixed.manifest import Signature


class OpenVinoFiles:
    """See ``Files``."""

    runner = MappingProxyType({"openvino": "openvino"})
    suffix = ".xml"

    def open(self, path: Path, signature: Signature, threads: int) -> Graph:
        """See ``Files``. Without a hint, OpenVINO computes in bfloat16 where the processor can, and loses masks."""
        import openvino

        hints = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
        request = openvino.compile_model(path, "CPU", hints).create_infer_request()

        def run(inputs: Sequence[Float]) -> Sequence[Float]:
            return list(request.infer(inputs, share_inputs=True).values())

        return run
