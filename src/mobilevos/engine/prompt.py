"""From clicks and boxes to the mask of an object."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mobilevos.engine.bounds import Bounds, bounding_box
from mobilevos.engine.candidates import Candidate, Mask, agreed, another, contradicted, sparing, telling, with_mean
from mobilevos.engine.checks import Frame, checked_frame, checked_start
from mobilevos.engine.correction import corrected, keeping
from mobilevos.engine.looks import Looks
from mobilevos.engine.prompt_maps import Click, prompt_maps
from mobilevos.engine.region import Region, around, whole_frame
from mobilevos.engine.runtime import Float, Prompter
from mobilevos.errors import InputError

SIZE = 288
"""The network sees about so many pixels squared: of the frame, then of the region around the object."""
SHARES = (1.0, 0.5)
"""Of a click alone nobody knows how large its object is: views of so much of the frame's sides are asked."""
MARGIN = 0.3
"""Around the object, in units of the square root of its box's area."""
ZOOM = 5.0
"""Pixels are enlarged at most so much."""
ROOMY = 3.0
"""A region is kept while what is to be seen takes at least one part in so many of it."""


@dataclass(frozen=True)
class _State:
    """All that was said so far, and what came of it: candidates, best first."""

    clicks: tuple[Click, ...] = ()
    box: Bounds | None = None
    found: tuple[Candidate, ...] = ()
    chosen: int = 0

    @property
    def candidate(self) -> Candidate | None:
        """The one that was chosen."""
        return self.found[self.chosen] if self.found else None


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
        self._size = checked_frame(frame)
        self._looks = Looks(runtime, frame.copy())
        self._given = np.zeros(self._size, bool) if mask is None else checked_start(mask, self._size)
        self._states = [_State()]

    @property
    def mask(self) -> Mask:
        """(H, W) bool: the chosen candidate; before any prompt the mask given, or all False."""
        candidate = self._states[-1].candidate
        return self._given.copy() if candidate is None else candidate.painted(self._size)

    @property
    def candidates(self) -> list[tuple[Mask, float]]:
        """Up to three masks (H, W) bool for the same prompts, each with its estimated IoU 0..1, best first.

        A click on a shirt may mean the shirt or the person; ``choose`` takes another than the first. Empty before any
        prompt.
        """
        return [(candidate.painted(self._size), candidate.quality) for candidate in self._states[-1].found]

    @property
    def chosen(self) -> int:
        """Number of the candidate that is ``mask``; 0 unless another was chosen."""
        return self._states[-1].chosen

    @property
    def confidence(self) -> float:
        """Estimated IoU, 0..1, of the chosen candidate; 0 before any prompt."""
        candidate = self._states[-1].candidate
        return 0.0 if candidate is None else candidate.quality

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
        point = (int(x) + 0.5, int(y) + 0.5, bool(positive))
        said = replace(state, clicks=(*state.clicks, point))
        found = self._find(said)
        if not positive:
            before = self.mask
            found = tuple(keeping(before, each, said.clicks) for each in found)
        return self._said(said, found)

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
        said = _State(self._states[-1].clicks, bounds)
        return self._said(said, self._find(said))

    def choose(self, candidate: int) -> Mask:
        """Take one of ``candidates``, by its number from 0, for ``mask``; later clicks correct it.

        Raises:
            InputError: there is no such candidate.
        """
        state = self._states[-1]
        count = len(state.found)
        if not 0 <= candidate < count:
            raise InputError(f"there is no candidate {candidate}; there are {count}, counted from 0.")
        self._states[-1] = replace(state, chosen=candidate)
        return self.mask

    def spare(self, others: NDArray[np.unsignedinteger]) -> Mask:
        """Take the one of ``candidates`` that takes fewest of the other objects of a label map (H, W)."""
        return self.choose(sparing([mask for mask, _ in self.candidates], others)) if others.any() else self.mask

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
            masks (C, H, W) bool, best first, their estimated IoU (C,), and coarse log-odds (C, h, w) over the frame.

        Raises:
            InputError: no prompt at all, arrays that do not fit, or as ``click`` and ``box``.
        """
        points = np.empty((0, 2)) if point_coords is None else np.asarray(point_coords, float)
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
        count = None if multimask_output else 1
        masks, scores = zip(*self.candidates[:count], strict=True)
        whole = whole_frame(self._size, SIZE)
        coarse = np.clip(np.stack([found.seen_from(whole) for found in self._states[-1].found[:count]]), 1e-6, 1 - 1e-6)
        return np.stack(masks), np.array(scores, np.float32), np.log(coarse / (1 - coarse))

    def _said(self, state: _State, found: tuple[Candidate, ...]) -> Mask:
        """Keep what came of all that was said."""
        self._states.append(replace(state, found=found, chosen=0))
        return self.mask

    def _find(self, state: _State) -> tuple[Candidate, ...]:
        if state.box and not state.found:
            region = self._region(state)
            return self._united(region, replace(state, found=self._united(region, state)))
        if self._corrects(state):
            return self._correct(state)
        if state.found:
            return self._united(self._region(state), state)
        views = [self._look(self._around_click(state, share), state) for share in SHARES]
        canvas = whole_frame(self._size, 2 * SIZE)
        first = agreed(views, canvas)
        guess = replace(state, found=first)
        closer, *others = self._united(self._region(guess), guess)
        rest = [*first, *others]
        other = another(first, canvas)
        if other is not None:  # what else may be meant is as worth a closer look
            guess = replace(state, found=(other,))
            rest += self._united(self._region(guess), guess)
        return telling(closer, rest, canvas)

    def _united(self, region: Region, state: _State) -> tuple[Candidate, ...]:
        """Candidates where there is no doubt what is meant: their mean is better than the best of them."""
        return with_mean(self._look(region, state), state.clicks)

    def _corrects(self, state: _State) -> bool:
        """Whether it is a mask that was given which clicks change."""
        return state.box is None and bool(self._given.any())

    def _correct(self, state: _State) -> tuple[Candidate, ...]:
        """What the newest click changes in the mask that was given, or what became of it."""
        before = state.candidate.painted(self._size) if state.candidate else self._given
        found = with_mean(self._look(self._region(state), state, both_ways=True), state.clicks)
        return tuple(replace(each, pixels=corrected(before, each, state.clicks[-1])) for each in found)

    def _around_click(self, state: _State, share: float) -> Region:
        """A view of so much of the frame's sides, with the newest click in the middle if the frame reaches that far."""
        if share == 1:
            return whole_frame(self._size, SIZE)
        (height, width), (x, y, _) = self._size, state.clicks[-1]
        across, down = share * width / 2, share * height / 2
        return around((x - across, y - down, x + across, y + down), self._size, SIZE, 0.0, zoom=ZOOM)

    def _region(self, state: _State) -> Region:
        """Where to look: at the mask so far, the box and all clicks."""
        seen: list[Bounds] = [(x - 1, y - 1, x + 1, y + 1) for x, y, _ in state.clicks]
        if state.box is not None:
            seen.append(state.box)
        before = state.candidate
        if before is not None:
            seen += [before.bounds] if before.bounds else []
        elif state.box is None and self._given.any():
            down, across = bounding_box(self._given)
            seen.append((across.start, down.start, across.stop, down.stop))
        left, top, right, bottom = zip(*seen, strict=True)
        bounds = min(left), min(top), max(right), max(bottom)
        wanted = around(bounds, self._size, SIZE, MARGIN, zoom=ZOOM)
        if before is not None:
            current = before.region
            if current.holds(bounds) and current.area <= ROOMY * wanted.area:
                return current
        return wanted

    def _look(self, region: Region, state: _State, both_ways: bool = False) -> list[Candidate]:
        logits, quality = self._looks.ask(region, self._maps(region, state), both_ways)
        return [
            Candidate(region, own, float(score), contradicted(region, own, state.clicks))
            for own, score in zip(logits, quality, strict=True)
        ]

    def _maps(self, region: Region, state: _State) -> Float:
        (height, width), (rows, columns) = region.box_size, region.grid
        scale = np.array([columns / width, rows / height])
        corner = np.array([region.left, region.top])
        clicks = [(*((np.array([x, y]) - corner) * scale).tolist(), positive) for x, y, positive in state.clicks]
        box = None
        if state.box is not None:
            box = tuple(((np.reshape(state.box, (2, 2)) - corner) * scale).ravel().tolist())
        mask = None
        before = state.candidate
        if before is not None:
            mask = before.seen_from(region)
        elif state.box is None and self._given.any():
            mask = region.view_masks(self._given[None].astype(np.float32))[0]
        return prompt_maps((rows, columns), clicks, box, mask)
