"""SAM 2 (Ravi et al., 2024), https://github.com/facebookresearch/sam2, and its relatives EdgeTAM and EfficientTAM."""

from pathlib import Path
from typing import Any

from torch import Tensor, nn
from torch.nn.functional import interpolate

from mobilevos.benchmark.peers.settings import Settings, instantiate
from mobilevos.benchmark.peers.torch_peer import TorchPeer


class SAM2Tiny(TorchPeer):
    """SAM 2.1 tiny. Frames are squeezed into the square that the network was made for."""

    unused_modules = ("hydra.core.global_hydra", "iopath.common.file_io", "tqdm")
    config = "sam2/configs/sam2.1/sam2.1_hiera_t.yaml"

    def build(self, path: Path) -> nn.Module:
        """See ``TorchPeer``."""
        model = Settings.read(path / self.config).model
        model["compile_image_encoder"] = False  # every peer runs eagerly
        self.input_size = (model.image_size, model.image_size)
        return instantiate(model)

    def begin(self, image: Tensor, mask: Tensor) -> None:
        """See ``TorchPeer``."""
        self._index = 0
        self._outputs: dict[str, dict[int, Any]] = {"cond_frame_outputs": {}, "non_cond_frame_outputs": {}}
        self._outputs["cond_frame_outputs"][0] = self._track(image, interpolate(mask, self.input_size))

    def go_on(self, image: Tensor) -> Tensor:
        """See ``TorchPeer``."""
        self._index += 1
        output = self._track(image, None)
        self._outputs["non_cond_frame_outputs"][self._index] = output
        return interpolate(output["pred_masks"], image.shape[-2:], mode="bilinear")

    def _track(self, image: Tensor, mask: Tensor | None) -> dict[str, Any]:
        square = interpolate(image, self.input_size, mode="bilinear", antialias=True)
        features = self.network.forward_image(square)
        _, vision, positions, sizes = self.network._prepare_backbone_features(features)
        return self.network.track_step(
            frame_idx=self._index,
            is_init_cond_frame=mask is not None,
            current_vision_feats=vision,
            current_vision_pos_embeds=positions,
            feat_sizes=sizes,
            point_inputs=None,
            mask_inputs=mask,
            output_dict=self._outputs,
            num_frames=self._index + 1,
        )


class EdgeTAM(SAM2Tiny):
    """EdgeTAM (Zhou et al., CVPR 2025), https://github.com/facebookresearch/EdgeTAM."""

    config = "sam2/configs/edgetam.yaml"


class EfficientTAMS(SAM2Tiny):
    """EfficientTAM-S (Xiong et al., ICCV 2025), https://github.com/yformer/EfficientTAM, at its 1024 x 1024."""

    config = "efficient_track_anything/configs/efficienttam/efficienttam_s.yaml"


class EfficientTAMTi(SAM2Tiny):
    """EfficientTAM-Ti at 512 x 512, its fastest variant."""

    config = "efficient_track_anything/configs/efficienttam/efficienttam_ti_512x512.yaml"
