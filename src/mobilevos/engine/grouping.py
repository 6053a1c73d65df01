"""Who is looked at together: all objects in one region or, where that would show them markedly smaller, in two.

Two looks cost twice as much as one, whatever the number of objects.
"""

from collections.abc import Callable, Iterable, Sequence

from mobilevos.engine.bounds import Bounds
from mobilevos.engine.region import Region

APART = 1.3
"""Objects are looked at in two regions if these show them at least so many times as large as one region would."""
TOGETHER = 1.15
"""Once they are, they stay so down to this: masks that are moved time and again lose their borders."""

Group = tuple[int, ...]
"""Rows of objects, in ascending order."""


def groups(
    places: Sequence[Bounds | None],
    region: Callable[[Iterable[Bounds | None]], Region],
    before: Sequence[Group] = (),
) -> list[Group]:
    """One or two groups of all objects, by their first rows' order; who is out of sight belongs to the first.

    Args:
        places: bounds of each object, None if it is out of sight.
        region: the region around some bounds.
        before: the groups in the frame before.
    """
    seen = {row: box for row, box in enumerate(places) if box is not None}
    one = region(places)

    def gain(some: set[int]) -> float:
        """How many times as large two regions would show the objects as one; of both parts, the lesser."""
        others = seen.keys() - some
        if not some or not others:
            return 1.0
        return min(region(seen[row] for row in part).zoom for part in (some, others)) / one.zoom

    kept = seen.keys() & before[0] if before else set()
    known = {row for group in before for row in group}
    if gain(kept) >= TOGETHER and seen.keys() <= known:
        return _groups(kept, places)
    splits = []
    for axis in (0, 1):
        order = sorted(seen, key=lambda row: seen[row][axis] + seen[row][axis + 2])
        splits += [set(order[:cut]) for cut in range(1, len(order))]
    best = max(splits, key=gain, default=set())
    return _groups(best if gain(best) >= APART else set(), places)


def _groups(some: set[int], places: Sequence[Bounds | None]) -> list[Group]:
    """Some visible objects and the others, as groups."""
    seen = [row for row, box in enumerate(places) if box is not None]
    rest = tuple(row for row in seen if some and (row in some) != (seen[0] in some))
    return [tuple(row for row in range(len(places)) if row not in rest), *filter(None, [rest])]
