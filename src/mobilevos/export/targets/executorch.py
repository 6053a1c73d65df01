"""ExecuTorch with XNNPACK: PyTorch's own runtime for Android and iOS."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from mobilevos.export.fixed_runtime import Graph
from mobilevos.export.manifest import Signature
from mobilevos.export.targets.base import FLOAT_PARTS, Samples
from mobilevos.runtimes.base import Float

if TYPE_CHECKING:
    from mobilevos.export.steps import Step


class ExecuTorch:
    """See ``Target``. int8 is static, per channel, of convolutions and what follows them."""

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

        inputs = tuple(step.inputs.values())
        program = torch.export.export(step.module, inputs)
        if precision == "int8":
            program = torch.export.export(_quantised(program.module(), samples), inputs)
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


def not_in(parts: Sequence[str]) -> Callable[[Any], bool]:
    """Filter of graph nodes: those that belong to none of the named submodules."""

    def outside(parts: Sequence[str], node: Any) -> bool:
        owners = [str(path) for path, _ in node.meta.get("nn_module_stack", {}).values()]
        return not any(owner.endswith(f"network.{part}") for owner in owners for part in parts)

    return partial(outside, parts)


def _quantised(module: Any, samples: Samples) -> Any:
    import torch
    from executorch.backends.xnnpack.quantizer.xnnpack_quantizer import (
        XNNPACKQuantizer,
        get_symmetric_quantization_config,
    )
    from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

    quantizer = XNNPACKQuantizer().set_global(get_symmetric_quantization_config(is_per_channel=True))
    quantizer.set_filter_function(not_in(FLOAT_PARTS))
    prepared = prepare_pt2e(module, quantizer)
    for inputs in samples:
        prepared(*map(torch.from_numpy, inputs))
    return convert_pt2e(prepared)
