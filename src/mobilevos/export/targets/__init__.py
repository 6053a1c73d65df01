"""Runtimes that fixed-shape graphs can be exported to, a file each."""

from mobilevos.export.targets.base import Target
from mobilevos.export.targets.coreml import CoreML
from mobilevos.export.targets.executorch import ExecuTorch
from mobilevos.export.targets.litert import LiteRT
from mobilevos.export.targets.mnn import MNN
from mobilevos.export.targets.ncnn import Ncnn
from mobilevos.export.targets.openvino import OpenVINO

TARGETS: dict[str, Target] = {
    "openvino": OpenVINO(),
    "executorch": ExecuTorch(),
    "litert": LiteRT(),
    "mnn": MNN(),
    "ncnn": Ncnn(),
    "coreml": CoreML(),
}
"""By the name that ``mobilevos export --to`` takes."""

__all__ = ["TARGETS", "Target"]
