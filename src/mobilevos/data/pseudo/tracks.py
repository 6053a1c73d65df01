"""Objects held through a stretch by a tracker that a teacher corrects, as long as both agree."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from mobilevos.data.pseudo.agreement import View, iou, tidy
from mobilevos.data.types import IGNORE, Image, Labels

EVERY = 4
"""Every so many frames, and in the last one, the teacher reads each object again."""
_AGREES, _DISAGREES = 0.8, 0.6
"""IoU of teacher and tracker from which the teacher's mask is taken, and below which the object is unknown."""
_RETURNS = 0.8
"""IoU with its mask at the check before that an object must have when it is tracked back from one check."""
_SHORTEST = 8
"""Frames through which an object must be held, both ways together, to be believed at all."""
_LEAST_AREA = 0.001
"""Share of the frame below which the teacher has nothing to read."""


class Tracker(Protocol):
    """What is needed of `mobilevos.Tracker`."""

    def start(self, frame: Image, mask: Labels) -> Labels: ...
    def step(self, frame: Image) -> Labels: ...
    def add(self, mask: Labels) -> Labels: ...


@dataclass(frozen=True)
class Held:
    """Label maps of the frames from the first one on in which some object is sure, and who is sure how long.

    Attributes:
        labels: T of (H, W) uint8, with the ids of the first mask wherever the tracker had them.
        until: number of the last sure frame of each object that is sure at all; of one that leaves, T and more.
        vanished: objects that are hidden or merely lost from some frame on: where they are cannot be known.
    """

    labels: list[Labels]
    until: dict[int, int]
    vanished: set[int]


def track_both_ways(
    frames: Sequence[Image], middle: int, first: Labels, look: Callable[[Image], View], tracker: Tracker
) -> tuple[int, list[Labels]]:
    """Follow objects from a frame to the end and to the beginning of a stretch.

    Args:
        frames: (H, W, 3) uint8 RGB.
        middle: number of the frame that the mask belongs to.
        first: (H, W) uint8 label map; 0 background, 1..254 objects.
        look: shows the teacher a frame.
        tracker: any, it is started anew.

    Returns:
        Number of the first frame with labels, and label maps (H, W) of it and those after it. 255 is where an object is
        that is no longer sure, or that vanishes at one of both ends. No label map if nothing could be held.
    """
    back = hold(frames[middle::-1], first, look, tracker)
    forth = hold(frames[middle:], first, look, tracker)
    vanished = back.vanished | forth.vanished
    ids = {*back.until, *forth.until}
    vanished |= {i for i in ids if back.until.get(i, 0) + forth.until.get(i, 0) < _SHORTEST}
    shown = [
        _with_unknown(held.labels[age], {i for i, last in held.until.items() if age <= last} - vanished)
        for held, ages in ((back, range(len(back.labels) - 1, 0, -1)), (forth, range(1, len(forth.labels))))
        for age in ages
    ]
    before = len(back.labels) - 1
    shown.insert(before, _with_unknown(first, ids - vanished))
    some = [t for t, labels in enumerate(shown) if np.isin(labels, [0, IGNORE], invert=True).any()]
    if not some:
        return middle, []
    return middle - before + some[0], shown[some[0] : some[-1] + 1]


def hold(frames: Sequence[Image], first: Labels, look: Callable[[Image], View], tracker: Tracker) -> Held:
    """Follow objects while teacher and tracker agree; keep what is found again when tracked back."""
    labels = [first]
    alive = [int(i) for i in np.unique(first) if i]
    sure, left, vanished = dict.fromkeys(alive, 0), set[int](), set[int]()
    tracker.start(frames[0], first)
    for t in range(1, len(frames)):
        labels.append(tracker.step(frames[t]))
        if t % EVERY and t != len(frames) - 1:
            continue
        small = [i for i in (*alive, *left) if _is_small(labels[t] == i)]
        left |= {i for i in small if i in alive and _leaves(labels, i)}
        vanished |= {i for i in alive if i in small} - left | {i for i in left if i not in small}
        alive = [i for i in alive if i not in small]
        read = _read_again(look(frames[t]), labels[t], alive) if alive else {}
        alive = list(read)
        sure.update(dict.fromkeys(alive, t))
        if not alive:
            break
        corrected = _corrected(labels[t], read)
        if corrected.any():
            labels[t] = tracker.add(corrected)
    labels = labels[: max(sure.values(), default=0) + 1]
    proven = _proven(frames, labels, sure, tracker)
    until = {i: len(frames) if i in left and last == sure[i] else last for i, last in proven.items()}
    return Held(labels[: max(proven.values(), default=0) + 1], until, vanished)


def _is_small(mask: Image) -> bool:
    return bool(mask.mean() < _LEAST_AREA)


def _leaves(labels: Sequence[Labels], i: int) -> bool:
    """An object that is no longer seen was at the frame's border when it was seen last."""
    last = next((mask for mask in (label == i for label in reversed(labels)) if not _is_small(mask)), labels[0] == i)
    return any(bool(side.any()) for side in (last[0], last[-1], last[:, 0], last[:, -1]))


def _read_again(view: View, labels: Labels, ids: Sequence[int]) -> dict[int, Image | None]:
    """Of each object that the teacher sees there as well: its mask, or None where the tracker's is to stay."""
    read: dict[int, Image | None] = {}
    for i in ids:
        mask = labels == i
        seen = tidy(view.again(mask)[0] > 0)
        agreement = iou(seen, mask)
        if agreement >= _DISAGREES:
            read[i] = seen if agreement >= _AGREES else None
    return read


def _corrected(labels: Labels, read: dict[int, Image | None]) -> Labels:
    """Label map of the objects with a mask of the teacher's; what several claim stays whose it was."""
    claims = {i: mask for i, mask in read.items() if mask is not None}
    contested = np.sum(list(claims.values()), axis=0) > 1 if claims else np.zeros(labels.shape, bool)
    others = ~np.isin(labels, [0, *claims])
    corrected = np.zeros_like(labels)
    for i, mask in claims.items():
        corrected[mask & ~contested & ~others] = i
        corrected[contested & (labels == i)] = i
    return corrected


def _proven(
    frames: Sequence[Image], labels: Sequence[Labels], sure: dict[int, int], tracker: Tracker
) -> dict[int, int]:
    """Number of the frame up to which each object is found again from behind, check by check, unless it is 0."""
    proven = {i: last for i, last in sure.items() if last}
    if not proven:
        return {}
    end = max(proven.values())
    now = tracker.start(frames[end], _only(labels[end], [i for i, last in sure.items() if last == end]))
    for t in range(end - 1, -1, -1):
        now = tracker.step(frames[t])
        if t % EVERY:
            continue
        for i in proven:
            if sure[i] > t and iou(now == i, labels[t] == i) < _RETURNS:
                proven[i] = t
        known = _only(labels[t], [i for i in proven if sure[i] >= t])
        if known.any():
            now = tracker.add(known)
    return {i: last for i, last in proven.items() if last}


def _with_unknown(labels: Labels, known: Collection[int]) -> Labels:
    """Label map of the known objects; where the others are, about, is unknown."""
    shown = _only(labels, known)
    for i in np.unique(labels):
        if i and i not in known:
            mask = (labels == i).astype(np.uint8)
            side = 2 * round(0.15 * np.sqrt(mask.sum())) + 3
            shown[(cv2.dilate(mask, np.ones((side, side), np.uint8)) > 0) & (shown == 0)] = IGNORE
    return shown


def _only(labels: Labels, ids: Collection[int]) -> Labels:
    return np.where(np.isin(labels, list(ids)), labels, 0).astype(np.uint8)
