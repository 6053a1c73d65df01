"""Inference runtimes behind one small protocol; ``load_runtime`` opens a model by name."""

from mobilevos.engine.runtime import Prompter, Runtime
from mobilevos.runtimes.registry import RUNTIMES, load_prompter, load_runtime

__all__ = ["RUNTIMES", "Prompter", "Runtime", "load_prompter", "load_runtime"]
