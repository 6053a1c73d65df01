"""The streaming engine: one frame in, one label map out, at constant memory and time per frame."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mobilevos.errors import InputError
from mobilevos.ghosts import in_parts, without_ghosts
from mobilevos.memory import Look, Memory, MemoryFrame, side_by_side
from mobilevos.modes import DEFAULT_MODE, size_of
from mobilevos.region import LEAST, Mask, Region, Sight, around, is_coarse, whole_frame
from mobilevos.runtimes import load_runtime
from mobilevos.runtimes.base import Features, Float, Runtime, fixed_size, most_objects

Frame = NDArray[np.uint8]
Labels = NDArray[np.uint8]

OCCLUDED_FRAMES = 30
"""An object unseen for longer than this many frames counts as lost rather than occluded."""
REFRESH_EVERY = 3
"""Every so many frames the memory's previous frame is renewed: masks drift less when fewer mistakes are remembered."""
SEARCH_EVERY = 4
"""While some objects are in sight and others are not, every so many frames the whole frame is searched."""


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

    ::

        tracker = Tracker()
        labels = tracker.start(first_frame, mask)
        for frame in frames:
            labels = tracker.step(frame)

    Args:
        model: a name that ``mobilevos models`` lists, or the path of an exported model folder.
        runtime: "auto", "onnxruntime" or "torch"; or a ready ``Runtime``, of which ``model`` then says nothing.
        threads: CPU threads of the runtime; None lets it use every core.
        size: the network sees about ``size`` x ``size`` pixels of each frame, 64..2048; None leaves it to ``mode``. A
            model that was exported with fixed shapes has a size of its own: then there is none to choose.
        follow: look only at the region around the objects; False always looks at the whole frame.
        memory_every: keep every so-many-th frame in memory for good, as the paper's teacher does; time and memory then
            grow with the video. None keeps the first and the previous frame alone.
        mode: "fast", "balanced" or "best" (``mobilevos.modes.MODES``): a size that was chosen by measurement.

    Raises:
        ModelNotFound: no such model, or its file is damaged.
        RuntimeUnavailable: the runtime is not installed.
        InputError: senseless size or threads, an unknown mode or runtime, or a size for a model with fixed shapes.
    """

    def __init__(
        self,
        model: str = "lite0",
        runtime: str | Runtime = "auto",
        threads: int | None = None,
        size: int | None = None,
        follow: bool = True,
        memory_every: int | None = None,
        mode: str = DEFAULT_MODE,
    ) -> None:
        chosen = size_of(mode if size is None else size)
        self._runtime = load_runtime(model, runtime, threads) if isinstance(runtime, str) else runtime
        fixed = fixed_size(self._runtime)
        if fixed and size is not None:
            raise InputError(
                f"The size {size} cannot be had: the model was exported for {fixed[1]}x{fixed[0]}; leave it out."
            )
        self._size: Sight = fixed or chosen
        if memory_every is not None and memory_every < 1:
            raise InputError(f"Every {memory_every}-th frame cannot be kept in memory; give at least 1, or None.")
        self._follow = follow
        self._memory_every = memory_every
        self._refresh = 1 if memory_every else REFRESH_EVERY
        self._reset((0, 0))

    def _reset(self, frame_size: tuple[int, int]) -> None:
        self._frame_size = frame_size
        self._ids: list[int] = []
        self._missing: list[int] = []  # frames since each object was last seen
        self._states: dict[int, ObjectState] = {}
        self._memory = Memory(self._memory_every)
        self._frame: Frame
        self._current: Look
        self._unremembered = 0  # frames since one was memorised

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
        labels = _checked_mask(mask, _checked_frame(frame))
        self._reset(labels.shape[:2])
        self._frame = frame.copy()
        self._ids = [int(i) for i in np.unique(labels) if i]
        self._missing = [0] * len(self._ids)
        self._memory.keep(self._enter(labels))
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
        if _checked_frame(frame) != self._frame_size:
            raise InputError(
                f"The frame is {frame.shape[1]}x{frame.shape[0]}, but the video began at "
                f"{self._frame_size[1]}x{self._frame_size[0]}; every frame must have the same size."
            )
        np.copyto(self._frame, frame)  # into the same memory: fresh memory would cost three times as much
        if not self._ids:
            return np.zeros(self._frame_size, np.uint8)
        region = self._next_region()
        features = self._runtime.query(region.view(frame))
        prior = self._current.region.transfer(self._current.masks, region)
        masks = self._runtime.read(features, *side_by_side(self._memory.frames), prior)
        self._unremembered += 1
        due = self._unremembered >= self._refresh
        if due and not is_coarse(self._size):
            masks = self._without_ghosts(features, masks)
        self._current = Look(region, features, masks)
        # A frame without objects would teach the memory that there is only background; keep the last sighting.
        if due and any(_in_sight(mask) for mask in masks):
            self._memory.recall(self._memorise(region, features, masks))
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
        soft = np.zeros(self._frame_size, np.float32)
        if rows:
            region = self._current.region
            soft[region.top : region.bottom, region.left : region.right] = region.soften(self._current.masks[rows])
        return soft

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
        labels = _checked_mask(mask, self._frame_size)
        if not self._ids:
            return self.start(self._frame, labels)
        given = [int(i) for i in np.unique(labels) if i]
        new = [i for i in given if i not in self._ids]
        self._ids += new
        self._missing += [0] * len(new)
        for i in given:
            self._missing[self._ids.index(i)] = 0
        for frames in (self._memory.permanent, self._memory.kept):
            if frames and frames[-1] is self._current:
                frames.pop()  # however often one frame is corrected, it is one memory frame
        current = self._enter(labels)
        for frame in self._memory.lasting:
            self._backfill(frame, current, len(new))
        self._memory.keep(current)
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

    def _enter(self, labels: Labels) -> MemoryFrame:
        """Make the newest frame the current one and the previous one of the memory.

        Its objects are those of a label map (H, W); objects that it lacks are where they were, but for what it takes.
        """
        given = [row for row, i in enumerate(self._ids) if (labels == i).any()]
        known = [row for row in range(len(self._ids)) if row not in given]
        masks = np.stack([labels == self._ids[row] for row in given]).astype(np.float32)
        source = Region(0, 0, self._frame_size[1], self._frame_size[0], *self._frame_size)
        bounds = [source.bounds_in_source(mask) for mask in masks]
        bounds += [self._current.region.bounds_in_source(self._current.masks[row]) for row in known]
        region = self._region_of(bounds)
        if known and region.resembles(self._current.region):
            region = self._current.region  # masks that are moved time and again lose their borders
        seen = np.zeros((len(self._ids), *region.grid), np.float32)
        seen[given] = region.view_masks(masks)
        if known:
            before, free = self._current.region.transfer(self._current.masks[known], region), 1 - seen.sum(0)
            seen[known] = before * np.clip(free / np.maximum(before.sum(0), LEAST), 0, 1)
        self._memory.previous = self._memorise(region, self._runtime.query(region.view(self._frame)), seen)
        return self._memory.previous

    def _memorise(self, region: Region, features: Features, masks: Mask) -> MemoryFrame:
        """Make the newest frame, with masks (K, *region.grid), the current one, ready for memory."""
        self._unremembered = 0
        key, value = self._runtime.key(features), self._runtime.memorise(features, masks)
        self._current = current = MemoryFrame(region, features, masks, key, value)
        return current

    def _without_ghosts(self, features: Features, masks: Mask) -> Mask:
        """Masks (K, rows, columns) of the newest frame without parts that only the previous frame takes for objects."""
        parted = [row for row, mask in enumerate(masks) if in_parts(mask)]
        if not parted:
            return masks
        permanent = side_by_side(self._memory.permanent)
        recognised = self._runtime.read(features, *permanent, np.zeros_like(masks))
        return np.stack(
            [
                without_ghosts(mask, known) if row in parted else mask
                for row, (mask, known) in enumerate(zip(masks, recognised, strict=True))
            ]
        )

    def _backfill(self, frame: MemoryFrame, current: MemoryFrame, new: int) -> None:
        """Find the ``new`` last objects of the current frame in an older one, so that memory agrees about all objects.

        Without it, the older frame would insist that a new object's pixels are background.
        """
        if not new:
            return
        shape = (new, *frame.masks.shape[1:])
        found = self._runtime.read(
            frame.features,
            current.key,
            np.ascontiguousarray(current.value[-new:]),
            np.zeros(shape, np.float32),
        )
        free = np.clip(1 - frame.masks.sum(0, keepdims=True), 0, 1)
        frame.masks = np.concatenate([frame.masks, found * free])
        frame.value = self._runtime.memorise(frame.features, frame.masks)

    def _next_region(self) -> Region:
        in_sight = [missing == 0 for missing in self._missing]
        if not any(in_sight) or max(self._missing) % SEARCH_EVERY == SEARCH_EVERY - 1:
            return whole_frame(self._frame_size, self._size)
        region = self._current.region
        seen = (mask for mask, visible in zip(self._current.masks, in_sight, strict=True) if visible)
        return self._region_of((region.bounds_in_source(mask) for mask in seen), region)

    def _region_of(
        self, bounds: Iterable[tuple[float, float, float, float] | None], before: Region | None = None
    ) -> Region:
        boxes = [box for box in bounds if box is not None]
        if not self._follow or not boxes:
            return whole_frame(self._frame_size, self._size)
        left, top, right, bottom = zip(*boxes, strict=True)
        return around((min(left), min(top), max(right), max(bottom)), self._frame_size, self._size, before)

    def _labels(self, given: Labels | None = None) -> Labels:
        """Label map of the current frame, exact in the objects of ``given``; brings the objects' states up to date."""
        region, masks = self._current.region, self._current.masks
        seen = region.paint(masks, self._ids)
        labels = np.zeros(self._frame_size, np.uint8)
        labels[region.top : region.bottom, region.left : region.right] = seen
        if given is not None:
            labels[np.isin(labels, given)] = 0
            labels = np.where(given, given, labels)
            seen = labels
        for row, (i, mask) in enumerate(zip(self._ids, masks, strict=True)):
            area = int(np.count_nonzero(seen == i))
            self._missing[row] = 0 if _in_sight(mask) and area else max(1, self._missing[row])
            self._states[i] = _state(mask, area, self._missing[row])
        return labels

    def _row(self, object_id: int) -> int:
        if object_id not in self._ids:
            raise InputError(f"There is no object {object_id}; the objects are {_listed(self._ids)}.")
        return self._ids.index(object_id)

    def _check_started(self) -> None:
        if not self._memory.permanent:
            raise InputError("The tracker has no first frame yet; call start(frame, mask) before.")


def _state(mask: Float, area: int, missing: int) -> ObjectState:
    if missing:
        return ObjectState("occluded" if missing <= OCCLUDED_FRAMES else "lost", 0.0, area)
    return ObjectState("visible", float(mask[mask > 0.5].mean()), area)


def _in_sight(mask: Float) -> bool:
    return bool((mask > 0.5).any())


def _checked_frame(frame: Frame) -> tuple[int, int]:
    if not isinstance(frame, np.ndarray) or frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8:
        found = f"{frame.dtype} {frame.shape}" if isinstance(frame, np.ndarray) else type(frame).__name__
        raise InputError(f"A frame must be a uint8 RGB array (H, W, 3), not {found}.")
    return frame.shape[0], frame.shape[1]


def _checked_mask(mask: NDArray[np.integer], size: tuple[int, int]) -> Labels:
    mask = np.asarray(mask)
    if mask.ndim != 2 or mask.dtype.kind not in "uib":
        raise InputError(f"A mask must be an integer label map (H, W), not {mask.dtype} {mask.shape}.")
    if mask.shape != size:
        raise InputError(
            f"The mask is {mask.shape[1]}x{mask.shape[0]}, but the frame is {size[1]}x{size[0]}; they must agree."
        )
    if not mask.any():
        raise InputError("The mask has no object: every pixel is 0.")
    if mask.min() < 0 or mask.max() > 255:
        raise InputError(f"The mask has ids from {mask.min()} to {mask.max()}; they must lie in 0..255.")
    return mask.astype(np.uint8)


def _listed(ids: list[int]) -> str:
    return ", ".join(map(str, ids)) or "none"
