"""The main object of a video's beginning, without anybody's hand: clicks on two grids, and what speaks for a mask."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from mobilevos.engine.candidates import Mask, iou
from mobilevos.engine.checks import Frame, checked_frame
from mobilevos.engine.prompt import SIZE, ZOOM, Prompt
from mobilevos.engine.prompt_maps import prompt_maps
from mobilevos.engine.region import Region, around, whole_frame
from mobilevos.engine.runtime import Float, Prompter
from mobilevos.engine.salience import Scene
from mobilevos.errors import InputError

SURE = 0.8
"""Least confidence of a guess that is called sure."""
_LEAST, _MOST = 0.0015, 0.6  # share of the frame that a main object covers
_SAME = 0.7  # IoU of masks that are one object
_ACROSS = 7, 12  # clicks along the longer side: on the whole frame, and on nine parts of half its sides
_SHORTLIST = 8  # candidates that are looked at from near


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
    """On the grid of the canvas."""
    quality: float
    votes: int
    """Of how many clicks on the whole frame."""


def main_object(runtime: Prompter, frames: Sequence[Frame]) -> Guess:
    """Find the main moving or salient object in the first of some frames.

    Args:
        runtime: a network with a prompt head.
        frames: (H, W, 3) uint8 RGB: the one to find it in, and any number from some tenth of a second after it.

    Raises:
        InputError: no frame, frames of different sizes, or nothing that looks like an object.
    """
    if not frames:
        raise InputError("there is no frame to look for an object in.")
    if len({checked_frame(frame) for frame in frames}) > 1:
        raise InputError("the frames have different sizes; give frames of one video.")
    frame = frames[0]
    canvas = whole_frame(frame.shape[:2], 2 * SIZE)
    scene = Scene(frames, canvas.grid)
    candidates = _merged(_clicked(runtime, frame, canvas))
    candidates.sort(key=lambda each: -scene.appeal(each.mask, each.quality, each.votes))
    guesses = []
    for candidate in candidates[:_SHORTLIST]:
        mask, seen, quality = _closer(runtime, frame, canvas, candidate)
        if seen.any():
            votes = candidate.votes if iou(seen, candidate.mask) > _SAME else 0  # who meant another has no say
            appeal = scene.appeal(seen, quality, votes)
            guesses.append(Guess(mask, float(1 / (1 + np.exp(-appeal)))))
    if not guesses:
        raise InputError("nothing looks like a main object; say what to follow with a click, a box or a mask.")
    return max(guesses, key=lambda guess: guess.confidence)


def _clicked(runtime: Prompter, frame: Frame, canvas: Region) -> Iterator[_Candidate]:
    """All masks that clicks on two grids give: a coarse one on the whole frame, a fine one on parts of it."""
    size = frame.shape[:2]
    whole = whole_frame(size, SIZE)
    views: dict[Region, list[tuple[float, float]]] = {whole: list(_grid(size, _ACROSS[0]))}
    for x, y in _grid(size, _ACROSS[1]):
        left, top = (side * min(int(3 * at / side), 2) / 4 for at, side in ((x, size[1]), (y, size[0])))
        part = around((left, top, left + size[1] / 2, top + size[0] / 2), size, SIZE, 0.0, zoom=ZOOM)
        views.setdefault(part, []).append((x, y))
    for region, clicks in views.items():
        features = runtime.query(region.view(frame))
        (height, width), (rows, columns) = region.box_size, region.grid
        for x, y in clicks:
            click = (x - region.left) * columns / width, (y - region.top) * rows / height, True
            found, qualities = runtime.prompt(features, prompt_maps(region.grid, [click]))
            for mask, quality in zip(region.transfer(_probabilities(found), canvas) > 0.5, qualities, strict=True):
                if _LEAST <= mask.mean() <= _MOST:
                    yield _Candidate(mask, float(quality), int(region == whole))


def _grid(size: tuple[int, int], across: int) -> Iterator[tuple[float, float]]:
    """Points (x, y) px."""
    step = max(size) / across
    down, right = (np.arange(min(step, side) / 2, side, step).tolist() for side in size)
    return ((x, y) for y in down for x in right)


def _merged(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    """One of each object, that of the highest estimate, with the votes of all that are alike."""
    waiting = sorted(candidates, key=lambda each: -each.quality)
    if not waiting:
        return []
    flat = np.stack([each.mask.ravel() for each in waiting]).astype(np.float32)
    areas, both = flat.sum(1), flat @ flat.T
    alike = both > _SAME * (areas[:, None] + areas - both)
    kept: list[int] = []
    for number, candidate in enumerate(waiting):
        same = next((other for other in kept if alike[number, other]), None)
        if same is None:
            kept.append(number)
        else:
            waiting[same].votes += candidate.votes
    return [waiting[number] for number in kept]


def _closer(runtime: Prompter, frame: Frame, canvas: Region, candidate: _Candidate) -> tuple[Mask, Mask, float]:
    """A candidate looked at again, by its box: the mask (H, W), the same on the canvas, and its estimated IoU."""
    prompt = Prompt(runtime, frame)
    left, top, right, bottom = canvas.bounds_in_source(candidate.mask.astype(np.float32)) or (0, 0, 1, 1)
    mask = prompt.box(left, top, max(right - left, 1), max(bottom - top, 1))
    picture = Image.fromarray(mask.astype(np.uint8) * 255)
    return mask, np.asarray(picture.resize(canvas.grid[::-1], Image.Resampling.BOX)) > 127, prompt.confidence


def _probabilities(logits: Float) -> Float:
    return (1 / (1 + np.exp(-np.clip(logits, -20, 20)))).astype(np.float32)
