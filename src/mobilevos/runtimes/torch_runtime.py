"""PyTorch as a runtime: the reference, and what training evaluates with."""

import numpy as np
import torch
from numpy.typing import NDArray

from mobilevos.engine.runtime import Features, Float
from mobilevos.models.network import Network


class TorchRuntime:
    """Runs a ``Network`` eagerly on the CPU."""

    def __init__(self, network: Network) -> None:
        self._network = network.eval().to(memory_format=torch.channels_last)

    @torch.inference_mode()
    def query(self, frame: NDArray[np.uint8]) -> Features:
        """See ``Runtime``."""
        image = torch.tensor(frame).permute(2, 0, 1)[None]
        return self._network.query(image.contiguous(memory_format=torch.channels_last))

    def key(self, features: Features) -> Float:
        """See ``Runtime``."""
        return features["key"][0].flatten(1).numpy()

    def descriptor(self, features: Features) -> Float | None:
        """See ``Runtime``."""
        return features["descriptor"][0].numpy() if "descriptor" in features else None

    @torch.inference_mode()
    def read(
        self, features: Features, memory_key: Float, memory_value: Float, prior: Float, classifier: Float | None
    ) -> Float:
        """See ``Runtime``."""
        key, value, masks = (torch.tensor(array) for array in (memory_key[None], memory_value, prior))
        known = None if classifier is None else torch.tensor(classifier)
        return self._network.read(dict(features), key, value, masks, known).numpy()

    @torch.inference_mode()
    def memorise(self, features: Features, masks: Float) -> Float:
        """See ``Runtime``."""
        return self._network.memorise(dict(features), torch.tensor(masks)).numpy()
