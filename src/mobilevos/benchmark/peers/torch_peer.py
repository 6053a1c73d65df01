"""What all peers in PyTorch have in common."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mobilevos.benchmark.peers.on_cpu import CudaIsCpu, random_weights, stand_ins
from mobilevos.models.denormals import denormals_are_zero


class TorchPeer:
    """Base of adapters: builds the network on the CPU in float32 and turns arrays into tensors and back.

    A system implements ``build``, ``begin`` and ``go_on``, which run without gradients and where "cuda" means "cpu".
    ``sys.path`` starts with the clone from now on: the process belongs to this peer.
    """

    input_size: tuple[int, int] | None = None
    unused_modules: tuple[str, ...] = ()
    """Modules that the code imports but that inference never needs; they need not be installed."""
    mean, deviation = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    """Of RGB in 0..1, as the system subtracts and divides; ImageNet's."""

    def __init__(self, path: Path, threads: int | None) -> None:
        if threads:
            torch.set_num_threads(threads)
        sys.path.insert(0, str(path))
        self._mean, self._deviation = (torch.tensor(v).view(3, 1, 1) for v in (self.mean, self.deviation))
        with self._running(), random_weights(), stand_ins(*self.unused_modules):
            self.network: Any = self.build(path).eval().requires_grad_(False)
        self.parameters_m = sum(parameter.numel() for parameter in self.network.parameters()) / 1e6

    def build(self, path: Path) -> nn.Module:
        """Import the authors' code and make the network."""
        raise NotImplementedError

    def begin(self, image: Tensor, mask: Tensor) -> None:
        """Take the first image (1, 3, H, W), normalised, and the mask (1, 1, H, W) of its object, 0 or 1."""
        raise NotImplementedError

    def go_on(self, image: Tensor) -> Tensor:
        """Probabilities or logits (..., H, W) of the object in the next image (1, 3, H, W)."""
        raise NotImplementedError

    def first(self, frame: NDArray[np.uint8], mask: NDArray[np.uint8]) -> None:
        """See ``Adapter``."""
        with self._running():
            self.begin(self._image(frame), torch.from_numpy(mask).float()[None, None])

    def step(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See ``Adapter``."""
        with self._running():
            answer = self.go_on(self._image(frame))
            return answer.reshape(answer.shape[-2:]).numpy()

    def _image(self, frame: NDArray[np.uint8]) -> Tensor:
        image = torch.from_numpy(np.ascontiguousarray(frame)).permute(2, 0, 1).float() / 255
        return ((image - self._mean) / self._deviation)[None]

    @contextmanager
    def _running(self) -> Iterator[None]:
        # Random weights can let signals fade to denormal numbers, which are slow.
        with torch.no_grad(), CudaIsCpu(), denormals_are_zero():
            yield
