"""The main object of a video's beginning, without anybody's hand: clicks on a grid, and motion as a vote."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mobilevos.engine.candidates import Mask, iou
from mobilevos.engine.checks import Frame, checked_frame
from mobilevos.engine.motion import own_motion
from mobilevos.engine.prompt import SIZE, Prompt
from mobilevos.engine.prompt_maps import prompt_maps
from mobilevos.engine.region import Region, whole_frame
from mobilevos.engine.runtime import Prompter
from mobilevos.errors import InputError

SURE = 0.7
"""Least confidence of a guess that is called sure."""
_LEAST, _MOST = 0.004, 0.6  # share of the frame that a main object covers
_SAME = 0.7  # IoU of masks that are one object
_ACROSS = 7  # clicks along the longer side
_SHORTLIST = 6  # candidates that are looked at from near
_MOVES = 4.0  # thousandths of the frame's side that count as motion


@dataclass(frozen=True)
class Guess:
    """What is taken for the main object.

    Attributes:
        mask: (H, W) bool.
        confidence: 0..1, how likely it is an object that somebody would have chosen.
    """

    mask: Mask
    confidence: float

    @property
    def sure(self) -> bool:
        """Whether it may be followed without somebody looking at it."""
        return self.confidence >= SURE


@dataclass
class _Candidate:
    mask: Mask
    """On the grid of the whole frame."""
    quality: float
    votes: int


def main_object(runtime: Prompter, frames: Sequence[Frame]) -> Guess:
    """Find the main moving or salient object in the first of some frames.

    Args:
        runtime: a network with a prompt head.
        frames: (H, W, 3) uint8 RGB: the one to find it in, and any number from within about a second after it.

    Raises:
        InputError: no frame, frames of different sizes, or nothing that looks like an object.
    """
    if not frames:
        raise InputError("there is no frame to look for an object in.")
    if len({checked_frame(frame) for frame in frames}) > 1:
        raise InputError("the frames have different sizes; give frames of one video.")
    region = whole_frame(frames[0].shape[:2], SIZE)
    candidates = _merged(_clicked(runtime, frames[0], region))
    if not candidates:
        raise InputError("nothing looks like a main object; say what to follow with a click, a box or a mask.")
    motion = _motion(frames, region.grid)
    candidates.sort(key=lambda candidate: -_worth(candidate, motion))
    closer = [_closer(runtime, frames[0], region, candidate) for candidate in candidates[:_SHORTLIST]]
    worths = [_worth(candidate, motion) for candidate, _ in closer]
    first = int(np.argmax(worths))
    best, mask = closer[first]
    rivals = [worth for (other, _), worth in zip(closer, worths, strict=True) if iou(other.mask, best.mask) < 0.3]
    lead = min(max((worths[first] - max(rivals, default=0.0)) / 0.4, 0.0), 1.0)
    doubt = 0.35 * (1 - lead) + 0.25 * (1 - max(_moving(best.mask, motion), 0.0))
    return Guess(mask, float(np.clip(best.quality * (1 - doubt), 0, 1)))


def _closer(runtime: Prompter, frame: Frame, region: Region, candidate: _Candidate) -> tuple[_Candidate, Mask]:
    """A candidate looked at again, by its box, and the mask (H, W) that comes of it; what changes much was none."""
    prompt = Prompt(runtime, frame)
    left, top, right, bottom = region.bounds_in_source(candidate.mask.astype(np.float32)) or (0, 0, 1, 1)
    mask = prompt.box(left, top, right - left, bottom - top)
    seen = _on_grid(mask, region)
    agreement = iou(seen, candidate.mask)
    quality = prompt.confidence * (0.3 + 0.7 * agreement)
    return _Candidate(seen if seen.any() else candidate.mask, quality, candidate.votes), mask


def _clicked(runtime: Prompter, frame: Frame, region: Region) -> list[_Candidate]:
    """All masks that clicks on a grid give."""
    features = runtime.query(region.view(frame))
    rows, columns = region.grid
    step = max(rows, columns) / _ACROSS
    found = []
    for y in np.arange(step / 2, rows, step):
        for x in np.arange(step / 2, columns, step):
            logits, quality = runtime.prompt(features, prompt_maps(region.grid, [(float(x), float(y), True)]))
            for mask, own in zip(logits > 0, quality, strict=True):
                if _LEAST <= mask.mean() <= _MOST:
                    found.append(_Candidate(mask, float(own), 1))
    return found


def _merged(candidates: list[_Candidate]) -> list[_Candidate]:
    """One of each object, that of the highest estimate, with the votes of all that are alike."""
    kept: list[_Candidate] = []
    for candidate in sorted(candidates, key=lambda each: -each.quality):
        same = next((other for other in kept if iou(other.mask, candidate.mask) > _SAME), None)
        if same is None:
            kept.append(candidate)
        else:
            same.votes += 1
    return kept


def _worth(candidate: _Candidate, motion: NDArray[np.float32]) -> float:
    """How much a candidate looks like what somebody would choose."""
    mask = candidate.mask
    rows, columns = mask.shape
    y, x = np.nonzero(mask)
    off = np.hypot(x.mean() / columns - 0.5, y.mean() / rows - 0.5)
    at_rim = sum(int(line.sum()) for line in (mask[0], mask[-1], mask[:, 0], mask[:, -1]))
    rim = at_rim / (at_rim + _outline(mask))
    area = np.clip(np.log(mask.mean() / 0.01) / np.log(10), 0, 1)  # of two as good, the one that is not tiny
    votes = min(candidate.votes / 6, 1.0)
    return float(candidate.quality + 0.35 * _moving(mask, motion) - 0.5 * off - 1.0 * rim + 0.2 * area + 0.15 * votes)


def _moving(mask: Mask, motion: NDArray[np.float32]) -> float:
    """How much more a mask moves than the rest: 1 for an object on its way, below 0 for the calm part."""
    return float(np.clip((motion[mask].mean() - motion[~mask].mean()) / _MOVES, -0.5, 1))


def _outline(mask: Mask) -> int:
    """Steps between a mask and what is not of it."""
    return int(np.count_nonzero(np.diff(mask, axis=0)) + np.count_nonzero(np.diff(mask, axis=1)))


def _motion(frames: Sequence[Frame], grid: tuple[int, int]) -> NDArray[np.float32]:
    """Motion of its own, in thousandths of the longer side, on a grid: the most of all later frames."""
    total = np.zeros(grid, np.float32)
    for later in frames[1:]:
        moved = Image.fromarray(own_motion(frames[0], later))
        total = np.maximum(total, np.asarray(moved.resize(grid[::-1], Image.Resampling.BILINEAR)))
    return total


def _on_grid(mask: Mask, region: Region) -> Mask:
    picture = Image.fromarray(mask.astype(np.uint8) * 255)
    seen: Mask = np.asarray(picture.resize(region.grid[::-1], Image.Resampling.BOX)) > 127
    return seen
