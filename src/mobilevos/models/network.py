"""The network, a student or the teacher: both have STCN's shape, the students at a fraction of its size.

It is used in three steps, which training, the torch runtime and export share:

1. ``query``: a frame -> its key and the image halves of decoder and value encoder (once a frame);
2. ``read``: features, memory and previous masks -> the probabilities of all objects;
3. ``memorise``: features and masks -> the values that memory keeps beside the frame's key.

Masks go in and come out at stride 4, where the network draws them; finer ones are a matter of interpolation.

The memory itself lives outside of the network, as plain arrays of keys and values.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mobilevos.models.backbones import Backbone
from mobilevos.models.decoder import Decoder
from mobilevos.models.memory_read import affinity, readout
from mobilevos.models.spec import Spec
from mobilevos.models.stcn_parts import StcnDecoder, StcnValueEncoder
from mobilevos.models.target_model import TargetModel
from mobilevos.models.value_encoder import ValueEncoder

Features = dict[str, Tensor]
"""Everything later steps need of a frame, by name; ``key`` (B, C, H/16, W/16) is always there."""


class Network(nn.Module):
    """A memory network of a given ``Spec``.

    Args:
        spec: sizes and parts.
        pretrained: start backbones from ImageNet weights.
    """

    def __init__(self, spec: Spec, pretrained: bool = False) -> None:
        super().__init__()
        self.spec = spec
        self.backbone = Backbone(spec.backbone, pretrained)
        channels = self.backbone.channels
        self.key = nn.Conv2d(channels[2], spec.key_dim, 3, 1, 1)
        # Keys start as an isometry of the features, small enough for a soft affinity: at gain 1 similarities differ by
        # thousands, the softmax picks one memory pixel, and no gradient ever reaches the keys.
        nn.init.orthogonal_(self.key.weight, gain=0.08)
        self.value_encoder: ValueEncoder | StcnValueEncoder
        self.decoder: Decoder | StcnDecoder
        if spec.family == "stcn":
            self.value_encoder = StcnValueEncoder(channels, spec.value_dim, pretrained)
            self.decoder = StcnDecoder(channels, spec.value_dim, spec.decoder_widths)
        else:
            self.value_encoder = ValueEncoder(channels, spec.value_dim)
            scored = bool(spec.descriptor_dim)
            self.decoder = Decoder(channels, spec.value_dim, spec.decoder_widths, spec.aspp, scored, spec.deeper)
        self.target = TargetModel(channels, spec.descriptor_dim) if spec.descriptor_dim else None

    def query(self, frame: Tensor) -> Features:
        """Encode frames, without regard to any object.

        Args:
            frame: (B, 3, H, W) RGB, 0..255, uint8 or float; H and W multiples of 16.
        """
        image = self.backbone.normalise(frame)
        stride4, stride8, stride16 = self.backbone(image)
        return {
            "key": self.key(stride16),
            **self.decoder.prepare(stride4, stride8, stride16),
            **self.value_encoder.prepare(image, stride4, stride16),
            **(self.target.prepare(stride8, stride16) if self.target else {}),
        }

    @property
    def read_features(self) -> tuple[str, ...]:
        """Names of the features that ``read`` looks at; ``memorise`` looks at ``value_encoder.features``."""
        return ("key", *self.decoder.features, *(("descriptor",) if self.target else ()))

    def read(
        self,
        features: Features,
        memory_key: Tensor,
        memory_value: Tensor,
        prior: Tensor,
        classifier: Tensor | None = None,
    ) -> Tensor:
        """Segment one frame: read the memory, decode, aggregate the objects.

        Args:
            features: of the frame, B = 1.
            memory_key: (1, key_dim, N) keys of all memory pixels.
            memory_value: (K, value_dim, N) values of each object.
            prior: (K, H/4, W/4) the objects' masks in the previous frame, 0..1; zeros for "unknown".
            classifier: (K, D + 1) of each object, from ``evidence``; None for a network without a target model.

        Returns:
            (K, H/4, W/4) probabilities; they and the background's sum to 1.
        """
        scores = self.scores(features, classifier)
        logits = self.decode(features, memory_key, memory_value, beside_others(prior), scores)
        return aggregate(logits[:, 0]).softmax(0)[1:]

    def scores(self, features: Features, classifier: Tensor | None) -> Tensor | None:
        """How much the pixels of a frame look like each object and like the others: (K, 2, H/8, W/8), 0..1."""
        if self.target is None or classifier is None:
            return None
        return beside_others(self.target.scores(features["descriptor"], classifier).sigmoid())

    def decode(
        self, features: Features, memory_key: Tensor, memory_value: Tensor, prior: Tensor, scores: Tensor | None = None
    ) -> Tensor:
        """As ``read``, batched: B frames or one, K objects -> logits (K, 1, H/4, W/4) of each on its own.

        ``features`` and ``memory_key`` have B = K (frame of each object) or B = 1 (one frame for all); ``prior`` is
        (K, 2, H/4, W/4), see ``beside_others``, and so are the target model's ``scores`` (K, 2, H/8, W/8), 0..1.
        """
        return self.decoder.logits(self.embed(features, memory_key, memory_value, prior, scores))

    def embed(
        self, features: Features, memory_key: Tensor, memory_value: Tensor, prior: Tensor, scores: Tensor | None = None
    ) -> Tensor:
        """As ``decode``, up to the pixel features before the last convolution: (K, width, H/4, W/4)."""
        key = features["key"]
        weights = affinity(key.flatten(2), memory_key)
        read = readout(weights, memory_value).unflatten(2, key.shape[-2:])
        return self.decoder(features, read, prior, scores)

    def memorise(self, features: Features, masks: Tensor) -> Tensor:
        """Values of one frame for K objects.

        Args:
            features: of the frame, B = 1.
            masks: (K, H/4, W/4) soft masks of all objects, 0..1.

        Returns:
            (K, value_dim, H/16 * W/16).
        """
        return self.encode_value(features, upsample(beside_others(masks)))

    def evidence(self, features: Features, masks: Tensor) -> Tensor:
        """What one frame says of K objects to a target model: masks as for ``memorise`` -> (K, D + 1, D + 2)."""
        assert self.target is not None
        return self.target.evidence(features["descriptor"], beside_others(masks))

    def encode_value(self, features: Features, masks: Tensor) -> Tensor:
        """As ``memorise``, batched and finer: masks (K, 2, H, W), object and others -> (K, value_dim, H/16 * W/16)."""
        return self.value_encoder(features, masks).flatten(2)


def beside_others(masks: Tensor) -> Tensor:
    """Masks (K, H, W) of the objects of one frame, 0..1 -> (K, 2, H, W): each, and all others together."""
    return torch.stack([masks, (masks.sum(0, keepdim=True) - masks).clamp(0, 1)], 1)


def upsample(logits: Tensor) -> Tensor:
    """Logits or masks at stride 4 -> full size, bilinear."""
    return F.interpolate(logits, scale_factor=4, mode="bilinear", align_corners=False)


def aggregate(logits: Tensor) -> Tensor:
    """Soft aggregation (STM, eq. 4): objects judged one by one -> odds that also know the background.

    The background is where no object is. Odds are compared, so one sure object silences the others; for a single
    object the resulting probability is sigmoid(2 * logit).

    Args:
        logits: (..., K, H, W) of the K objects of one frame.

    Returns:
        (..., K + 1, H, W) logits, background first; their softmax is the probabilities.
    """
    # log(1 - p) = -softplus(logit); the background's log-odds follow from the log of the product of all (1 - p).
    background = -F.softplus(logits).sum(-3, keepdim=True)
    background = background.clamp(max=-1e-4)
    return torch.cat([background - torch.log(1 - background.exp()), logits], -3)
