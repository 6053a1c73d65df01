"""ExecuTorch with XNNPACK: PyTorch's own runtime for Android and iOS."""

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from mobilevos.export.targets.base import Samples
from mobilevos.runtimes.fixed.executorch import ExecuTorchFiles

if TYPE_CHECKING:
    from mobilevos.export.steps import Step


class ExecuTorch(ExecuTorchFiles):
    """See ``Target``. int8 is static, per channel, of convolutions."""

    precisions = ("fp32", "int8")
    converter = MappingProxyType({"executorch": "executorch", "torchao": "torchao"})
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
