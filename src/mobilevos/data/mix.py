"""The training mix: synthetic and real clips by number, the same clip for the same number, always."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mobilevos.data.clips import RealClips
from mobilevos.data.stills import StillSet
from mobilevos.data.synthesis import synthesise
from mobilevos.data.types import Clip
from mobilevos.errors import InputError


@dataclass(frozen=True)
class ClipMix:
    """An endless sequence of clips.

    Clip number `index` depends on `seed`, `index` and the data alone: training that was killed resumes at the
    exact sample, with any number of workers.

    Attributes:
        stills: source of synthetic clips, or None.
        clips: source of real clips, or None.
        seed: another seed gives another sequence.
        real_fraction: share of real clips where there are both sources.
        frames: T.
        size: side S of the frames, px.
        max_step: largest step between frames of a real clip.
        max_objects: largest number of targets in a clip.
    """

    stills: StillSet | None
    clips: RealClips | None
    seed: int = 0
    real_fraction: float = 0.4
    frames: int = 3
    size: int = 256
    max_step: int = 12
    max_objects: int = 2

    def __post_init__(self) -> None:
        if self.stills is None and self.clips is None:
            raise InputError("The training mix has neither stills nor clips; give it at least one of them.")

    @classmethod
    def from_folder(cls, root: Path, **options: Any) -> "ClipMix":
        """Use everything in `root`.

        Sets of stills are folders with `images/` and `masks/`, roots of clips folders with `JPEGImages/` and
        `Annotations/`: `root` itself, or one or two levels below it.

        Args:
            root: the data folder.
            options: the other attributes.

        Raises:
            InputError: the folder does not exist or holds neither.
        """
        root = Path(root)
        folders = [root, *(p for pattern in ("*", "*/*") for p in sorted(root.glob(pattern)))]
        stills = [p for p in folders if (p / "images").is_dir() and (p / "masks").is_dir()]
        clips = [p for p in folders if (p / "JPEGImages").is_dir() and (p / "Annotations").is_dir()]
        if not stills and not clips:
            raise InputError(
                f"Found no training data in {root}, expected folders with images/ and masks/ (stills) or "
                "with JPEGImages/<clip>/ and Annotations/<clip>/ (video)."
            )
        return cls(StillSet(stills) if stills else None, RealClips(*clips) if clips else None, **options)

    def draw(self, index: int) -> Clip:
        """Clip number `index` >= 0.

        Raises:
            InputError: a file of the data cannot be used.
        """
        rng = np.random.default_rng((self.seed, index))
        real = rng.random() < self.real_fraction
        if self.clips is not None and (real or self.stills is None):
            return self.clips.sample(rng, self.frames, self.size, self.max_step, self.max_objects)
        assert self.stills is not None
        return synthesise(rng, self.stills, self.frames, self.size, self.max_objects)
