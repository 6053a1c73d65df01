"""XMem (Cheng and Schwing, ECCV 2022), https://github.com/hkchengrex/XMem, with its evaluation defaults."""

# The authors' code is in the user's clone.
# mypy: disable-error-code="import-not-found"

from pathlib import Path

from torch import Tensor, nn

from mobilevos.benchmark.peers.torch_peer import TorchPeer


class XMem(TorchPeer):
    """The authors' own frame-by-frame engine."""

    def build(self, path: Path) -> nn.Module:
        """See ``TorchPeer``."""
        from inference.inference_core import InferenceCore
        from model.network import XMem as Network

        self._new_engine = InferenceCore
        self._settings = {
            "mem_every": 5,
            "deep_update_every": -1,
            "top_k": 30,
            "enable_long_term": True,
            "enable_long_term_count_usage": True,
            "max_mid_term_frames": 10,
            "min_mid_term_frames": 5,
            "max_long_term_elements": 10000,
            "num_prototypes": 128,
        }
        return Network(self._settings)

    def begin(self, image: Tensor, mask: Tensor) -> None:
        """See ``TorchPeer``."""
        self._engine = self._new_engine(self.network, self._settings)
        self._engine.set_all_labels([1])
        self._engine.step(image[0], mask[0])

    def go_on(self, image: Tensor) -> Tensor:
        """See ``TorchPeer``."""
        return self._engine.step(image[0])[1]
