"""STCN (Cheng et al., NeurIPS 2021), https://github.com/hkchengrex/STCN, with its evaluation defaults."""

# The authors' code is in the user's clone.
# mypy: disable-error-code="import-not-found"

from pathlib import Path
from typing import Any

from torch import Tensor, nn

from mobilevos.benchmark.peers.torch_peer import TorchPeer


class STCN(TorchPeer):
    """Every fifth frame is memorised; memory grows without end."""

    memory_every = 5

    def build(self, path: Path) -> nn.Module:
        """See ``TorchPeer``."""
        from inference_memory_bank import MemoryBank
        from model.aggregate import aggregate
        from model.eval_network import STCN as Network

        self._new_memory, self._aggregate = MemoryBank, aggregate
        return Network()

    def new_memory(self) -> Any:
        """The authors' memory for one object."""
        return self._new_memory(k=1, top_k=20)

    def begin(self, image: Tensor, mask: Tensor) -> None:
        """See ``TorchPeer``."""
        self._memory, self._index = self.new_memory(), 0
        key, _, deep, _, _ = self.network.encode_key(image)
        self._memorise(image, key, deep, self._aggregate(mask, keep_bg=True)[1:])

    def go_on(self, image: Tensor) -> Tensor:
        """See ``TorchPeer``."""
        self._index += 1
        key, thin, deep, middle, shallow = self.network.encode_key(image)
        answer = self.network.segment_with_query(self._memory, middle, shallow, key, thin)
        probability = self._aggregate(answer, keep_bg=True)[1:]
        if self._index % self.memory_every == 0:
            self._memorise(image, key, deep, probability)
        return probability

    def _memorise(self, image: Tensor, key: Tensor, deep: Tensor, probability: Tensor) -> None:
        self._memory.add_memory(key.unsqueeze(2), self.network.encode_value(image, deep, probability))
