"""Speed and memory, measured side by side."""

from mobilevos.benchmark.latency import Row, describe_machine, measure
from mobilevos.benchmark.peers import parse_peer

__all__ = ["Row", "describe_machine", "measure", "parse_peer"]
