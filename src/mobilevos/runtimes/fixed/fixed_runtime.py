"""Fixed-shape graphs behind the protocol that the tracker and every other runtime share. NumPy alone."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mobilevos.engine.runtime import Features, Float
from mobilevos.engine.target_model import nowhere
from mobilevos.errors import InputError
from mobilevos.runtimes.fixed.files import Graph
from mobilevos.runtimes.fixed.manifest import Manifest


class FixedRuntime:
    """A ``Runtime`` of three graphs with fixed shapes: frames of one size, K objects, memory of two frames.

    Fewer objects than K leave rows of the graphs to objects that are nowhere; more are refused. Of a memory of more
    than two frames, ``read`` takes as many entries as two frames have, those that the frame resembles most: the rest
    weighs next to nothing.

    Args:
        manifest: of the export.
        graphs: query, read and memorise.

    Attributes:
        fixed_size: (height, width) at which the network sees every frame.
        most_objects: K.
    """

    def __init__(self, manifest: Manifest, graphs: Mapping[str, Graph]) -> None:
        view = manifest.view
        self.fixed_size = view.height, view.width
        self.most_objects = view.objects
        self._steps = manifest.steps
        self._graphs = graphs
        self._nowhere: Float | None = None
        """(value_dim, h * w) of an object that is nowhere, in the frame memorised last: zeros would mean anything."""

    def query(self, frame: NDArray[np.uint8]) -> Features:
        """See ``Runtime``.

        Raises:
            InputError: a frame of another size than the export was made for.
        """
        if frame.shape[:2] != self.fixed_size:
            height, width = self.fixed_size
            raise InputError(
                f"The network is given {frame.shape[1]}x{frame.shape[0]}, but it was exported for "
                f"{width}x{height}; resize the frame, or export again with another --size."
            )
        return self._run("query", {"frame": frame.transpose(2, 0, 1)[None]})

    def key(self, features: Features) -> Float:
        """See ``Runtime``."""
        return features["key"].reshape(features["key"].shape[1], -1)

    def descriptor(self, features: Features) -> Float | None:
        """See ``Runtime``."""
        return features["descriptor"][0] if "descriptor" in features else None

    def read(
        self, features: Features, memory_key: Float, memory_value: Float, prior: Float, classifier: Float | None
    ) -> Float:
        """See ``Runtime``.

        Raises:
            InputError: more objects than the export was made for.
        """
        query = self.key(features)
        pixels = query.shape[1]
        value = self._filled(memory_value)
        if self._nowhere is not None:
            value[len(prior) :] = np.tile(self._nowhere, value.shape[2] // pixels)
        if memory_key.shape[1] > 2 * pixels:
            alike = _most_alike(query, memory_key, 2 * pixels)
            memory_key, value = memory_key[:, alike], value[:, :, alike]
        memory = {}
        for when, part in (("first", np.s_[:pixels]), ("previous", np.s_[-pixels:])):
            memory[f"{when}_key"] = memory_key[:, part].reshape(features["key"].shape)
            memory[f"{when}_value"] = value[:, :, part]
        given = {**features, **memory, "prior": self._filled(prior)}
        if classifier is not None:
            given["classifier"] = self._filled(classifier)
            given["classifier"][len(prior) :] = nowhere(classifier)
        found = self._run("read", given)["probability"]
        return found[: len(prior)]

    def memorise(self, features: Features, masks: Float) -> Float:
        """See ``Runtime``.

        Raises:
            InputError: more objects than the export was made for.
        """
        value = self._run("memorise", {**features, "masks": self._filled(masks)})["value"]
        if len(masks) < self.most_objects:
            self._nowhere = value[-1]
        return value[: len(masks)]

    def _filled(self, rows: Float) -> Float:
        """An array with a row for each object -> the same with a row for each that the graphs hold, zeros below."""
        spare = self.most_objects - len(rows)
        if spare < 0:
            raise InputError(
                f"There are {len(rows)} objects, but the model was exported for {self.most_objects}; "
                f"export it again with --objects {len(rows)}, or follow fewer."
            )
        return np.concatenate([rows, np.zeros((spare, *rows.shape[1:]), rows.dtype)]) if spare else rows

    def _run(self, step: str, given: Mapping[str, NDArray[np.generic]]) -> dict[str, Float]:
        signature = self._steps[step]
        outputs = self._graphs[step]([np.ascontiguousarray(given[name], np.float32) for name in signature.inputs])
        return {
            name: np.asarray(output, np.float32).reshape(shape)
            for (name, shape), output in zip(signature.outputs.items(), outputs, strict=True)
        }


def _most_alike(query: Float, memory: Float, count: int) -> NDArray[np.intp]:
    """Indices, in order, of the ``count`` entries of a memory (C, N) that any pixel of a query (C, Q) is closest to.

    Closeness counts in relation to each pixel's closest entry, as the softmax of the affinity weighs it.
    """
    affinity = 2 * memory.T @ query - np.square(memory).sum(0)[:, None]
    worth = (affinity - affinity.max(0)).max(1)
    return np.sort(np.argpartition(-worth, count)[:count])
