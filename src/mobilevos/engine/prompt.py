"""From clicks and boxes to the mask of an object."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mobilevos.engine.bounds import Bounds, bounding_box
from mobilevos.engine.checks import Frame, checked_frame, checked_mask
from mobilevos.engine.prompt_maps import Click, prompt_maps
from mobilevos.engine.region import Region, around, whole_frame
from mobilevos.engine.runtime import Features, Float, Prompter
from mobilevos.errors import InputError

SIZE = 288
"""The network sees about so many pixels squared: of the frame, then of the region around the object."""
MARGIN = 0.3
"""Around the object, in units of the square root of its box's area."""
ZOOM = 5.0
"""Pixels are enlarged at most so much."""
ROOMY = 3.0
"""A region is kept while what is to be seen takes at least one part in so many of it."""
_KEPT_LOOKS = 3
_FAULT = 1.0
"""What a candidate's IoU is believed to be less for each click that it contradicts: such come last."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class _State:
    """All that was said so far, and what came of it."""

    clicks: tuple[Click, ...] = ()
    box: Bounds | None = None
    found: "_Found | None" = None
    chosen: int = 0


@dataclass(frozen=True)
class _Found:
    """Candidates, best first, of one look."""

    region: Region
    logits: Float
    """(C, *region.grid)."""
    quality: Float
    """(C,) estimated IoU, 0..1."""


class Prompt:
    """Makes the mask of one object in a frame, of clicks and a box.

    Args:
        runtime: a network with a prompt head, ready to run.
        frame: (H, W, 3) uint8 RGB.
        mask: (H, W) bool, or integer with the object nonzero: a mask to correct; None to begin with nothing.

    Raises:
        InputError: a frame or mask of another shape or type, or sizes that differ.
    """

    def __init__(self, runtime: Prompter, frame: Frame, mask: NDArray[np.generic] | None = None) -> None:
        self._runtime = runtime
        self._size = checked_frame(frame)
        self._frame = frame.copy()
        self._given = np.zeros(self._size, bool) if mask is None else _checked(mask, self._size)
        self._states = [_State()]
        self._looks: dict[Region, Features] = {}

    @property
    def mask(self) -> Mask:
        """(H, W) bool: the chosen candidate; before any prompt the mask given, or all False."""
        state = self._states[-1]
        if state.found is None:
            return self._given.copy()
        return self._painted(state.found, state.chosen)

    @property
    def candidates(self) -> list[tuple[Mask, float]]:
        """Up to three masks (H, W) bool for the same prompts, each with its estimated IoU 0..1, best first.

        A click on a shirt may mean the shirt or the person; ``choose`` takes another than the first. Empty before any
        prompt.
        """
        found = self._states[-1].found
        if found is None:
            return []
        return [(self._painted(found, row), float(quality)) for row, quality in enumerate(found.quality)]

    @property
    def chosen(self) -> int:
        """Number of the candidate that is ``mask``; 0 unless another was chosen."""
        return self._states[-1].chosen

    @property
    def confidence(self) -> float:
        """Estimated IoU, 0..1, of the chosen candidate; 0 before any prompt."""
        state = self._states[-1]
        return 0.0 if state.found is None else float(state.found.quality[state.chosen])

    def click(self, x: float, y: float, positive: bool = True) -> Mask:
        """Say of a pixel whether it is the object's.

        Args:
            x: column, pixels from the left.
            y: row, pixels from the top.
            positive: False for a pixel that is not the object's.

        Returns:
            (H, W) bool: the new mask.

        Raises:
            InputError: the pixel lies outside of the frame; or there is nothing yet that a negative click could
                correct.
        """
        height, width = self._size
        if not (0 <= x < width and 0 <= y < height):
            raise InputError(f"the click {x:g},{y:g} lies outside of the frame, which is {width}x{height}.")
        state = self._states[-1]
        if not (positive or self._given.any() or state.box or any(click[2] for click in state.clicks)):
            raise InputError("negative clicks alone mean no object; begin with a click on it, a box or a mask.")
        point = (min(int(x) + 0.5, width - 0.5), min(int(y) + 0.5, height - 0.5), bool(positive))
        return self._said(replace(state, clicks=(*state.clicks, point)))

    def box(self, x: float, y: float, width: float, height: float) -> Mask:
        """Say where the object is. A second box replaces the first, and what was made of it.

        Args:
            x: of the upper left corner, pixels.
            y: of the upper left corner, pixels.
            width: pixels; what lies outside of the frame is cut off.
            height: pixels.

        Returns:
            (H, W) bool: the new mask.

        Raises:
            InputError: the box has no pixel of the frame.
        """
        down, across = self._size
        bounds = max(float(x), 0.0), max(float(y), 0.0), min(float(x + width), across), min(float(y + height), down)
        if not (bounds[2] - bounds[0] >= 1 and bounds[3] - bounds[1] >= 1):
            raise InputError(
                f"the box {x:g},{y:g},{width:g},{height:g} has no pixel of the frame, which is {across}x{down}."
            )
        state = self._states[-1]
        return self._said(_State(state.clicks, bounds, None))

    def choose(self, candidate: int) -> Mask:
        """Take one of ``candidates``, by its number from 0, for ``mask``; later clicks correct it.

        Raises:
            InputError: there is no such candidate.
        """
        state = self._states[-1]
        count = 0 if state.found is None else len(state.found.quality)
        if not 0 <= candidate < count:
            raise InputError(f"there is no candidate {candidate}; there are {count}, counted from 0.")
        self._states[-1] = replace(state, chosen=candidate)
        return self.mask

    def undo(self) -> Mask:
        """Take the last click or box back, if there is one; returns the (H, W) bool mask from before."""
        if len(self._states) > 1:
            self._states.pop()
        return self.mask

    def predict(
        self,
        point_coords: NDArray[np.number] | None = None,
        point_labels: NDArray[np.number] | None = None,
        box: NDArray[np.number] | None = None,
        multimask_output: bool = True,
    ) -> tuple[Mask, Float, Float]:
        """Begin anew with all prompts at once, named and shaped as those of SAM's predictor.

        Args:
            point_coords: (N, 2) x and y, pixels.
            point_labels: (N,) 1 for the object, 0 for the background.
            box: (4,) left, top, right, bottom, pixels.
            multimask_output: whether to return all candidates, or the best alone.

        Returns:
            masks (C, H, W) bool, best first, their estimated IoU (C,), and log-odds (C, h, w) of the region looked at.

        Raises:
            InputError: no prompt at all, arrays that do not fit, or as ``click`` and ``box``.
        """
        points = np.zeros((0, 2)) if point_coords is None else np.asarray(point_coords, float)
        labels = np.ones(len(points)) if point_labels is None else np.asarray(point_labels)
        if points.ndim != 2 or points.shape[1] != 2 or labels.shape != points.shape[:1]:
            raise InputError(f"point_coords must be (N, 2) and point_labels (N,), not {points.shape}, {labels.shape}.")
        corners = None if box is None else np.asarray(box, float).ravel()
        if corners is not None and corners.shape != (4,):
            raise InputError(f"box must be left, top, right, bottom, not an array of shape {np.asarray(box).shape}.")
        if not len(points) and corners is None:
            raise InputError("there is neither a point nor a box; give one.")
        self._states = [_State()]
        if corners is not None:
            left, top, right, bottom = corners.tolist()
            self.box(left, top, right - left, bottom - top)
        # Positive ones first: a negative one needs something to correct.
        for (x, y), label in sorted(zip(points.tolist(), labels.tolist(), strict=True), key=lambda given: -given[1]):
            self.click(x, y, bool(label))
        found = self._states[-1].found
        assert found is not None
        count = len(found.quality) if multimask_output else 1
        masks = np.stack([self._painted(found, row) for row in range(count)])
        return masks, found.quality[:count].copy(), found.logits[:count].copy()

    def _said(self, state: _State) -> Mask:
        """Look at the frame with all that was said, and keep what comes of it."""
        before = self._states[-1] if state.found is not None else None
        self._states.append(replace(state, found=self._find(state, before), chosen=0))
        return self.mask

    def _find(self, state: _State, before: "_State | None") -> _Found:
        corrected = self._given.any() and state.box is None
        if before is not None or corrected or state.box is not None:
            return self._look(self._region(state, before), state, before)
        whole = self._look(whole_frame(self._size, SIZE), state, None)
        guess = replace(state, found=whole, chosen=0)
        region = self._region(guess, guess)
        return whole if region.resembles(whole.region) else self._look(region, state, guess)

    def _region(self, state: _State, before: "_State | None") -> Region:
        """Where to look: at the mask so far, the box and all clicks."""
        seen: list[Bounds] = [(x - 1, y - 1, x + 1, y + 1) for x, y, _ in state.clicks]
        if state.box is not None:
            seen.append(state.box)
        if before is not None and before.found is not None:
            found = before.found
            bounds = found.region.bounds_in_source(_probabilities(found.logits[before.chosen]))
            seen += [bounds] if bounds else []
        elif state.box is None and self._given.any():
            down, across = bounding_box(self._given)
            seen.append((across.start, down.start, across.stop, down.stop))
        corners = np.array(seen)
        bounds = (*corners[:, :2].min(0).tolist(), *corners[:, 2:].max(0).tolist())
        wanted = around(bounds, self._size, SIZE, MARGIN, zoom=ZOOM)
        if before is not None and before.found is not None:
            current = before.found.region
            if current.holds(bounds) and _area(current) <= ROOMY * _area(wanted):
                return current
        return wanted

    def _look(self, region: Region, state: _State, before: "_State | None") -> _Found:
        if region not in self._looks:
            while len(self._looks) >= _KEPT_LOOKS:
                del self._looks[next(iter(self._looks))]
            self._looks[region] = self._runtime.query(region.view(self._frame))
        maps = self._maps(region, state, before)
        logits, quality = self._runtime.prompt(self._looks[region], maps)
        faults = [_contradicted(region, mask, state.clicks) for mask in logits]
        order = np.argsort(np.multiply(faults, _FAULT) - quality, kind="stable")
        return _Found(region, logits[order], quality[order])

    def _maps(self, region: Region, state: _State, before: "_State | None") -> Float:
        (height, width), (rows, columns) = region.box_size, region.grid
        scale = np.array([columns / width, rows / height])
        corner = np.array([region.left, region.top])
        clicks = [(*((np.array([x, y]) - corner) * scale).tolist(), positive) for x, y, positive in state.clicks]
        box = None
        if state.box is not None:
            box = tuple(((np.reshape(state.box, (2, 2)) - corner) * scale).ravel().tolist())
        mask = None
        if before is not None and before.found is not None:
            probabilities = _probabilities(before.found.logits[before.chosen])
            mask = before.found.region.transfer(probabilities[None], region)[0]
        elif state.box is None and self._given.any():
            mask = region.view_masks(self._given[None].astype(np.float32))[0]
        return prompt_maps((rows, columns), clicks, box, mask)

    def _painted(self, found: _Found, row: int) -> Mask:
        region, mask = found.region, np.zeros(self._size, bool)
        painted = region.paint(_probabilities(found.logits[row])[None], [1])
        mask[region.top : region.bottom, region.left : region.right] = painted
        return mask


def _checked(mask: NDArray[np.generic], size: tuple[int, int]) -> Mask:
    mask = np.asarray(mask)  # an empty one will do, unlike a tracker's first
    if mask.ndim == 2 and mask.dtype.kind in "uib" and mask.shape == size and not mask.any():
        return np.zeros(size, bool)
    return checked_mask(mask, size) > 0  # type: ignore[arg-type]


def _probabilities(logits: Float) -> Float:
    return (1 / (1 + np.exp(-np.clip(logits, -20, 20)))).astype(np.float32)


def _area(region: Region) -> int:
    height, width = region.box_size
    return height * width


def _contradicted(region: Region, logits: Float, clicks: Sequence[Click]) -> int:
    """How many clicks a candidate (*region.grid) does not follow."""
    (height, width), (rows, columns) = region.box_size, region.grid
    faults = 0
    for x, y, positive in clicks:
        row = min(max(int((y - region.top) * rows / height), 0), rows - 1)
        column = min(max(int((x - region.left) * columns / width), 0), columns - 1)
        faults += bool(logits[row, column] > 0) != positive
    return faults
