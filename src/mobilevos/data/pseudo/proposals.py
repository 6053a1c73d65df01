"""Objects of a frame that nobody pointed at: a grid of points is read, and whole things of their own are kept."""

from dataclasses import dataclass

import cv2
import numpy as np

from mobilevos.data.pseudo.agreement import View, iou, overlap, tidy
from mobilevos.data.pseudo.motion import UNCHANGED
from mobilevos.data.types import Floats, Image, Labels

MOST = 4
"""Objects of a frame."""
_POINTS = 48
"""Of the grid, about."""
_LEAST_AREA, _MOST_AREA = 0.005, 0.5
_LEAST_SURE, _LEAST_SURE_RESTING = 0.88, 0.94
_MARGIN, _LEAST_STABLE = 1.0, 0.9
"""Log-odds by which the threshold is moved, and the IoU of the masks on both sides of it."""
_SAME, _APART = 0.7, 0.05
"""IoU from which two candidates are one, and overlap from which two objects are in each other's way."""
_AGAIN = 0.8
"""IoU with which the teacher must find an object again, from its mask."""
_HEAVILY, _SLIGHTLY = 0.25, 0.03
"""Shares of a side of the frame from which on a mask touches it heavily, and at all."""
_RESTING = 0.15
"""Own motion, in hundredths of the diagonal, below which an object counts as part of the scene."""
_MOST_RESTING_AREA = 0.06
_WHOLENESS = 0.2
"""Power of the area in a candidate's worth: wholes go before their parts."""
_AT_REST, _CUT_OFF = 0.25, 0.7
"""Worth of a thing at rest beside one that moves by a hundredth of the diagonal, and of one at a border."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A mask (H, W), bool, and how much it is worth."""

    mask: Image
    worth: float
    colours: Floats


def propose(view: View, frame: Image, motion: Floats) -> Labels:
    """Find up to `MOST` objects that do not overlap; a look-alike of one already found is preferred.

    Args:
        view: of the frame.
        frame: (H, W, 3) uint8 RGB.
        motion: (H, W) of `mobilevos.data.pseudo.motion.own_motion`.

    Returns:
        (H, W) uint8; 0 background, 1.. objects, all 0 if there is none.
    """
    waiting, chosen = _candidates(view, frame, motion), list[Candidate]()
    while waiting and len(chosen) < MOST:
        best = max(waiting, key=lambda one: one.worth * (1 + max((_alike(one, other) for other in chosen), default=0)))
        waiting.remove(best)
        mask = tidy(view.again(best.mask)[0] > 0)
        if iou(mask, best.mask) < _AGAIN or any(overlap(mask, other.mask) > _APART for other in chosen):
            continue
        chosen.append(Candidate(mask, best.worth, best.colours))
        waiting = [one for one in waiting if overlap(one.mask, mask) <= _APART]
    labels = np.zeros(view.size, np.uint8)
    for i, one in enumerate(chosen, 1):
        labels[one.mask & (labels == 0)] = i
    return labels


def _candidates(view: View, frame: Image, motion: Floats) -> list[Candidate]:
    """What the teacher sees at the points of a grid; points that two candidates cover are not asked again."""
    found = list[Candidate]()
    for x, y in _points(view.size, motion):
        if sum(bool(one.mask[y, x]) for one in found) >= 2:
            continue
        logits, sure = view.at(x, y)
        mask = tidy(logits > 0)
        stable = iou(logits > _MARGIN, logits > -_MARGIN)
        if sure < _LEAST_SURE or stable < _LEAST_STABLE or not _is_thing(mask, motion):
            continue
        own, borders = _contrast(mask, motion), _borders(mask, _SLIGHTLY)
        if own < _RESTING and (mask.mean() > _MOST_RESTING_AREA or borders or sure < _LEAST_SURE_RESTING):
            continue
        worth = sure * stable * mask.mean() ** _WHOLENESS * (_AT_REST + np.clip(own, 0, 2)) * _CUT_OFF**borders
        same = [one for one in found if iou(one.mask, mask) > _SAME]
        if all(worth > one.worth for one in same):
            found = [one for one in found if one not in same] + [Candidate(mask, worth, _colours(frame, mask))]
    return found


def _points(size: tuple[int, int], motion: Floats) -> list[tuple[int, int]]:
    """A grid's points (x, y), px, those that move first."""
    apart = np.sqrt(size[0] * size[1] / _POINTS)
    rows, columns = (((np.arange(n := round(side / apart)) + 0.5) / n * side).astype(int) for side in size)
    return sorted(((int(x), int(y)) for y in rows for x in columns), key=lambda at: -motion[at[1], at[0]])


def _is_thing(mask: Image, motion: Floats) -> bool:
    """Neither tiny nor most of the frame, nor what lies around everything else, nor laid over the video."""
    inside = cv2.erode(mask.astype(np.uint8), _disk(2), borderValue=1).astype(bool)
    return (
        _LEAST_AREA <= mask.mean() <= _MOST_AREA
        and _borders(mask, _HEAVILY) <= 2
        and bool(np.median(motion[mask & ~inside]) > UNCHANGED)
    )


def _borders(mask: Image, share: float) -> int:
    """Of how many sides of the frame a mask covers a share and more."""
    return sum(side.mean() >= share for side in (mask[0], mask[-1], mask[:, 0], mask[:, -1]))


def _contrast(mask: Image, motion: Floats) -> float:
    """By how much a mask moves otherwise than the pixels around it, in hundredths of the diagonal."""
    motion = motion.clip(0)
    around = cv2.dilate(mask.astype(np.uint8), _disk(0.5 * np.sqrt(mask.sum()))).astype(bool) & ~mask
    return float(np.median(motion[mask]) - np.median(motion[around])) if around.any() else 0.0


def _colours(frame: Image, mask: Image) -> Floats:
    """(8, 8, 8) shares of the colours inside a mask."""
    counts = cv2.calcHist([frame], [0, 1, 2], mask.astype(np.uint8), [8] * 3, [0, 256] * 3)
    return counts / counts.sum()


def _alike(one: Candidate, other: Candidate) -> float:
    """How alike two objects are in colour and size, 0..1."""
    small, large = sorted((one.mask.sum(), other.mask.sum()))
    return float(np.minimum(one.colours, other.colours).sum() * small / large)


def _disk(radius: float) -> Image:
    side = 2 * max(1, round(radius)) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
