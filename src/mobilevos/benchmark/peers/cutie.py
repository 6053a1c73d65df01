"""Cutie (Cheng et al., CVPR 2024), https://github.com/hkchengrex/Cutie, as its DAVIS-2016 evaluation runs."""

# The authors' code is in the user's clone.
# mypy: disable-error-code="import-not-found"

from pathlib import Path

from torch import Tensor, nn

from mobilevos.benchmark.peers.settings import Settings
from mobilevos.benchmark.peers.torch_peer import TorchPeer


class CutieBase(TorchPeer):
    """The authors' own frame-by-frame engine, which normalises images itself."""

    unused_modules = ("omegaconf",)
    mean, deviation = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    variant = "base"

    def build(self, path: Path) -> nn.Module:
        """See ``TorchPeer``."""
        from cutie.inference.inference_core import InferenceCore
        from cutie.model.cutie import CUTIE

        folder = path / "cutie" / "config"
        settings = Settings.read(folder / "eval_config.yaml")
        settings.merge(settings.datasets["d16-val"])
        settings["model"] = Settings.read(folder / "model" / "base.yaml")
        settings.model.merge(Settings.read(folder / "model" / f"{self.variant}.yaml"))
        del settings["hydra"]
        settings.resolve()
        self._new_engine, self._settings = InferenceCore, settings
        return CUTIE(settings)

    def begin(self, image: Tensor, mask: Tensor) -> None:
        """See ``TorchPeer``."""
        self._engine = self._new_engine(self.network, cfg=self._settings)
        self._engine.step(image[0], mask[0, 0], objects=[1])

    def go_on(self, image: Tensor) -> Tensor:
        """See ``TorchPeer``."""
        return self._engine.step(image[0])[1]


class CutieSmall(CutieBase):
    """With ResNet-18 as its image encoder."""

    variant = "small"
