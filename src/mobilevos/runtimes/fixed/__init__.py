"""Graphs with fixed shapes, as phones and other runtimes want them: ``load_exported`` opens a folder of them."""

from mobilevos.runtimes.fixed.loading import FILES, load_exported
from mobilevos.runtimes.fixed.manifest import Manifest, Signature, View

__all__ = ["FILES", "Manifest", "Signature", "View", "load_exported"]
