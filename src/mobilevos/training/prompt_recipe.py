"""What decides how a prompt head is trained."""

from dataclasses import dataclass
from typing import Literal

from mobilevos.errors import InputError


@dataclass(frozen=True)
class PromptRecipe:
    """A run of ``mobilevos train-prompt``; the network whose features the head looks at stays as it is."""

    steps: int = 4000
    """Optimiser steps; the learning rate falls to 0 with the last."""
    batch: int = 8
    """Views in a step."""
    objects: int = 2
    """At most so many objects of a view are asked for; they share the cost of the network."""
    rounds: int = 3
    """Masks that a simulated user sees and corrects with one more click each."""
    smallest: int = 192
    """Smallest side of the square views, px."""
    largest: int = 288
    """Largest side of the square views, px."""
    video: float = 0.4
    """Share of views that are frames of video, where there are stills and videos."""
    zoomed: float = 0.45
    """Share of views that are made around an object, as those of small objects are in use."""
    learning_rate: float = 1.5e-3
    """Of AdamW."""
    weight_decay: float = 0.01
    """Of AdamW."""
    warmup: int = 100
    """Steps in which the learning rate rises."""
    ema: float = 0.996
    """Decay of the averaged weights, which are the ones to use."""
    precision: Literal["float32", "bfloat16"] = "bfloat16"
    """bfloat16 saves time on processors that have it (AVX512-BF16, AMX)."""
    seed: int = 0
    """Of the views and of what the simulated users do."""

    def __post_init__(self) -> None:
        if min(self.steps, self.batch, self.objects, self.rounds) < 1:
            raise InputError("Steps, batch, objects and rounds must be at least 1.")
        if not 64 <= self.smallest <= self.largest or self.smallest % 32 or self.largest % 32:
            raise InputError(
                f"Views of {self.smallest} to {self.largest} px cannot be had; give multiples of 32, at least 64."
            )
        if not (0 <= self.video <= 1 and 0 <= self.zoomed <= 0.6):
            raise InputError("The share of video must lie in 0..1, and that of views around an object in 0..0.6.")
        if self.seed < 0:
            raise InputError(f"The seed is {self.seed}; it must not be negative.")

    def rate(self, step: int) -> float:
        """Factor of the learning rate at a step."""
        return min((step + 1) / self.warmup, 1.0) * (1 - step / self.steps)
