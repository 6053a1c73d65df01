"""AFB-URR (Liang et al., NeurIPS 2020), https://github.com/xmlyqing00/AFB-URR, as its DAVIS evaluation runs."""

# The authors' code is in the user's clone.
# mypy: disable-error-code="import-not-found"

from pathlib import Path
from types import ModuleType
from unittest.mock import patch

import torch
from torch import Tensor, nn

from mobilevos.benchmark.peers.torch_peer import TorchPeer


class AFBURR(TorchPeer):
    """Every frame enters a feature bank with a budget: what resembles an entry is merged with it. Normalises itself."""

    unused_modules = ("cv2", "scipy.ndimage.morphology")
    mean, deviation = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    budget = 300_000

    def build(self, path: Path) -> nn.Module:
        """See ``TorchPeer``."""
        scatter = ModuleType("torch_scatter")  # which is compiled for one version of PyTorch, for one function
        scatter.__dict__["scatter_mean"] = _scatter_mean
        with patch.dict("sys.modules", {"torch_scatter": scatter}):
            from model import AFB_URR, FeatureBank
        self._new_bank = FeatureBank
        return AFB_URR("cpu", update_bank=True)

    def begin(self, image: Tensor, mask: Tensor) -> None:
        """See ``TorchPeer``."""
        self._index = 0
        self._bank = self._new_bank(2, self.budget, "cpu")
        self._bank.init_bank(*self.network.memorize(image, torch.cat([1 - mask, mask], 1)))

    def go_on(self, image: Tensor) -> Tensor:
        """See ``TorchPeer``."""
        self._index += 1
        probability = self.network.segment(image, self._bank)[0].softmax(1)
        self._bank.update(*self.network.memorize(image, probability), self._index)
        return probability[0, 1]


def _scatter_mean(source: Tensor, index: Tensor, dim: int, out: Tensor) -> Tensor:
    return out.scatter_reduce_(dim, index, source, "mean", include_self=False)
