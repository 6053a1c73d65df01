"""Fixed-shape graphs behind the protocol that the tracker and every other runtime share. NumPy alone."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mobilevos.errors import InputError
from mobilevos.export.manifest import Manifest
from mobilevos.runtimes.base import Features, Float

Graph = Callable[[Sequence[Float]], Sequence[Float]]
"""One step: contiguous float32 arrays in the order of its signature in, outputs in order out."""


class FixedRuntime:
    """A ``Runtime`` of three graphs with fixed shapes: frames of one size, memory of one frame or two.

    Args:
        manifest: of the export.
        graphs: query, read and memorise.
    """

    def __init__(self, manifest: Manifest, graphs: Mapping[str, Graph]) -> None:
        self._view = manifest.view
        self._steps = manifest.steps
        self._graphs = graphs

    def query(self, frame: NDArray[np.uint8]) -> Features:
        """See ``Runtime``.

        Raises:
            InputError: a frame of another size than the export was made for.
        """
        if frame.shape[:2] != (self._view.height, self._view.width):
            raise InputError(
                f"The network is given {frame.shape[1]}x{frame.shape[0]}, but it was exported for "
                f"{self._view.width}x{self._view.height}; resize the frame, or export again with another --size."
            )
        return self._run("query", {"frame": frame.transpose(2, 0, 1)[None]})

    def key(self, features: Features) -> Float:
        """See ``Runtime``."""
        return features["key"].reshape(features["key"].shape[1], -1)

    def read(self, features: Features, memory_key: Float, memory_value: Float, prior: Float) -> Float:
        """See ``Runtime``; memory is the first frame, or the first and the previous one."""
        pixels = self.key(features).shape[1]
        memory = {}
        for when, part in (("first", np.s_[:pixels]), ("previous", np.s_[-pixels:])):
            memory[f"{when}_key"] = memory_key[:, part].reshape(features["key"].shape)
            memory[f"{when}_value"] = memory_value[:, :, part]
        return self._run("read", {**features, **memory, "prior": prior})["probability"]

    def memorise(self, features: Features, masks: Float) -> Float:
        """See ``Runtime``."""
        return self._run("memorise", {**features, "masks": masks})["value"]

    def _run(self, step: str, given: Mapping[str, NDArray[np.generic]]) -> dict[str, Float]:
        signature = self._steps[step]
        outputs = self._graphs[step]([np.ascontiguousarray(given[name], np.float32) for name in signature.inputs])
        return {
            name: np.asarray(output, np.float32).reshape(shape)
            for (name, shape), output in zip(signature.outputs.items(), outputs, strict=True)
        }
