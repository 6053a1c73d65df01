"""Training (needs the ``train`` extra)."""

from mobilevos.training.loop import train
from mobilevos.training.recipe import Recipe

__all__ = ["Recipe", "train"]
