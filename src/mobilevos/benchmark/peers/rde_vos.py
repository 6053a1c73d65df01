"""RDE-VOS (Li et al., CVPR 2022), https://github.com/Limingxing00/RDE-VOS-CVPR2022, as its DAVIS evaluation runs."""

# The authors' code is in the user's clone.
# mypy: disable-error-code="import-not-found"

from pathlib import Path
from typing import Any

from torch import nn

from mobilevos.benchmark.peers.stcn import STCN


class RDEVOS(STCN):
    """STCN's network with a recurrent, compressed memory: constant cost. Every third frame is memorised."""

    memory_every = 3
    unused_modules = ("sklearn.decomposition", "retrying")

    def build(self, path: Path) -> nn.Module:
        """See ``TorchPeer``."""
        from inference_memory_bank import MemoryBank
        from model.aggregate import aggregate
        from model.eval_network import RDE_VOS

        self._new_memory, self._aggregate = MemoryBank, aggregate
        return RDE_VOS()

    def new_memory(self) -> Any:
        """The authors' memory for one object."""
        return self._new_memory(self.network.mem_compress, k=1, top_k=40, mode="two-frames-compress")
