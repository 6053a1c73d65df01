"""What Python answers to cases of a search for who is out of sight; golden_search.mjs has the same for the page."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from golden_packing import packed
from golden_sightings import sighting_of

from mobilevos.engine.attention import Attention, View
from mobilevos.engine.modes import Mode
from mobilevos.engine.region import Mask, Region
from mobilevos.engine.search import Search
from mobilevos.engine.sighting import Look, Sighting


class Eyes:
    """A perception that finds boxes wherever they are, and takes for returned who it is told; also of origins."""

    def __init__(
        self, size: tuple[int, int], places: list[Any], returning: list[int], again: list[int], known: list[int]
    ) -> None:
        self._size, self._places, self._known = size, places, known
        self._returning, self._again = returning, again
        self.told: list[Any] = []

    def look(self, _: Any, view: View, before: Sighting, wanted: Sequence[int]) -> Look:
        self.told.append(["look", *_told(view), before.homes, [*wanted]])
        return self._boxes(view.region, self._places)

    def see(
        self, _: Any, views: list[View], before: Sighting, wanted: Sequence[int], ready: Sequence[Look]
    ) -> Sighting:
        bounds = [before.bounds(row) for row in self._returning]
        self.told.append(["see", [_told(view) for view in views], before.homes, bounds, [*wanted], len(ready)])
        self._returning = self._again
        return Sighting.of(views, [self._boxes(view.region, self._places) for view in views])

    def likely(self, look: Look, missing: Sequence[int], others: Mask) -> list[int]:
        self.told.append(["likely", [*missing], len(others)])
        return [row for row in missing if (look.masks[row] > 0.5).any()]

    def of_lost(self, look: Look, row: int) -> Mask:
        self.told.append(["of_lost", row])
        return look.masks[row] * np.float32(0.75)

    def whole(self, look: Look, row: int) -> float:
        self.told.append(["whole", row])
        return 500 / look.cell_area

    def recognised(self, look: Look) -> Mask:
        self.told.append(["recognised"])
        known = [place if row in self._known else None for row, place in enumerate(self._places)]
        return self._boxes(look.region, known).masks

    def back(self, look: Look, missing: Sequence[int], others: Mask) -> list[int]:
        shown = [bool((mask > 0.5).any()) for mask in look.masks]
        self.told.append(["back", shown, [*missing], [packed(mask) for mask in others]])
        return [row for row in missing if row in self._returning]

    def _boxes(self, region: Region, places: list[Any]) -> Look:
        masks = np.zeros((len(places), *self._size), np.float32)
        for mask, place in zip(masks, places, strict=True):
            if place:
                left, top, right, bottom = map(int, place)
                mask[top:bottom, left:right] = 1
        return Look(region, {}, 0.9 * region.view_masks(masks), [*range(len(masks))])


def _told(view: View) -> Any:
    return [[*vars(view.region).values()], [*view.rows]]


def search(own: dict[str, Any], seen: dict[str, Any], everywhere: bool) -> Any:
    """What was asked of the eyes; whether what was seen is what there was; homes and masks."""
    made, eyes, now = *_made(own), sighting_of(seen)
    after = made.with_returned(now, everywhere)
    return [eyes.told, after is now, after.homes, [packed(look.masks) for look in after.looks]]


def leaps(own: dict[str, Any], seen: dict[str, Any]) -> Any:
    """What was asked of the eyes, and masks."""
    made, eyes, now = *_made(own), sighting_of(seen)
    made.leave_out_leaps(now)
    return [eyes.told, [packed(look.masks) for look in now.looks]]


def _made(own: dict[str, Any]) -> tuple[Search, Eyes]:
    size = tuple(own["attention"]["frame"])
    eyes = Eyes(size, own["places"], own["returning"], own["again"], own["known"])
    attention = Attention(Mode(**own["attention"]["mode"]), size)
    frame = np.zeros((*size, 3), np.uint8)
    return Search(attention, eyes, eyes, frame, sighting_of(own["before"]), own["missing"]), eyes  # type: ignore[arg-type]


SEARCH: dict[str, Callable[..., Any]] = {"search": search, "leaps": leaps}
