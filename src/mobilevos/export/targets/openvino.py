"""OpenVINO: Intel's runtime, for x86 and Arm processors."""

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mobilevos.export.targets.base import Samples
from mobilevos.runtimes.fixed.openvino import OpenVinoFiles

if TYPE_CHECKING:
    from mobilevos.export.steps import Step


class OpenVINO(OpenVinoFiles):
    """See ``Target``. fp16 is how weights are stored; int8 is made by NNCF."""

    precisions = ("fp32", "fp16", "int8")
    converter = MappingProxyType({"openvino": "openvino"})
    most_objects = None

    def convert(self, step: "Step", path: Path, precision: str, samples: Samples) -> None:
        """See ``Target``."""
        import openvino

        inputs = tuple(step.inputs.values())
        model = openvino.convert_model(step.module, example_input=inputs, input=[tuple(x.shape) for x in inputs])
        for port, name in zip((*model.inputs, *model.outputs), (*step.inputs, *step.outputs), strict=True):
            port.get_tensor().set_names({name})
        if precision == "int8":
            model = _quantised(model, samples)
        openvino.save_model(model, path, compress_to_fp16=precision != "fp32")


def _quantised(model: Any, samples: Samples) -> Any:
    import nncf

    parameters = nncf.AdvancedQuantizationParameters(
        overflow_fix=nncf.OverflowFix.ENABLE,  # without VNNI, x86 adds pairs of products in 16 bits, which is too few
    )
    return nncf.quantize(
        model,
        nncf.Dataset(samples),
        subset_size=len(samples),
        # Sums stay in float: they run through the whole network, and every rounding of them would add up.
        ignored_scope=nncf.IgnoredScope(types=["MatMul", "Softmax", "Add", "Concat", "Interpolate"], validate=False),
        advanced_parameters=parameters,
    )
