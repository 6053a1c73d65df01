"""int8 of the free-shape ONNX graphs, which the tracker runs like any other model."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from mobilevos.export.calibration import record
from mobilevos.export.in_one_go import in_one_go
from mobilevos.export.model import describe
from mobilevos.export.onnx import export_onnx
from mobilevos.export.steps import Step, fixed_steps
from mobilevos.export.targets.base import Samples
from mobilevos.models.network import Network
from mobilevos.runtimes.fixed.manifest import View

Arrays = dict[str, NDArray[np.generic]]


def export_onnx_int8(network: Network, folder: Path, view: View, calibrate: Path | None = None) -> None:
    """As ``export_onnx``, with convolutions in int8: static, per channel; all else stays float.

    Args:
        network: a student.
        folder: is made if need be; files in it are replaced when all are complete.
        view: size of the frames that ranges are taken from; graphs take any.
        calibrate: clips to take them from, see `mobilevos.export.calibration.record`.

    Raises:
        InputError: the network is a teacher, or there are no clips.
        OutputError: the folder cannot be written.
    """
    with in_one_go(folder) as part:
        export_onnx(network, part)
        steps = fixed_steps(network, view)
        manifest = describe(steps, "", "onnx", "int8", view)
        samples = record(steps, manifest, calibrate)
        for step in steps:
            _quantise(part / f"{step.name}.onnx", step, samples[step.name])


def _quantise(path: Path, step: Step, samples: Samples) -> None:
    _fold(path)
    quantize_static(
        path,
        path,
        _Reader(_free(dict(zip(step.inputs, arrays, strict=True))) for arrays in samples),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["Conv"],
        per_channel=True,
        activation_type=QuantType.QUInt8,
        reduce_range=True,  # without VNNI, x86 adds pairs of products in 16 bits, which is too few
        weight_type=QuantType.QInt8,
        extra_options={"OpTypesToExcludeOutputQuantization": ["Conv"]},  # sums and the affinity are exact that way
    )


class _Reader(CalibrationDataReader):
    def __init__(self, inputs: Iterator[Arrays]) -> None:
        self._inputs = inputs

    def get_next(self) -> Arrays | None:
        return next(self._inputs, None)


def _free(arrays: Arrays) -> Arrays:
    """Inputs of a fixed-shape step -> those of the free-shape one: bytes of the frame, memory in one piece."""
    if "frame" in arrays:
        return {"frame": arrays["frame"].transpose(0, 2, 3, 1).astype(np.uint8)}
    if "prior" not in arrays:
        return arrays
    for kind in ("key", "value"):
        parts = (arrays.pop(f"{when}_{kind}") for when in ("first", "previous"))
        arrays[f"memory_{kind}"] = np.concatenate([part.reshape(*part.shape[:2], -1) for part in parts], 2)
    return arrays


def _fold(path: Path) -> None:
    """Batch norm becomes part of the convolutions, and weights float32, which quantisation looks for."""
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(path)
    options.log_severity_level = 3
    ort.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
