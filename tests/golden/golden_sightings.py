"""What Python answers to cases of what was seen of a frame; golden_sightings.mjs has the same for the page's engine."""

from collections.abc import Callable
from typing import Any

import numpy as np
from golden_packing import packed

from mobilevos.engine.entangled import Entangled
from mobilevos.engine.entangled import part as parted
from mobilevos.engine.region import Region
from mobilevos.engine.sighting import Look, Sighting
from mobilevos.engine.track import Track
from mobilevos.engine.whereabouts import Whereabouts


def whereabouts(calls: list[list[Any]]) -> Any:
    """Of each frame: whether anything was changed, and what was seen then."""
    ways, answers = Whereabouts(), []
    for name, *given in calls:
        if name == "settle":
            seen, known = sighting_of(given[0]), given[1]
            changed = ways.settle(seen, _knowing(seen, known))
            answers.append([changed, _told(seen, given[0])])
        else:
            getattr(ways, name)(*given)
    return answers


def entangled(calls: list[list[Any]]) -> Any:
    """Groups of who meets, and who is blurred."""
    pairs, answers = Entangled(), []
    for name, *given in calls:
        if name == "meet":
            seen = sighting_of(given[1])
            answers.append(sorted(pairs.meet(_tracks(given[0]), seen, _knowing(seen, given[2]))))
        elif name == "blurred":
            answers.append(sorted(pairs.blurred(_tracks(given[0]), sighting_of(given[1]))))
        else:
            getattr(pairs, name)(*given)
    return answers


def part(group: list[int], tracks: list[Any], seen: dict[str, Any], known: list[Any]) -> Any:
    now = sighting_of(seen)
    changed, shift = parted(group, _tracks(tracks), now, _knowing(now, known))
    return [changed, [float(shift.real), float(shift.imag)], _told(now, seen)]


def learn(own: list[Any], area: float, centre: list[float], crowded: bool) -> Any:
    (learnt,) = _tracks([own])
    learnt.learn(area, complex(*centre), crowded)
    learnt.go_on()
    learnt.go_on(2 - 3j)
    numbers = [float(x) for each in (learnt.centre, learnt.speed) for x in (each.real, each.imag)]
    return [learnt.area, *numbers, learnt.frames, learnt.doubts]


def sighting_of(given: dict[str, Any]) -> Sighting[Look]:
    """What was seen, of its looks and homes."""
    return Sighting([*map(_look, given["looks"])], [*given["homes"]])


def _look(given: list[Any]) -> Look:
    region, masks, rows = given
    return Look(Region(*region), {}, masks.copy(), [*rows])


def _told(seen: Sighting[Look], given: dict[str, Any]) -> Any:
    """Homes, and of each look the rows; and the masks, None if they are what was given."""
    before = [masks for _, masks, _ in given["looks"]]
    looks = [
        [look.rows, None if np.array_equal(look.masks, masks) else packed(look.masks)]
        for look, masks in zip(seen.looks, before, strict=True)
    ]
    return [seen.homes, looks]


def _knowing(seen: Sighting[Look], known: list[Any]) -> Callable[[Look], Any]:
    """What permanent frames know in each look."""
    return lambda look: next(each for own, each in zip(seen.looks, known, strict=True) if own is look)


def _tracks(given: list[Any]) -> list[Any]:
    return [
        each and Track(each[0], complex(*each[1]), complex(*each[2]), frames=each[3], doubts=each[4]) for each in given
    ]


def look_centre(own: list[Any], cells: np.ndarray) -> Any:
    middle = _look(own).centre(cells)
    return [float(middle.real), float(middle.imag)]


def look_area(own: list[Any], mask: np.ndarray) -> Any:
    return _look(own).area(mask)


def look_holds(own: list[Any], cells: np.ndarray, place: list[float]) -> Any:
    return _look(own).holds(cells, complex(*place))


def sighting_bring_home(own: dict[str, Any], row: int, look: int) -> Any:
    seen = sighting_of(own)
    seen.bring_home(row, seen.looks[look])
    return _told(seen, own)


def sighting_drop_object(own: dict[str, Any], row: int) -> Any:
    """Homes, and the rows and masks of each look."""
    seen = sighting_of(own)
    seen.drop_object(row)
    return [seen.homes, [[look.rows, packed(look.masks)] for look in seen.looks]]


def sighting_bounds(own: dict[str, Any], row: int) -> Any:
    return sighting_of(own).bounds(row)


def sighting_masks_in(own: dict[str, Any], region: list[int]) -> Any:
    return packed(sighting_of(own).masks_in(Region(*region)))


def sighting_showing(own: dict[str, Any], rows: list[int]) -> Any:
    """Numbers of looks."""
    seen = sighting_of(own)
    showing = seen.showing(rows)
    return [number for number, look in enumerate(seen.looks) if any(look is each for each in showing)]


def sighting_paint(own: dict[str, Any], ids: list[int], frame_size: list[int]) -> Any:
    return packed(sighting_of(own).paint(ids, tuple(frame_size)))


def sighting_soften(own: dict[str, Any], rows: list[int], frame_size: list[int]) -> Any:
    return packed(sighting_of(own).soften(rows, tuple(frame_size)))


SIGHTINGS: dict[str, Callable[..., Any]] = {
    answer.__name__: answer
    for answer in (
        whereabouts,
        entangled,
        part,
        learn,
        look_centre,
        look_area,
        look_holds,
        sighting_bring_home,
        sighting_drop_object,
        sighting_bounds,
        sighting_masks_in,
        sighting_showing,
        sighting_paint,
        sighting_soften,
    )
}
