"""The network at work on a frame, with what is in memory."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from mobilevos.engine.attention import View
from mobilevos.engine.checks import Frame
from mobilevos.engine.ghosts import in_parts, without_ghosts
from mobilevos.engine.memory import Memory, Seen, side_by_side
from mobilevos.engine.region import Mask
from mobilevos.engine.returns import is_recognised, may_be_back
from mobilevos.engine.runtime import Features, Float, Runtime
from mobilevos.engine.sighting import Look, MemoryFrame, Sighting, in_sight
from mobilevos.engine.target_model import classifiers, evidence


class Perception:
    """A runtime and a memory together.

    Args:
        runtime: runs the network.
        memory: what it compares with; it may change between calls.
        beside: makes further looks to compare with, which permanent frames are asked together with.
    """

    def __init__(self, runtime: Runtime, memory: Memory, beside: Callable[[], Sequence[MemoryFrame]] = tuple) -> None:
        self._runtime, self._memory, self._beside = runtime, memory, beside

    def see(
        self, frame: Frame, views: Sequence[View], before: Sighting, wanted: Sequence[int], ready: Sequence[Look] = ()
    ) -> Sighting:
        """Look at all views of a frame, as `look`; looks that are ready are taken as they are."""
        looks = []
        for view in views:
            fitting = (look for look in ready if look.region == view.region and {*view.rows} <= {*look.rows})
            looks.append(next(fitting, None) or self.look(frame, view, before, wanted))
        return Sighting.of(views, looks)

    def look(self, frame: Frame, view: View, before: Sighting, wanted: Sequence[int]) -> Look:
        """Find the objects of a view in a frame, given where all were; others that come into it are rivals.

        Args:
            frame: (H, W, 3) uint8 RGB.
            view: where to look for whom.
            before: where all objects were.
            wanted: as of `Memory.showing`.
        """
        prior = before.masks_in(view.region)
        rows = with_rivals(view.rows, prior)
        features = self._runtime.query(view.region.view(frame))
        memory = [*self._memory.showing(rows, wanted), *self._beside()]
        return Look(view.region, features, self._read(features, memory, prior, rows), rows)

    def taken_in(self, look: Look) -> MemoryFrame:
        """A look, ready for memory."""
        key, value = self._runtime.key(look.features), self._runtime.memorise(look.features, look.masks)
        return MemoryFrame(look.region, look.features, look.masks, look.rows, key, value)

    def shown(self, frame: Frame, view: View, masks: Mask) -> MemoryFrame:
        """A frame with known masks (K, *view.region.grid), ready for memory."""
        features = self._runtime.query(view.region.view(frame))
        known = self.taken_in(Look(view.region, features, masks, with_rivals(view.rows, masks)))
        known.evidence = self._evidence(known)
        return known

    def without_ghosts(self, look: Look) -> Mask:
        """Masks (K, *grid) without parts that only the previous frame in memory takes for objects."""
        parted = [row for row, mask in enumerate(look.masks) if in_parts(mask)]
        if not parted:
            return look.masks
        recognised = self.recognised(look)
        return np.stack(
            [
                without_ghosts(mask, known) if row in parted else mask
                for row, (mask, known) in enumerate(zip(look.masks, recognised, strict=True))
            ]
        )

    def whole(self, look: Look, row: int) -> float:
        """Cells of a look that an object covers when all of it is in sight: at most in a permanent frame."""
        return self._memory.greatest_area(row) / look.cell_area

    def likely(self, look: Look, missing: Iterable[int], others: Mask) -> list[int]:
        """Those of some missing objects' rows that may be back by this look; others as in `may_be_back`."""
        return [row for row in missing if may_be_back(look.masks[row], self.whole(look, row), others)]

    def back(self, look: Look, missing: Iterable[int], others: Mask) -> list[int]:
        """Those of some missing objects' rows that are back by this look; others as in `may_be_back`."""
        rows = self.likely(look, missing, others)
        if not rows:
            return []
        recognised = self.recognised(look)
        return [row for row in rows if is_recognised(look.masks[row], recognised[row])]

    def find_earlier(self, current: Seen, new: int) -> None:
        """Find the ``new`` last objects of the current frame in those that memory keeps, so that these know of all.

        Without it, they would insist that a new object's pixels are background.
        """
        if not new:
            return
        key, value = side_by_side(current.looks)
        value, classifier = value[-new:], _target_models(current.looks)
        if classifier is not None:
            classifier = classifier[-new:]
        lasting = self._memory.lasting
        for look in (*(look for seen in lasting for look in seen.looks), *self._memory.absent):
            nowhere = np.zeros((new, *look.masks.shape[1:]), np.float32)
            found = self._runtime.read(look.features, key, np.ascontiguousarray(value), nowhere, classifier)
            free = (1 - look.masks.sum(0)).clip(0)
            look.rows += range(len(look.masks), len(look.masks) + new)
            look.masks = np.concatenate([look.masks, found * free])
            look.value = self._runtime.memorise(look.features, look.masks)
            if look.evidence is not None:
                look.evidence = self._evidence(look)
        for seen in lasting:
            areas = [[look.area(mask) for mask in look.masks[-new:]] for look in seen.looks]
            seen.homes += np.argmax(areas, 0).tolist()

    def recognised(self, look: Look) -> Mask:
        """Masks (K, *grid) by the permanent frames, and what is beside them, alone."""
        memory = [*self._memory.lasting_showing(look.rows), *self._beside()]
        return self._read(look.features, memory, np.zeros_like(look.masks), look.rows)

    def _read(self, features: Features, memory: Sequence[MemoryFrame], prior: Mask, rows: list[int]) -> Mask:
        """Masks (K, *grid) of some objects by some looks in memory; 0 of the others."""
        (key, value), classifier = side_by_side(memory), _target_models(memory)
        if len(rows) == len(prior):
            return self._runtime.read(features, key, value, prior, classifier)
        found = np.zeros_like(prior)
        own = None if classifier is None else classifier[rows]
        found[rows] = self._runtime.read(features, key, np.ascontiguousarray(value[rows]), prior[rows], own)
        return found

    def _evidence(self, look: MemoryFrame) -> Float | None:
        return evidence(self._runtime.descriptor(look.features), look.masks)


def _target_models(looks: Iterable[MemoryFrame]) -> Float | None:
    """Classifiers of all objects by those of some looks whose masks are known."""
    return classifiers([look.evidence for look in looks])


def with_rivals(rows: Iterable[int], masks: Mask) -> list[int]:
    """Some rows of masks (K, rows, columns), and those in which anything is in sight."""
    return [row for row, mask in enumerate(masks) if row in rows or in_sight(mask)]
