"""The streaming engine: one frame in, one label map out, at constant memory and time per frame."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mobilevos.engine.attention import Attention
from mobilevos.engine.checks import Frame, Labels, checked_frame, checked_mask
from mobilevos.engine.memory import Memory, Seen
from mobilevos.engine.mirrored import Mirrored
from mobilevos.engine.modes import Mode
from mobilevos.engine.origin import Origin
from mobilevos.engine.perception import Perception
from mobilevos.engine.region import LEAST, Region
from mobilevos.engine.runtime import Float, Runtime, most_objects
from mobilevos.engine.search import Search
from mobilevos.engine.sighting import Sighting, in_sight
from mobilevos.engine.surroundings import Surroundings
from mobilevos.engine.whereabouts import Whereabouts
from mobilevos.errors import InputError

OCCLUDED_FRAMES = 30
"""An object unseen for longer than this many frames counts as lost rather than occluded."""


@dataclass(frozen=True)
class ObjectState:
    """What the tracker knows of one object after the newest frame."""

    state: Literal["visible", "occluded", "lost"]
    score: float
    """Mean probability inside its mask, 0..1; 0 when it is not visible."""
    area: int
    """Pixels of its mask in the source frame."""


class Tracker:
    """Follows objects through a video, given their masks in one frame.

    Args:
        runtime: a network, ready to run.
        mode: how much it sees (`mobilevos.engine.modes.mode_of`).
        follow: look only at the region around the objects; False always looks at the whole frame.
        memory_every: keep every so-many-th frame in memory for good, as the paper's teacher does; time and memory then
            grow with the video. None keeps the first and the previous frame alone.

    Raises:
        InputError: a senseless ``memory_every``.
    """

    def __init__(self, runtime: Runtime, mode: Mode, follow: bool = True, memory_every: int | None = None) -> None:
        if memory_every is not None and memory_every < 1:
            raise InputError(f"Every {memory_every}-th frame cannot be kept in memory; give at least 1, or None.")
        self._runtime = Mirrored(runtime) if mode.mirrored else runtime
        self._mode = replace(mode, refresh=1) if memory_every else mode
        self._follow = follow
        self._memory_every = memory_every
        self._reset((0, 0))

    def _reset(self, frame_size: tuple[int, int]) -> None:
        self._frame_size = frame_size
        self._attention = Attention(self._mode, frame_size, self._follow)
        self._memory = Memory(self._memory_every)
        self._perception = Perception(self._runtime, self._memory)
        self._surroundings = Surroundings(self._perception, self._attention)
        self._searching = Perception(self._runtime, self._memory, self._surroundings.looks)
        self._origin = Origin(self._runtime, self._surroundings)
        self._whereabouts = Whereabouts()
        self._ids: list[int] = []
        self._missing: list[int] = []  # frames since each object was last seen
        self._states: dict[int, ObjectState] = {}
        self._frame: Frame
        self._current: Sighting
        self._unremembered: int  # frames since one was memorised

    @property
    def objects(self) -> dict[int, ObjectState]:
        """State of every object after the newest frame, by id."""
        return dict(self._states)

    @property
    def most_objects(self) -> int | None:
        """How many objects can be followed at a time; None for any number."""
        return most_objects(self._runtime)

    def start(self, frame: Frame, mask: NDArray[np.integer]) -> Labels:
        """Begin (anew) with a frame and the masks of its objects.

        Args:
            frame: (H, W, 3) uint8 RGB.
            mask: (H, W) integer label map; 0 = background, 1..255 = objects, ids need not be contiguous.

        Returns:
            (H, W) uint8 label map: the mask itself.

        Raises:
            InputError: wrong shape or type, sizes that differ, or a mask without an object.
        """
        size = checked_frame(frame)
        labels = checked_mask(mask, size)
        self._reset(size)
        self._frame = frame.copy()
        self._ids = [int(i) for i in np.unique(labels) if i]
        self._missing = [0] * len(self._ids)
        self._memory.keep(self._enter(labels))
        self._surroundings.keep(self._frame, self._current, given=True)
        return self._labels(labels)

    def step(self, frame: Frame) -> Labels:
        """Segment the next frame.

        Args:
            frame: (H, W, 3) uint8 RGB, of the same size as the first.

        Returns:
            (H, W) uint8 label map with the ids of the first mask.

        Raises:
            InputError: not started, or a frame of another shape or type.
        """
        self._check_started()
        if checked_frame(frame) != self._frame_size:
            raise InputError(
                f"The frame is {frame.shape[1]}x{frame.shape[0]}, but the video began at "
                f"{self._frame_size[1]}x{self._frame_size[0]}; every frame must have the same size."
            )
        np.copyto(self._frame, frame)  # into the same memory: fresh memory would cost three times as much
        if not self._ids:
            return np.zeros(self._frame_size, np.uint8)
        places = [None if gone else self._current.bounds(row) for row, gone in enumerate(self._missing)]
        plan = self._attention.plan(places, self._missing, self._current.views, self._unremembered)
        visible = [row for row, gone in enumerate(self._missing) if not gone]
        perception = self._perception if visible else self._searching
        seen = perception.see(self._frame, plan.views, self._current, visible)
        search = Search(self._attention, self._searching, self._origin, self._frame, self._current, self._missing)
        search.leave_out_leaps(seen)
        if any(self._missing):
            seen = search.with_returned(seen, everywhere=plan.search)
        returned = any(gone and in_sight(seen.mask(row)) for row, gone in enumerate(self._missing))
        # Memory has to know at once who is back, and whose body it was.
        remember = self._whereabouts.settle(seen, self._perception.recognised) or plan.remember or returned
        for look in seen.looks if remember else ():
            look.masks = self._origin.without_strangers(look)
            if self._mode.ghosts:
                look.masks = self._perception.without_ghosts(look)
        self._current = seen
        self._unremembered += 1
        # A frame without objects would teach the memory that there is only background; keep the last sighting.
        if remember and any(in_sight(look.masks) for look in seen.looks):
            gone = [row for row in range(len(self._ids)) if not in_sight(seen.mask(row))]
            taken_in = [self._perception.taken_in(look) for look in seen.looks]
            self._memory.recall(self._remembered(Sighting(taken_in, seen.homes)), gone)
            if self._memory.shows_all(self._current):
                self._surroundings.keep(self._frame, self._current)
        self._missing = [missing + 1 for missing in self._missing]
        return self._labels()

    def soft(self, ids: Iterable[int] | None = None) -> Float:
        """Soft masks of the newest frame, for effects: the probability that any of some objects is there.

        Costs nothing unless called.

        Args:
            ids: of the objects; None takes all.

        Returns:
            (H, W) float32 in 0..1.

        Raises:
            InputError: not started, or no object has one of the ids.
        """
        self._check_started()
        rows = [self._row(i) for i in (self._ids if ids is None else ids)]
        return self._current.soften(rows, self._frame_size) if rows else np.zeros(self._frame_size, np.float32)

    def add(self, mask: NDArray[np.integer]) -> Labels:
        """Add new objects, or correct known ones, in the newest frame; it becomes a permanent memory frame.

        Args:
            mask: (H, W) integer label map. A known id replaces that object's mask, a new id begins a new object;
                0 leaves everything as it is.

        Returns:
            (H, W) uint8 label map of the newest frame after the change.

        Raises:
            InputError: not started, or a mask of another size or without an object.
        """
        self._check_started()
        labels = checked_mask(mask, self._frame_size)
        if not self._ids:
            return self.start(self._frame, labels)
        given = [int(i) for i in np.unique(labels) if i]
        new = [i for i in given if i not in self._ids]
        self._ids += new
        self._missing += [0] * len(new)
        for i in given:
            self._missing[self._ids.index(i)] = 0
            self._whereabouts.forget(self._ids.index(i))
        for frames in (self._memory.permanent, self._memory.kept):
            if frames and frames[-1] is self._current:
                frames.pop()  # however often one frame is corrected, it is one memory frame
        current = self._enter(labels)
        self._perception.find_earlier(current, len(new))
        self._memory.keep(current)
        if self._memory.shows_all(current):
            self._surroundings.keep(self._frame, current, given=True)
        elif new:
            self._surroundings.forget()  # nobody knows whether they show it
        return self._labels(labels)

    def remove(self, object_id: int) -> None:
        """Stop following an object.

        Raises:
            InputError: no object has that id.
        """
        row = self._row(object_id)
        del self._ids[row], self._missing[row], self._states[object_id]
        if not any(frame is self._current for frame in self._memory.frames):
            self._current.drop_object(row)
        self._memory.drop_object(row)
        self._surroundings.drop_object(row)
        self._whereabouts.drop_object(row)

    def _enter(self, labels: Labels) -> Seen:
        """Make the newest frame the current one and the previous one of the memory.

        Its objects are those of a label map (H, W); objects that it lacks are where they were, but for what it takes.
        """
        given = [row for row, i in enumerate(self._ids) if (labels == i).any()]
        known = [row for row in range(len(self._ids)) if row not in given]
        masks = np.stack([labels == self._ids[row] for row in given]).astype(np.float32)
        source = Region(0, 0, self._frame_size[1], self._frame_size[0], *self._frame_size)
        places = dict(zip(given, map(source.bounds_in_source, masks), strict=True))
        places |= {row: self._current.bounds(row) for row in known}
        ordered = [places[row] for row in range(len(self._ids))]
        attention = self._attention
        views = attention.changed(ordered, self._current.views) if known else attention.views(ordered)
        looks = []
        for view in views:
            seen = np.zeros((len(self._ids), *view.region.grid), np.float32)
            seen[given] = view.region.view_masks(masks)
            if known:
                before, free = self._current.masks_in(view.region), 1 - seen.sum(0)
                seen[known] = before[known] * np.clip(free / np.maximum(before[known].sum(0), LEAST), 0, 1)
            looks.append(self._perception.shown(self._frame, view, seen))
        self._memory.previous = self._remembered(Sighting.of(views, looks))
        return self._memory.previous

    def _remembered(self, seen: Seen) -> Seen:
        self._current, self._unremembered = seen, 0
        return seen

    def _labels(self, given: Labels | None = None) -> Labels:
        """Label map of the current frame, exact in the objects of ``given``; brings the objects' states up to date."""
        labels = self._current.paint(self._ids, self._frame_size)
        if given is not None:
            labels[np.isin(labels, given)] = 0
            labels = np.where(given, given, labels)
        for row, i in enumerate(self._ids):
            mask, area = self._current.mask(row), int(np.count_nonzero(labels == i))
            self._missing[row] = 0 if in_sight(mask) and area else max(1, self._missing[row])
            self._states[i] = _state(mask, area, self._missing[row])
        return labels

    def _row(self, object_id: int) -> int:
        if object_id not in self._ids:
            known = ", ".join(map(str, self._ids)) or "none"
            raise InputError(f"There is no object {object_id}; the objects are {known}.")
        return self._ids.index(object_id)

    def _check_started(self) -> None:
        if not self._memory.permanent:
            raise InputError("The tracker has no first frame yet; call start(frame, mask) before.")


def _state(mask: Float, area: int, missing: int) -> ObjectState:
    if missing:
        return ObjectState("occluded" if missing <= OCCLUDED_FRAMES else "lost", 0.0, area)
    return ObjectState("visible", float(mask[mask > 0.5].mean()), area)
