"""Speed and memory, measured side by side."""

from mobilevos.benchmark.contest import Limits, measure
from mobilevos.benchmark.grid import Contestant, contestants
from mobilevos.benchmark.machine import describe_machine
from mobilevos.benchmark.peers import parse_peer
from mobilevos.benchmark.report import Report
from mobilevos.benchmark.row import Row

__all__ = ["Contestant", "Limits", "Report", "Row", "contestants", "describe_machine", "measure", "parse_peer"]
