"""Everything that decides a training run, in one place; saved inside every checkpoint."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cyclopts import Parameter

from mobilevos.errors import InputError


@dataclass(frozen=True)
class Distillation:
    """What a student learns from a teacher (paper, eq. 7)."""

    teacher: str
    """Network to distil: a name, a .safetensors file, or "ema", the student's own averaged weights."""
    what: Literal["masks", "features"] = "masks"
    """To segment as the teacher does; or only its image features, for a backbone that knows nothing."""
    representation: float = 0.1
    """Weight of the representation loss."""
    omega: float = 0.95
    """Share of the teacher in the representation loss's target; 0 is contrastive learning from the labels alone."""
    boundary: int = 4
    """The representation loss looks at pixels this near to a boundary, in features' pixels (4 of the image)."""
    logits: float = 0.1
    """Weight of logit distillation."""

    def __post_init__(self) -> None:
        if self.what == "features" and self.teacher == "ema":
            raise InputError("Features are learnt from a trained teacher, not from the student itself; name one.")
        if not 0 <= self.omega <= 1:
            raise InputError(f"omega is {self.omega}; it must lie between 0 (labels) and 1 (teacher).")
        if self.boundary < 1:
            raise InputError(f"The boundary's reach is {self.boundary}; it must be at least 1 pixel.")
        if not (self.representation >= 0 and self.logits >= 0):
            raise InputError("The weights of the distillation terms must not be negative.")


@dataclass(frozen=True)
class Recipe:
    """One stage of training. The paper's differ in their data alone: 0 is stills, 1 rendered video, 3 real video."""

    model: Annotated[str, Parameter(name=("--model", "--student"))] = "lite0"
    """Name of the network: lite0, lite0-2, resnet18, mobilenetv2, mobilenetv2-aspp or lite2."""
    steps: int = 40_000
    """Optimiser steps; the learning rate reaches its end with the last."""
    batch: int = 4
    """Clips in a step."""
    frames: int = 3
    """Frames in a clip. Longer clips teach the network to live with its own mistakes, and cost in proportion."""
    size: int = 256
    """Side of the square crops, px."""
    smallest: int | None = None
    """If given, each step draws the side of its crops from here to the size: the modes see frames in several sizes."""
    objects: int = 2
    """At most this many objects of a clip are followed; they share the cost of the backbone."""
    real_fraction: float = 0.4
    """Share of real clips among those that are not rendered."""
    rendered_fraction: float = 0.0
    """Share of rendered clips, which need no data."""
    followed_fraction: float = 0.0
    """Share of the clips that are cropped around their objects in each frame, as the tracker looks at video."""
    guest_fraction: float = 0.0
    """Share of the clips in which objects of another clip, or look-alikes of their own, pass or are to be followed."""
    max_step: int = 12
    """Largest step between two frames of a real clip."""
    learning_rate: float = 1e-3
    """Of the new layers."""
    backbone_learning_rate: float = 1e-4
    """Of the ImageNet backbone, which needs only a nudge; 0 leaves it as it is and saves a third of a step's time."""
    weight_decay: float = 0.01
    """Of AdamW."""
    warmup: float = 0.03
    """Share of the steps in which the learning rate rises, where the schedule has that."""
    schedule: Literal["cosine", "hold", "decay"] = "cosine"
    """After the warm-up the learning rate falls as a cosine, to 1 %; or it holds, for a run without a planned end; or,
    in a branch of such a run, it falls to 0 in a straight line."""
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
    precision: Literal["float32", "bfloat16"] = "float32"
    """Of the network in training. bfloat16 saves time on processors that have it (AVX512-BF16, AMX)."""
    seed: int = 0
    """Of the clips and of what goes wrong in them."""
    distillation: Annotated[Distillation | None, Parameter(parse=False)] = None
    """What to learn from a teacher."""

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 1 or self.objects < 1:
            raise InputError("Steps, batch and objects must be at least 1.")
        fewest = 1 if self.learns_features else 2
        if not fewest <= self.frames <= 8:
            raise InputError(f"A clip of {self.frames} frames cannot be trained on; frames must be {fewest} to 8.")
        if self.size % 16 or self.size < 64:
            raise InputError(f"The crop size is {self.size}; it must be a multiple of 16 and at least 64.")
        if self.smallest is not None and not (self.smallest % 16 == 0 and 64 <= self.smallest <= self.size):
            raise InputError(f"The smallest crop is {self.smallest}; it must be a multiple of 16, 64 to {self.size}.")
        if self.seed < 0:
            raise InputError(f"The seed is {self.seed}; it must not be negative.")

    @property
    def learns_features(self) -> bool:
        """Whether only a teacher's image features are learnt."""
        return self.distillation is not None and self.distillation.what == "features"

    def hardest(self, step: int) -> float:
        """Share of the pixels in the bootstrapped cross-entropy at a step."""
        progress = min(1.0, 2 * step / self.steps)
        return self.hardest_start + (self.hardest_end - self.hardest_start) * progress
