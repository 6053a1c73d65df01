"""What is decided for a frame, apart from running the network: where to look, whether to search, what to remember."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mobilevos.engine.bounds import Bounds
from mobilevos.engine.grouping import Group, groups
from mobilevos.engine.modes import Mode
from mobilevos.engine.region import Region, around, whole_frame

_NARROWING = 4
"""Searches after which the region is as narrow as it gets."""

Places = Sequence[Bounds | None]
"""Where each object was last seen, by its row; None if it is out of sight."""


@dataclass(frozen=True)
class View:
    """A part of the frame to look at, and the objects that are followed in it."""

    region: Region
    rows: Group


@dataclass(frozen=True)
class Plan:
    """What is done with a frame."""

    views: list[View]
    """Where all objects are looked for; they hold all that are visible."""
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
        return whole_frame(self.frame_size, self.mode.sight, self.mode.enlarged)

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
        return around(box, self.frame_size, self.mode.sight, self.mode.margin, least, enlarged=self.mode.enlarged)

    def views(self, places: Places) -> list[View]:
        """Where to look when nothing is known of frames before; who is out of sight is looked for in the first view."""
        return [View(self._of(places, group), group) for group in self._groups(places)]

    def next_views(self, places: Places, before: Sequence[View], missing: Sequence[int] = ()) -> list[View]:
        """As ``views``, but not much smaller than before, and in as many views as before unless it pays to change.

        Args:
            places: of all objects.
            before: the views of the newest frame.
            missing: frames since each object was last seen.
        """
        search = self.mode.search
        narrow = any(search <= frames < _NARROWING * search for frames in missing)
        found = []
        for group in self._groups(places, before):
            seen = [row for row in group if places[row] is not None]
            home = next((view for view in before if set(seen) & set(view.rows)), before[0])
            split = any(places[row] is not None for row in set(home.rows) - set(group))
            shrink = min(self.mode.shrink, self.mode.narrow) if narrow or split else self.mode.shrink
            height, width = home.region.box_size
            found.append(View(self._of(places, group, (shrink * height, shrink * width)), group))
        return found

    def changed(self, places: Places, before: Sequence[View]) -> list[View]:
        """Where to look when objects were added or corrected: as before, if it holds all and fits as well.

        Masks that are moved time and again lose their borders.
        """
        views = []
        for view in self.views(places):
            fitting = (old.region for old in before if self._fits(view, old.region, places))
            views.append(View(next(fitting, view.region), view.rows))
        return views

    def plan(self, places: Places, missing: Sequence[int], before: Sequence[View], unremembered: int) -> Plan:
        """Of the next frame.

        Args:
            places: of all objects.
            missing: frames since each object was last seen.
            before: the views of the newest frame.
            unremembered: frames since the memory's previous one.
        """
        views = self.next_views(places, before, missing)
        due = max(missing) % self.mode.search == self.mode.search - 1
        return Plan(
            views=views,
            search=due and all(view.region != self.everywhere for view in views),
            remember=unremembered + 1 >= self.mode.refresh,
        )

    def _of(self, places: Places, group: Group, least: tuple[float, float] = (0.0, 0.0)) -> Region:
        return self.region((places[row] for row in group), least)

    def _groups(self, places: Places, before: Sequence[View] = ()) -> list[Group]:
        if not self.follow:
            return [tuple(range(len(places)))]
        return groups(places, self.region, [view.rows for view in before])

    @staticmethod
    def _fits(view: View, region: Region, places: Places) -> bool:
        boxes = (places[row] for row in view.rows)
        return view.region.resembles(region) and all(region.holds(box) for box in boxes if box is not None)
