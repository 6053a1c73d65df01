"""ExecuTorch: PyTorch's runtime for phones; in Python it needs PyTorch."""

from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np

from mobilevos.engine.runtime import Float
from mobilevos.runtimes.fixed.files import Graph
from mobilevos.runtimes.fixed.manifest import Signature


class ExecuTorchFiles:
    """See ``Files``."""

    runner = MappingProxyType({"executorch": "executorch"})
    suffix = ".pte"

    def open(self, path: Path, signature: Signature, threads: int) -> Graph:
        """See ``Files``. ``threads`` is not ours to set: XNNPACK takes the cores it finds."""
        import torch
        from executorch.runtime import Runtime

        method = Runtime.get().load_program(path).load_method("forward")

        def run(inputs: Sequence[Float]) -> Sequence[Float]:
            # The next call writes to the same outputs, and inputs may not be read-only.
            return [np.array(output) for output in method.execute([torch.from_numpy(x) for x in inputs])]

        return run
