"""One object and a simulated user who prompts for it, round after round."""

from dataclasses import dataclass, field

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from mobilevos.data.clicks import depth, drawn_box, next_click
from mobilevos.engine.bounds import Bounds
from mobilevos.engine.prompt_maps import Click, Maps, prompt_maps
from mobilevos.training.mistakes import Mishaps

_BOX, _CLOSER, _CORRECTION, _SEVERAL = 0.27, 0.2, 0.08, 0.08
"""How often a user begins with a box, with a click and the mask that was made of it from afar, with a bad mask, with
several clicks; else with one click."""


@dataclass
class Session:
    """What one user has said so far about one object, on the grid of masks.

    Args:
        truth: (rows, columns) share of each cell that is the object, 0..1.
        known: (rows, columns) share of each cell whose truth is known, 0..1.
        rng: decides what the user does.
    """

    truth: Maps
    known: Maps
    rng: np.random.Generator
    clicks: list[Click] = field(default_factory=list)
    box: Bounds | None = None
    mask: Maps | None = None

    def begin(self) -> None:
        """The first prompt."""
        solid = self._solid
        kind = self.rng.random()
        if kind < _BOX:
            self.box = drawn_box(solid, self.rng)
            return
        if kind < _BOX + _CLOSER:
            self._click(self._blank)
            self.mask = self._from_afar()
            return
        if kind < _BOX + _CLOSER + _CORRECTION:
            self.mask = self._spoilt(1.0)
        elif kind < _BOX + _CLOSER + _CORRECTION + _SEVERAL:
            self._several(solid)
        self._click(self._blank if self.mask is None else self.mask)

    def correct(self, mask: Maps) -> None:
        """The user sees a mask (rows, columns), 0..1, and clicks on its largest mistake."""
        self.mask = mask
        self._click(mask)

    def maps(self) -> Maps:
        """What a head is shown."""
        return prompt_maps(self.truth.shape, self.clicks, self.box, self.mask)

    @property
    def ambiguous(self) -> bool:
        """Whether all that is known of the object is one click."""
        return len(self.clicks) == 1 and self.box is None and self.mask is None

    @property
    def _solid(self) -> NDArray[np.bool_]:
        solid: NDArray[np.bool_] = self.truth > 0.5
        return solid if solid.any() else self.truth > 0

    @property
    def _blank(self) -> Maps:
        return np.zeros_like(self.truth)

    def _click(self, mask: Maps) -> None:
        careless = self.rng if self.rng.random() < 0.5 else None
        self.clicks.append(next_click(mask > 0.5, self._solid, self.known > 0.5, careless))

    def _spoilt(self, how_often: float) -> Maps:
        mishaps = Mishaps([torch.Generator().manual_seed(int(self.rng.integers(1 << 31)))], how_often, 0.0)
        spoilt: Maps = mishaps.spoil(torch.from_numpy(self.truth)[None])[0].numpy()
        return spoilt

    def _from_afar(self) -> Maps:
        """The mask as it looks when it was made in a view of which this one is a part."""
        rows, columns = self.truth.shape
        shrink = self.rng.uniform(1.5, 6)
        size = round(columns / shrink), round(rows / shrink)
        small = cv2.resize(self._spoilt(0.4), size, interpolation=cv2.INTER_AREA)
        large = cv2.resize(small, (columns, rows), interpolation=cv2.INTER_LINEAR)
        sharp = np.exp(self.rng.uniform(-0.5, 1.5))
        odds = np.log(np.clip(large, 0.02, 0.98) / np.clip(1 - large, 0.02, 0.98))
        return (1 / (1 + np.exp(-sharp * odds + self.rng.normal(0, 0.7)))).astype(np.float32)

    def _several(self, solid: NDArray[np.bool_]) -> None:
        for _ in range(self.rng.integers(1, 5)):
            positive = bool(self.rng.random() < 0.5)
            deep = depth(solid if positive else ~solid & (self.known > 0.5))
            places = np.flatnonzero(deep > min(1.5, 0.5 * float(deep.max())))
            if len(places):
                y, x = np.unravel_index(int(self.rng.choice(places)), deep.shape)
                self.clicks.append((float(x) + 0.5, float(y) + 0.5, positive))


def overlap(logits: Tensor, truth: Tensor, known: Tensor) -> Tensor:
    """IoU (K, C) of masks (K, C, H, W), given as logits, with the truth (K, H, W), where it is known."""
    masks, solid = (logits > 0) & (known > 0.5)[:, None], ((truth > 0.5) & (known > 0.5))[:, None]
    both, either = (masks & solid).sum((2, 3)), (masks | solid).sum((2, 3))
    return both / either.clamp(min=1)


def prompt_loss(logits: Tensor, quality: Tensor, truth: Tensor, known: Tensor, ambiguous: Tensor) -> Tensor:
    """Loss of the candidates of K objects.

    Each object's best candidate is trained; the others a little, so that none dies, and more where the prompt leaves
    no doubt about what is meant. All learn to tell their IoU.

    Args:
        logits: (K, C, H, W).
        quality: (K, C) logits of the estimated IoU.
        truth: (K, H, W) in 0..1.
        known: (K, H, W) in 0..1; weights.
        ambiguous: (K,) bool.
    """
    logits, quality = logits.float(), quality.float()
    target, weight = truth[:, None].expand_as(logits), known[:, None]
    cross = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    certain = (logits.sigmoid() - target).abs().detach()
    focused = (cross * weight * (0.25 + certain)).sum((2, 3)) / weight.sum((2, 3)).clamp(min=1)
    probability = logits.sigmoid() * weight
    shared = (probability * target).sum((2, 3))
    dice = 1 - (2 * shared + 1) / (probability.sum((2, 3)) + (target * weight).sum((2, 3)) + 1)
    each = 2 * focused + dice
    best = F.one_hot(each.argmin(1), each.shape[1]).float()
    others = torch.where(ambiguous, 0.08, 0.3)[:, None]
    share = (1 - others) * best + others / each.shape[1]
    iou = overlap(logits, truth, known)
    return (each * share).sum(1).mean() + 2 * (quality.sigmoid() - iou).square().mean()
