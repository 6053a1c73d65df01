"""Core ML: Apple's runtime. Converted and checked by structure anywhere; run on Apple systems alone."""

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from mobilevos.errors import OutputError
from mobilevos.export.targets.base import Samples
from mobilevos.runtimes.fixed.coreml import CoreMlFiles

if TYPE_CHECKING:
    from mobilevos.export.steps import Step


class CoreML(CoreMlFiles):
    """See ``Target``. fp16 is how it computes, but for the affinity: squared keys reach hundreds, too much for half."""

    precisions = ("fp32", "fp16")
    converter = MappingProxyType({"coremltools": "coremltools"})
    most_objects = None

    def convert(self, step: "Step", path: Path, precision: str, samples: Samples) -> None:
        """See ``Target``."""
        import coremltools
        import torch

        computed = coremltools.precision.FLOAT32
        if precision == "fp16":
            computed = coremltools.transform.FP16ComputePrecision(lambda op: op.op_type not in _IN_FLOAT32)
        program = torch.export.export(step.module, tuple(step.inputs.values())).run_decompositions({})
        model = coremltools.convert(
            program,
            inputs=[coremltools.TensorType(name, tuple(x.shape)) for name, x in step.inputs.items()],
            outputs=[coremltools.TensorType(name) for name in step.outputs],
            minimum_deployment_target=coremltools.target.iOS16,
            compute_precision=computed,
            skip_model_load=True,
        )
        model.save(str(path))
        _check(path, step)


_IN_FLOAT32 = ("matmul", "softmax", "reduce_sum_square", "square", "reduce_sum", "concat")


def _check(path: Path, step: "Step") -> None:
    """Read what was written; inputs and outputs must be those of the step, in name and shape."""
    import coremltools

    described = coremltools.utils.load_spec(str(path)).description
    found = {x.name: list(x.type.multiArrayType.shape) for x in described.input}
    outputs = {x.name for x in described.output}
    if found != {name: list(x.shape) for name, x in step.inputs.items()} or outputs != set(step.outputs):
        raise OutputError(f"Core ML's {path.name} does not have the inputs and outputs of {step.name}; report this.")
