"""Export of a network to inference runtimes (needs the ``train`` extra)."""

from mobilevos.export.onnx import export_onnx

__all__ = ["export_onnx"]
