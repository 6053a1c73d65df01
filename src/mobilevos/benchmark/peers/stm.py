"""STM (Oh et al., ICCV 2019), https://github.com/seoungwugoh/STM, as its DAVIS evaluation runs."""

# The authors' code is in the user's clone.
# mypy: disable-error-code="import-not-found"

from pathlib import Path

import torch
from torch import Tensor, nn

from mobilevos.benchmark.peers.torch_peer import TorchPeer


class STM(TorchPeer):
    """Memory holds the previous frame and, for good, every fifth one. The network normalises images itself."""

    unused_modules = ("matplotlib.pyplot", "tqdm", "cv2")
    mean, deviation = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    memory_every = 5

    def build(self, path: Path) -> nn.Module:
        """See ``TorchPeer``."""
        from model import STM as Network

        self._objects = torch.tensor([1])
        return Network()

    def begin(self, image: Tensor, mask: Tensor) -> None:
        """See ``TorchPeer``."""
        self._index = 0
        self._kept: list[tuple[Tensor, Tensor]] = []
        self._previous = image, torch.cat([1 - mask, mask], 1)

    def go_on(self, image: Tensor) -> Tensor:
        """See ``TorchPeer``."""
        memory = [*self._kept, self.network(*self._previous, self._objects)]
        if self._index % self.memory_every == 0:
            self._kept = memory
        self._index += 1
        keys, values = (torch.cat(parts, dim=3) for parts in zip(*memory, strict=True))
        probability = self.network(image, keys, values, self._objects).softmax(1)
        self._previous = image, probability
        return probability[0, 1]
