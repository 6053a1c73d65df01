"""Looking for objects that are out of sight, or that seem to be elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mobilevos.engine.attention import Attention, View
from mobilevos.engine.checks import Frame
from mobilevos.engine.leaps import has_leapt, without_far_parts
from mobilevos.engine.origin import Origin
from mobilevos.engine.perception import Perception
from mobilevos.engine.region import Mask, Region
from mobilevos.engine.returns import without
from mobilevos.engine.sighting import Look, Sighting, in_sight


@dataclass(frozen=True)
class Search:
    """In one frame.

    Args:
        attention: decides where to look.
        perception: looks there, and knows the surroundings.
        origin: knows what was something else.
        frame: (H, W, 3) uint8 RGB.
        before: what was seen of the frame before.
        missing: frames since each object was last seen, by its row.
    """

    attention: Attention
    perception: Perception
    origin: Origin
    frame: Frame
    before: Sighting
    missing: Sequence[int]

    @property
    def _visible(self) -> list[int]:
        return [row for row, frames in enumerate(self.missing) if not frames]

    def leave_out_leaps(self, seen: Sighting) -> None:
        """Of what was seen of visible objects, take away what is elsewhere and is not known like one that returns."""
        visible = self._visible
        before = {row: self.before.mask_in(row, seen.home(row).region) for row in visible}
        leapt = [row for row in visible if has_leapt(seen.mask(row), before[row])]
        stayed = [row for row in visible if row not in leapt]
        gone = []
        for row in leapt:
            look = seen.home(row)
            if not self._back(look, [row], self._masks_before(stayed, look.region)):
                gone.append(row)
        for look in seen.looks if gone else ():
            look.masks = without(look.masks, gone)
        for row in visible:
            look = seen.home(row)
            look.masks[row] = without_far_parts(look.masks[row], before[row], self.perception.whole(look, row))

    def with_returned(self, seen: Sighting, everywhere: bool) -> Sighting:
        """What was seen, with missing objects that are back; as it was, without what only passes for them.

        They are looked for where the first of the others are or, to search everywhere, in a look of their own that does
        not change how the others are seen. Who seems to be back is looked at again in the views that then hold all.
        """
        visible = self._visible
        missing = [row for row, frames in enumerate(self.missing) if frames]
        all_rows, wide = tuple(range(len(self.missing))), seen.looks[0]
        if everywhere:
            wide = self.perception.look(self.frame, View(self.attention.everywhere, all_rows), seen, all_rows)
        back = self._returned(wide, missing)
        if back:
            homes = [len(seen.looks) if row in back else home for row, home in enumerate(seen.homes)]
            found = Sighting([*seen.looks, wide], homes)
            places = [found.bounds(row) if row in (*visible, *back) else None for row in range(len(homes))]
            attention = self.attention
            views = attention.next_views(places, seen.views) if visible else attention.views(places)
            closer = self.perception.see(self.frame, views, found, all_rows, seen.looks)
            back = [row for row in back if self._returned(closer.home(row), [row])]
            seen = closer if back else seen
        gone = [row for row in missing if row not in back]
        if visible or any(in_sight(seen.mask(row)) for row in gone):
            for look in seen.looks:
                look.masks = without(look.masks, gone)
        return seen

    def _returned(self, look: Look, missing: list[int]) -> list[int]:
        """Those of some missing objects' rows that are back by a look, whose masks may change."""
        others = self._masks_before(self._visible, look.region)
        back = self._back(look, missing, others)
        left = [row for row in missing if row not in back]
        return [*back, *self._recognised(look, left, others)] if left and len(others) else back

    def _back(self, look: Look, rows: list[int], others: Mask) -> list[int]:
        self._leave_out_strangers(look, rows, others)
        return self.perception.back(look, rows, others)

    def _recognised(self, look: Look, rows: list[int], others: Mask) -> list[int]:
        """As `_back`, by the permanent frames alone.

        What memory took in while others were in sight holds the missing object's pixels for something else, and says so
        again.
        """
        alone = replace(look, masks=self.perception.recognised(look))
        self._leave_out_strangers(alone, rows, others)
        back = self.perception.likely(alone, rows, others)
        for row in back:
            look.masks *= 1 - alone.masks[row]
            look.masks[row] = alone.masks[row]
        return back

    def _leave_out_strangers(self, look: Look, rows: list[int], others: Mask) -> None:
        """Take away what was something else of objects that may be back."""
        for row in self.perception.likely(look, rows, others):
            look.masks[row] = self.origin.of_lost(look, row)

    def _masks_before(self, rows: list[int], region: Region) -> Mask:
        return self.before.masks_in(region)[rows]
