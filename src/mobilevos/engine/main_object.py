"""The main object of a video's beginning, without anybody's hand: clicks on two grids, and what speaks for a mask."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mobilevos.engine.candidates import Mask, iou, probabilities
from mobilevos.engine.cells import large_pieces
from mobilevos.engine.checks import Frame, checked_frame
from mobilevos.engine.prompt import SIZE, ZOOM, Prompt
from mobilevos.engine.prompt_maps import prompt_maps
from mobilevos.engine.region import Region, around, whole_frame
from mobilevos.engine.runtime import Prompter
from mobilevos.engine.salience import Scene, Signs, appeal
from mobilevos.errors import InputError

SURE = 0.8
"""Least confidence of a guess that is called sure."""
_LEAST, _MOST = 0.0015, 0.6  # share of the frame that a main object covers
_SAME = 0.7  # IoU of masks that are one object
_ACROSS = 7, 12  # clicks along the longer side: on the whole frame, and on nine parts of half its sides
_SHORTLIST = 8  # candidates that are looked at from near
_APART = 0.25  # a piece of a mask with so much of its area may be an object by itself; what is smaller is a speck


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


@dataclass(frozen=True)
class Proposal:
    """What may be the main object, looked at from near.

    Attributes:
        mask: (H, W) bool.
        signs: what speaks for it and against it, see `mobilevos.engine.salience.Scene.signs`.
    """

    mask: Mask
    signs: Signs


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
    found = proposals(runtime, frames)
    if not found:
        raise InputError("nothing looks like a main object; say what to follow with a click, a box or a mask.")
    best = max(found, key=lambda proposal: appeal(proposal.signs))
    return Guess(best.mask, float(1 / (1 + np.exp(-appeal(best.signs)))))


def proposals(runtime: Prompter, frames: Sequence[Frame]) -> list[Proposal]:
    """What may be the main object; arguments and errors as of ``main_object``, but that nothing at all may be found."""
    if not frames:
        raise InputError("there is no frame to look for an object in.")
    if len({checked_frame(frame) for frame in frames}) > 1:
        raise InputError("the frames have different sizes; give frames of one video.")
    frame = frames[0]
    canvas = whole_frame(frame.shape[:2], 2 * SIZE)
    scene = Scene(frames, canvas.grid)
    candidates = _merged(_split(_merged(_clicked(runtime, frame, canvas))))
    candidates.sort(key=lambda each: -appeal(scene.signs(each.mask, each.quality, each.votes)))
    found = []
    for candidate in candidates[:_SHORTLIST]:
        mask, seen, quality = _closer(runtime, frame, canvas, candidate)
        if seen.any():
            votes = candidate.votes if iou(seen, candidate.mask) > _SAME else 0  # who meant another has no say
            found.append(Proposal(mask, scene.signs(seen, quality, votes)))
    return found


def _clicked(runtime: Prompter, frame: Frame, canvas: Region) -> Iterator[_Candidate]:
    """All masks that clicks on two grids give: a coarse one on the whole frame, a fine one on parts of it."""
    size = frame.shape[:2]
    whole = whole_frame(size, SIZE)
    views: dict[Region, list[tuple[float, float]]] = {whole: list(_grid(size, _ACROSS[0]))}
    for x, y in _grid(size, _ACROSS[1]):
        left, top = (side * int(3 * at / side) / 4 for at, side in ((x, size[1]), (y, size[0])))
        part = around((left, top, left + size[1] / 2, top + size[0] / 2), size, SIZE, 0.0, zoom=ZOOM)
        views.setdefault(part, []).append((x, y))
    for region, clicks in views.items():
        features = runtime.query(region.view(frame))
        (height, width), (rows, columns) = region.box_size, region.grid
        for x, y in clicks:
            click = (x - region.left) * columns / width, (y - region.top) * rows / height, True
            found, qualities = runtime.prompt(features, prompt_maps(region.grid, [click]))
            for mask, quality in zip(region.transfer(probabilities(found), canvas) > 0.5, qualities, strict=True):
                if _is_of_size(mask):
                    yield _Candidate(mask, float(quality), int(region == whole))


def _split(candidates: Iterable[_Candidate]) -> Iterator[_Candidate]:
    """Each without specks; and its large pieces: they may be several things, though no click meant one alone."""
    for candidate in candidates:
        large = large_pieces(candidate.mask, _APART)
        yield replace(candidate, mask=np.any(large, 0))
        if len(large) > 1:
            yield from (_Candidate(piece, candidate.quality, 0) for piece in large if _is_of_size(piece))


def _is_of_size(mask: Mask) -> bool:
    """Whether a main object may cover so much of the frame."""
    return bool(_LEAST <= mask.mean() <= _MOST)


def _grid(size: tuple[int, int], across: int) -> Iterator[tuple[float, float]]:
    """Points (x, y) px, none on the very edge, where rounding might put it beyond."""
    step = max(size) / across
    down, right = (np.arange(min(step, side) / 2, side - 0.1, step).tolist() for side in size)
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
    bounds = canvas.bounds_in_source(candidate.mask.astype(np.float32))
    assert bounds, "candidates are not empty"
    left, top, right, bottom = bounds
    left, top = min(left, frame.shape[1] - 1), min(top, frame.shape[0] - 1)  # a box has a pixel at least
    mask = prompt.box(left, top, max(right - left, 1), max(bottom - top, 1))
    return mask, canvas.view_masks(mask[None].astype(np.float32))[0] >= 0.5, prompt.confidence
