"""Inference runtimes behind one small protocol; ``load_runtime`` opens a model by name."""

from mobilevos.engine.runtime import Runtime
from mobilevos.runtimes.registry import RUNTIMES, load_prompter, load_runtime

__all__ = ["RUNTIMES", "Runtime", "load_prompter", "load_runtime"]
