"""Speed and memory, measured side by side."""

from mobilevos.benchmark.latency import Row, describe_machine, measure

__all__ = ["Row", "describe_machine", "measure"]
