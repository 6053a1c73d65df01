"""MNN: Alibaba's runtime for phones."""

from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np

from mobilevos.engine.runtime import Float
from mobilevos.runtimes.fixed.files import Graph
from mobilevos.runtimes.fixed.manifest import Signature


class MnnFiles:
    """See ``Files``."""

    runner = MappingProxyType({"MNN": "MNN"})
    suffix = ".mnn"

    def open(self, path: Path, signature: Signature, threads: int) -> Graph:
        """See ``Files``."""
        import MNN as mnn

        expr = mnn.expr
        manager = mnn.nn.create_runtime_manager(({"backend": "CPU", "numThread": threads, "precision": "high"},))
        names = list(signature.inputs), list(signature.outputs)
        module = mnn.nn.load_module_from_file(str(path), *names, runtime_manager=manager)

        def run(inputs: Sequence[Float]) -> Sequence[Float]:
            given = [expr.convert(expr.const(x, list(x.shape), expr.NCHW), expr.NCHW) for x in inputs]
            # The next call writes to the same memory.
            return [np.array(expr.convert(output, expr.NCHW).read()) for output in module.onForward(given)]

        return run
