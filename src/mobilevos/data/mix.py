"""The training mix: rendered, synthetic and real clips by number, the same clip for the same number, always."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mobilevos.data.clips import RealClips
from mobilevos.data.follow import SPACE, follow
from mobilevos.data.guests import receive
from mobilevos.data.layouts import Found, find
from mobilevos.data.rendered import render
from mobilevos.data.stills import StillSet
from mobilevos.data.synthesis import synthesise
from mobilevos.data.types import Clip
from mobilevos.errors import InputError

_TWIN_SHARE = 0.3
"""How often a clip that has guests is its own guest."""


@dataclass(frozen=True)
class ClipMix:
    """An endless sequence of clips.

    Clip number `index` depends on `seed`, `index` and the data alone: training that was killed resumes at the
    exact sample, with any number of workers.

    Attributes:
        stills: source of clips synthesised from stills, or None.
        clips: source of real clips, or None.
        seed: another seed gives another sequence.
        rendered_fraction: share of rendered clips among all, 0 to 1; they need no data.
        real_fraction: share of real clips among the rest, where there are both sources.
        frames: T.
        size: side S of the frames, px.
        smallest: if given, S is drawn from here to ``size``, in steps of 16: modes look at frames in several sizes.
        batch: so many clips in a row have the same S.
        followed_fraction: share of all clips that are cropped around their objects in each frame, see `follow`.
        guest_fraction: share of all clips in which objects of another clip, or their own look-alikes, are guests, see
            `receive`.
        max_step: largest step between frames of a real clip.
        max_objects: largest number of targets in a clip.
    """

    stills: StillSet | None
    clips: RealClips | None
    seed: int = 0
    rendered_fraction: float = 0.0
    real_fraction: float = 0.4
    frames: int = 3
    size: int = 256
    smallest: int | None = None
    batch: int = 1
    followed_fraction: float = 0.0
    guest_fraction: float = 0.0
    max_step: int = 12
    max_objects: int = 2

    def __post_init__(self) -> None:
        for what in ("rendered", "followed", "guest"):
            share = getattr(self, f"{what}_fraction")
            if not 0 <= share <= 1:
                raise InputError(f"The {what} fraction is {share}, expected a value from 0 to 1.")
        if self.stills is None and self.clips is None and self.rendered_fraction < 1:
            raise InputError("The training mix has neither stills nor clips; give it one, or only rendered clips.")

    @classmethod
    def from_folder(cls, root: Path | None, **options: Any) -> "ClipMix":
        """Use everything in `root`, see `mobilevos.data.layouts`.

        Args:
            root: the data folder; None for rendered clips only.
            options: the other attributes.

        Raises:
            InputError: the folder does not exist or holds nothing to train on; or there is no folder and
                `rendered_fraction` is below 1.
        """
        found = find(Path(root)) if root is not None else Found()
        return cls(
            StillSet(found.stills) if found.stills else None,
            RealClips(found.videos) if found.videos else None,
            **options,
        )

    def draw(self, index: int) -> Clip:
        """Clip number `index` >= 0.

        Raises:
            InputError: a file of the data cannot be used.
        """
        rng = np.random.default_rng((self.seed, index))
        size = self._side(index // self.batch)
        if self.followed_fraction > 0 and rng.random() < self.followed_fraction:
            return follow(rng, self._drawn(rng, round(SPACE * size)), size)
        return self._drawn(rng, size)

    def _drawn(self, rng: np.random.Generator, size: int) -> Clip:
        clip = self._of_a_source(rng, size)
        if self.guest_fraction > 0 and rng.random() < self.guest_fraction:
            guest = clip if rng.random() < _TWIN_SHARE else self._of_a_source(rng, size)
            return receive(rng, clip, guest, self.max_objects)
        return clip

    def _of_a_source(self, rng: np.random.Generator, size: int) -> Clip:
        if self.rendered_fraction > 0 and rng.random() < self.rendered_fraction:
            return render(rng, self.frames, size, self.max_objects)
        real = rng.random() < self.real_fraction
        if self.clips is not None and (real or self.stills is None):
            return self.clips.sample(rng, self.frames, size, self.max_step, self.max_objects)
        assert self.stills is not None
        return synthesise(rng, self.stills, self.frames, size, self.max_objects)

    def _side(self, batch: int) -> int:
        if self.smallest is None:
            return self.size
        choices = range(self.size, self.smallest - 1, -16)
        return choices[np.random.default_rng((self.seed, batch, 16)).integers(len(choices))]
