"""Everything that decides a training run, in one place; saved inside every checkpoint."""

from dataclasses import dataclass

from mobilevos.errors import InputError


@dataclass(frozen=True)
class Recipe:
    """Stage 0: synthetic clips from still images, mixed with real clips where there are some."""

    model: str = "lite0"
    """Name of the network: lite0, resnet18, mobilenetv2 or mobilenetv2-aspp."""
    steps: int = 40_000
    """Optimiser steps; the learning rate reaches its end with the last."""
    batch: int = 4
    """Clips in a step."""
    frames: int = 3
    """Frames in a clip. Longer clips teach the network to live with its own mistakes, and cost in proportion."""
    size: int = 256
    """Side of the square crops, px."""
    objects: int = 2
    """At most this many objects of a clip are followed; they share the cost of the backbone."""
    real_fraction: float = 0.4
    """Share of real clips."""
    max_step: int = 12
    """Largest step between two frames of a real clip."""
    learning_rate: float = 1e-3
    """Of the new layers."""
    backbone_learning_rate: float = 1e-4
    """Of the ImageNet backbone, which needs only a nudge."""
    weight_decay: float = 0.01
    """Of AdamW."""
    warmup: float = 0.03
    """Share of the steps in which the learning rate rises; after that it falls as a cosine, to 1 %."""
    clip_gradient: float = 3.0
    """Largest norm of the gradient."""
    ema: float = 0.998
    """Decay of the averaged weights, which are the ones evaluated and shipped."""
    prior_drop: float = 0.2
    """How often the previous mask is withheld, so that the readout learns to work alone."""
    mistakes: float = 0.3
    """How often an object's previous mask is spoilt before it is fed back, so that mending is learnt."""
    hardest_start: float = 1.0
    """Share of the pixels in the bootstrapped cross-entropy at the start ..."""
    hardest_end: float = 0.15
    """... and from the middle of the run on."""
    seed: int = 0
    """Of the clips and of the priors dropped."""

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 1 or self.objects < 1:
            raise InputError("Steps, batch and objects must be at least 1.")
        if not 2 <= self.frames <= 8:
            raise InputError(f"A clip of {self.frames} frames cannot be trained on; frames must be 2 to 8.")
        if self.size % 16 or self.size < 64:
            raise InputError(f"The crop size is {self.size}; it must be a multiple of 16 and at least 64.")

    def hardest(self, step: int) -> float:
        """Share of the pixels in the bootstrapped cross-entropy at a step."""
        progress = min(1.0, 2 * step / self.steps)
        return self.hardest_start + (self.hardest_end - self.hardest_start) * progress
