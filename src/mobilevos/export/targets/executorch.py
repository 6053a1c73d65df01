"""ExecuTorch with XNNPACK: PyTorch's own runtime for Android and iOS."""

from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from mobilevos.export.fixed_runtime import Graph
from mobilevos.export.manifest import Signature
from mobilevos.export.targets.base import Samples
from mobilevos.runtimes.base import Float

if TYPE_CHECKING:
    from mobilevos.export.steps import Step


class ExecuTorch:
    """See ``Target``. int8 is static, per channel, of convolutions."""

    precisions = ("fp32", "int8")
    converter = MappingProxyType({"executorch": "executorch", "torchao": "torchao"})
    runner = MappingProxyType({"executorch": "executorch"})
    suffix = ".pte"
    most_objects = None

    def convert(self, step: "Step", path: Path, precision: str, samples: Samples) -> None:
        """See ``Target``."""
        import torch
        from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
        from executorch.exir import to_edge_transform_and_lower

        module, inputs = step.module, tuple(step.inputs.values())
        if precision == "int8":
            from mobilevos.export.targets.executorch_int8 import quantised

            module = quantised(module, inputs, samples)
        program = torch.export.export(module, inputs)
        lowered = to_edge_transform_and_lower(program, partitioner=[XnnpackPartitioner()])
        path.write_bytes(lowered.to_executorch().buffer)

    def open(self, path: Path, signature: Signature, threads: int) -> Graph:
        """See ``Target``. ``threads`` is not ours to set: XNNPACK takes the cores it finds."""
        import torch
        from executorch.runtime import Runtime

        method = Runtime.get().load_program(path).load_method("forward")

        def run(inputs: Sequence[Float]) -> Sequence[Float]:
            # The next call writes to the same outputs, and inputs may not be read-only.
            return [np.array(output) for output in method.execute([torch.from_numpy(x) for x in inputs])]

        return run
