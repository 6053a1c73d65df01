"""AOT (Yang et al., NeurIPS 2021) and DeAOT (NeurIPS 2022), https://github.com/yoxu515/aot-benchmark."""

# The authors' code is in the user's clone.
# mypy: disable-error-code="import-not-found"

from pathlib import Path

from torch import Tensor, nn

from mobilevos.benchmark.peers.torch_peer import TorchPeer


class AOTT(TorchPeer):
    """AOT-T, with MobileNetV2. The authors' own frame-by-frame engine, with the settings of their evaluation."""

    model = "aott"

    def build(self, path: Path) -> nn.Module:
        """See ``TorchPeer``."""
        from configs.default import DefaultEngineConfig
        from networks.engines import build_engine
        from networks.layers import transformer
        from networks.models import build_vos_model

        # The attention they use without their CUDA extension fails with several heads; the other one runs without it.
        transformer.MultiheadLocalAttentionV3 = transformer.MultiheadLocalAttentionV2
        settings = DefaultEngineConfig("benchmark", self.model)
        network = build_vos_model(settings.MODEL_VOS, settings).eval()
        self._engine = build_engine(
            settings.MODEL_ENGINE,
            phase="eval",
            aot_model=network,
            long_term_mem_gap=settings.TEST_LONG_TERM_MEM_GAP,
            short_term_mem_skip=settings.TEST_SHORT_TERM_MEM_SKIP,
        ).eval()
        return network

    def begin(self, image: Tensor, mask: Tensor) -> None:
        """See ``TorchPeer``."""
        self._engine.restart_engine()
        self._engine.add_reference_frame(image, mask, obj_nums=[1], frame_step=0)

    def go_on(self, image: Tensor) -> Tensor:
        """See ``TorchPeer``."""
        self._engine.match_propogate_one_frame(image)
        logits = self._engine.decode_current_logits(image.shape[-2:])
        labels = logits.argmax(1, keepdim=True).float()
        self._engine.update_memory(labels)
        return labels


class R50AOTL(AOTT):
    """AOT-L with ResNet-50."""

    model = "r50_aotl"


class DeAOTT(AOTT):
    """DeAOT-T, with MobileNetV2."""

    model = "deaott"


class R50DeAOTL(AOTT):
    """DeAOT-L with ResNet-50."""

    model = "r50_deaotl"
