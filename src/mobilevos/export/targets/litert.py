"""LiteRT, once TensorFlow Lite: the runtime that Android brings along."""

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from mobilevos.export.targets.base import FLOAT_PARTS, Samples
from mobilevos.runtimes.fixed.litert import LiteRtFiles

if TYPE_CHECKING:
    from mobilevos.export.steps import Step


class LiteRT(LiteRtFiles):
    """See ``Target``. int8 is static, per channel, of convolutions."""

    precisions = ("fp32", "int8")
    converter = MappingProxyType({"litert_torch": "litert-torch"})
    most_objects = None

    def convert(self, step: "Step", path: Path, precision: str, samples: Samples) -> None:
        """See ``Target``."""
        import litert_torch

        inputs = tuple(step.inputs.values())
        litert_torch.convert(step.module, inputs).export(str(path))
        if precision == "int8":
            _quantise(path, samples)


def _quantise(path: Path, samples: Samples) -> None:
    from ai_edge_quantizer.qtyping import TFLOperationName
    from ai_edge_quantizer.quantizer import AlgorithmName, Quantizer

    quantizer = Quantizer(str(path))
    for operation in (TFLOperationName.CONV_2D, TFLOperationName.DEPTHWISE_CONV_2D):
        quantizer.add_static_config(".*", operation, activation_num_bits=8, weight_num_bits=8)
        for part in FLOAT_PARTS:
            quantizer.update_quantization_recipe(rf"_{part}(;|/|$)", operation, algorithm_key=AlgorithmName.NO_QUANTIZE)
    named = [{f"args_{index}": value for index, value in enumerate(inputs)} for inputs in samples]
    quantizer.quantize(quantizer.calibrate({"serving_default": named})).export_model(path, overwrite=True)
