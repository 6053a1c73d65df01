"""Export of a network to inference runtimes. Needs the ``train`` extra, but to run what was exported."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mobilevos.export.onnx import export_onnx as export_onnx
    from mobilevos.runtimes.fixed import load_exported as load_exported

__all__ = ["export_onnx", "load_exported"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: exports run where there is no PyTorch."""
    from importlib import import_module

    homes = {"export_onnx": "mobilevos.export.onnx", "load_exported": "mobilevos.runtimes.fixed"}
    if name not in homes:
        raise AttributeError(f"module 'mobilevos.export' has no attribute {name!r}")
    return getattr(import_module(homes[name]), name)
