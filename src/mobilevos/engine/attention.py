"""What is decided for a frame, apart from running the network: where to look, whether to search, what to remember."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mobilevos.engine.bounds import Bounds
from mobilevos.engine.modes import Mode
from mobilevos.engine.region import Region, around, whole_frame

_NARROWING = 4
"""Searches after which the region is as narrow as it gets."""


@dataclass(frozen=True)
class Plan:
    """What is done with a frame."""

    region: Region
    """Where all objects are looked for; it holds all that are visible."""
    search: bool
    """Whether those that are not are also looked for in the whole frame."""
    remember: bool
    """Whether the frame becomes the memory's previous one."""


@dataclass(frozen=True)
class Attention:
    """Decides by a mode for frames of one size; it keeps no state.

    Args:
        mode: its figures.
        frame_size: (height, width) of the source.
        follow: look at the region around the objects; False always looks at the whole frame.
    """

    mode: Mode
    frame_size: tuple[int, int]
    follow: bool = True

    @property
    def everywhere(self) -> Region:
        """The whole frame."""
        return whole_frame(self.frame_size, self.mode.sight)

    def region(self, bounds: Iterable[Bounds | None], least: tuple[float, float] = (0.0, 0.0)) -> Region:
        """Where to look for objects that were last seen within some bounds; with none of them, everywhere.

        Args:
            bounds: of each object, None if it has none.
            least: (height, width) in source pixels that it must have.
        """
        boxes = [box for box in bounds if box is not None]
        if not self.follow or not boxes:
            return self.everywhere
        left, top, right, bottom = zip(*boxes, strict=True)
        box = (min(left), min(top), max(right), max(bottom))
        return around(box, self.frame_size, self.mode.sight, self.mode.margin, least)

    def next_region(self, bounds: Iterable[Bounds | None], before: Region, missing: Sequence[int] = ()) -> Region:
        """As ``region``, but not much smaller than the region before.

        Args:
            bounds: of each object, None if it has none.
            before: where was looked in the newest frame.
            missing: frames since each object was last seen.
        """
        gone = any(self.mode.search <= frames < _NARROWING * self.mode.search for frames in missing)
        shrink = min(self.mode.shrink, self.mode.narrow) if gone else self.mode.shrink
        height, width = before.box_size
        return self.region(bounds, (shrink * height, shrink * width))

    def changed(self, bounds: Sequence[Bounds | None], before: Region) -> Region:
        """Where to look when objects were added or corrected: at the region before, if it holds all and fits as well.

        Masks that are moved time and again lose their borders.
        """
        region = self.region(bounds)
        fits = region.resembles(before) and all(before.holds(box) for box in bounds if box is not None)
        return before if fits else region

    def plan(self, bounds: Sequence[Bounds | None], missing: Sequence[int], before: Region, unremembered: int) -> Plan:
        """Of the next frame.

        Args:
            bounds: of the visible objects in the newest frame.
            missing: frames since each object was last seen.
            before: where was looked in the newest frame.
            unremembered: frames since the memory's previous one.
        """
        region = self.next_region(bounds, before, missing)
        due = max(missing) % self.mode.search == self.mode.search - 1
        return Plan(
            region=region,
            search=due and region != self.everywhere,
            remember=unremembered + 1 >= self.mode.refresh,
        )
