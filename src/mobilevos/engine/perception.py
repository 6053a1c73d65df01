"""The network at work on a frame, with what is in memory."""

import numpy as np

from mobilevos.engine.checks import Frame
from mobilevos.engine.ghosts import in_parts, without_ghosts
from mobilevos.engine.memory import Look, Memory, MemoryFrame, Recall, recall
from mobilevos.engine.region import Mask, Region
from mobilevos.engine.returns import is_recognised, may_be_back
from mobilevos.engine.runtime import Features, Float, Runtime
from mobilevos.engine.target_model import evidence


class Perception:
    """A runtime and a memory together.

    Args:
        runtime: runs the network.
        memory: what it compares with; it may change between calls.
    """

    def __init__(self, runtime: Runtime, memory: Memory) -> None:
        self._runtime, self._memory = runtime, memory

    def look(self, frame: Frame, region: Region, prior: Mask) -> Look:
        """Find all K objects in a region of a frame; the prior (K, *region.grid) says where they were."""
        features = self._runtime.query(region.view(frame))
        return Look(region, features, self._read(features, recall(self._memory.frames, self._memory.permanent), prior))

    def taken_in(self, look: Look) -> MemoryFrame:
        """A look, ready for memory."""
        key, value = self._runtime.key(look.features), self._runtime.memorise(look.features, look.masks)
        return MemoryFrame(look.region, look.features, look.masks, key, value)

    def shown(self, frame: Frame, region: Region, masks: Mask) -> MemoryFrame:
        """A frame with known masks (K, *region.grid), ready for memory."""
        known = self.taken_in(Look(region, self._runtime.query(region.view(frame)), masks))
        known.evidence = self._evidence(known)
        return known

    def without_ghosts(self, look: Look) -> Mask:
        """Masks (K, *grid) without parts that only the previous frame in memory takes for objects."""
        parted = [row for row, mask in enumerate(look.masks) if in_parts(mask)]
        if not parted:
            return look.masks
        recognised = self._recognised(look)
        return np.stack(
            [
                without_ghosts(mask, known) if row in parted else mask
                for row, (mask, known) in enumerate(zip(look.masks, recognised, strict=True))
            ]
        )

    def back(self, look: Look, missing: list[int], others: Mask) -> list[int]:
        """Those of some missing objects' rows that are back by this look; others as in `may_be_back`."""
        shares = {row: look.cell_area / self._memory.greatest_area(row) for row in missing}
        rows = [row for row in missing if may_be_back(look.masks[row], shares[row], others)]
        if not rows:
            return []
        recognised = self._recognised(look)
        return [row for row in rows if is_recognised(look.masks[row], recognised[row])]

    def find_earlier(self, frame: MemoryFrame, current: MemoryFrame, new: int) -> None:
        """Find the ``new`` last objects of the current frame in an older one, so that memory agrees about all objects.

        Without it, the older frame would insist that a new object's pixels are background.
        """
        if not new:
            return
        nowhere = np.zeros((new, *frame.masks.shape[1:]), np.float32)
        known = recall([current], [current])
        value, classifier = np.ascontiguousarray(known.value[-new:]), known.classifier
        only = Recall(known.key, value, None if classifier is None else classifier[-new:])
        found = self._read(frame.features, only, nowhere)
        free = np.clip(1 - frame.masks.sum(0, keepdims=True), 0, 1)
        frame.masks = np.concatenate([frame.masks, found * free])
        frame.value = self._runtime.memorise(frame.features, frame.masks)
        frame.evidence = self._evidence(frame)

    def _recognised(self, look: Look) -> Mask:
        """Masks (K, *grid) by the permanent frames alone."""
        permanent = recall(self._memory.permanent, self._memory.permanent)
        return self._read(look.features, permanent, np.zeros_like(look.masks))

    def _evidence(self, frame: MemoryFrame) -> Float | None:
        return evidence(self._runtime.descriptor(frame.features), frame.masks)

    def _read(self, features: Features, known: Recall, prior: Mask) -> Mask:
        return self._runtime.read(features, known.key, known.value, prior, known.classifier)
