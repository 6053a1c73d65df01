"""From what the masks of a run show to object ids that mean the same in all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from mobilevos.errors import InputError
from mobilevos.video.colours import PALETTE_TOLERANCE, SAME, palette_ids
from mobilevos.video.mask_file import MAX_SMALL_ID, WHITE, Drawing, Kind

VOID = 255
"""Label of pixels of which nobody knows what they show."""
MOST_OBJECTS = 254


@dataclass(frozen=True)
class Look:
    """What is kept of a drawing: no pixels.

    Attributes:
        name, kind, soft: of the drawing.
        size: (H, W).
        used: indices that occur; those of what may be colours or shades in order of their first pixel.
        colours: (N, 4) uint8 by index.
    """

    name: str
    kind: Kind
    soft: bool
    size: tuple[int, int]
    used: np.ndarray
    colours: np.ndarray

    @classmethod
    def at(cls, drawing: Drawing) -> Self:
        """Look at a drawing."""
        height, width = drawing.index.shape
        used = drawing.used
        if drawing.kind == "colours" or (len(used) > 2 and used.max() > MAX_SMALL_ID):
            used = drawing.first_seen()
        return cls(drawing.name, drawing.kind, drawing.soft, (height, width), used, drawing.colours)

    @property
    def values(self) -> set[int]:
        """Indices other than 0 that occur."""
        return set(self.used.tolist()) - {0}


def palettes_agree(looks: Iterable[Look]) -> bool:
    """Whether the same index has the same colour in all palettes, so that indices may be ids."""
    known: dict[int, tuple[int, ...]] = {}
    return all(
        known.setdefault(int(index), colour := tuple(look.colours[index].tolist())) == colour
        for look in looks
        if look.kind == "palette"
        for index in look.used
    )


@dataclass
class Colours:
    """The colours of all masks of a run, and the ids that they have.

    Attributes:
        known: (4,) colours.
        ids: of the first so many of them; `number` gives the others theirs.
        drawn: some mask has nothing but colours to tell its objects by.
    """

    known: list[np.ndarray] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    drawn: bool = False

    def copy(self) -> Self:
        """To add to without changing this one."""
        return type(self)(list(self.known), list(self.ids), self.drawn)

    def learn(self, look: Look) -> None:
        """Take over the colours and ids of a palette whose indices are ids."""
        for value in sorted(look.values - {WHITE} - set(self.ids)):
            self.known.append(look.colours[value].astype(np.float64))
            self.ids.append(value)

    def places(self, look: Look) -> dict[int, int]:
        """Place among the known colours by index of each object's colour in a mask, whose colours become known.

        Raises:
            InputError: the mask has no background.
        """
        objects = [int(index) for index in look.used if not _is_ground(look)[index]]
        colours = look.colours.astype(np.float64)
        places: dict[int, int] = {}
        for tolerance in (0.0, SAME if look.soft else PALETTE_TOLERANCE):
            for index in objects:
                gaps = np.array([np.linalg.norm(colours[index] - other) for other in self.known])
                gaps[list(places.values())] = np.inf
                if index not in places and gaps.min(initial=np.inf) <= tolerance:
                    places[index] = int(gaps.argmin())
        for index in objects:
            if index not in places:
                places[index] = len(self.known)
                self.known.append(colours[index])
        return places

    def number(self, taken: set[int]) -> None:
        """Give ids to colours that have none: palette colours theirs, unless all are grey, others the lowest free.

        Raises:
            InputError: more than `MOST_OBJECTS`.
        """
        new = np.array(self.known[len(self.ids) :]).reshape(-1, 4)
        grey = bool((np.ptp(new[:, :3], axis=1) == 0).all()) and not self.ids
        wanted = [-1] * len(new) if grey else palette_ids(new).tolist()
        taken = taken | set(self.ids)
        reserved = taken | set(wanted)
        free = iter(i for i in range(1, MOST_OBJECTS + 1) if i not in reserved)
        for palette_id in wanted:
            own = palette_id if palette_id > 0 and palette_id not in taken else next(free, None)
            if own is None:
                raise InputError(
                    f"the masks have {len(self.known)} colours, but {MOST_OBJECTS} objects are the most; "
                    "use fewer colours."
                )
            taken.add(own)
            self.ids.append(own)


def id_tables(looks: Sequence[Look], colours: Colours) -> list[np.ndarray]:
    """(N,) uint8 ids by index, of each mask of a run: 0 is background, `VOID` unknown.

    Args:
        looks: at all masks of the run.
        colours: those known from elsewhere, whose ids are kept; the run's are added.

    Raises:
        InputError: a mask has no background, or there are too many objects.
    """
    for look in looks:
        colours.drawn |= look.kind == "colours"
        if look.kind == "palette":
            colours.learn(look)
    pictures = [look.kind == "colours" or (colours.drawn and _may_be_shades(look)) for look in looks]
    places = [colours.places(look) if picture else {} for look, picture in zip(looks, pictures, strict=True)]
    numbered = [look for look, picture in zip(looks, pictures, strict=True) if not picture]
    colours.number({value for look in numbered for value in look.values} - {WHITE})
    white = VOID if any(map(_has_ids, numbered)) else 1
    tables = []
    for look, picture, place in zip(looks, pictures, places, strict=True):
        count = len(look.colours)
        table = np.zeros(count, np.uint8) if picture else np.arange(count, dtype=np.uint8)
        if picture:
            table[list(place)] = [colours.ids[known] for known in place.values()]
        else:
            table[WHITE] = white
        tables.append(table)
    return tables


def _may_be_shades(look: Look) -> bool:
    return look.kind == "greys" and any(value > MAX_SMALL_ID for value in look.values)


def _has_ids(look: Look) -> bool:
    """Whether some value is an id beyond doubt, so that 255 is none."""
    others = look.values - {WHITE}
    if look.kind == "greys":
        return not look.soft and any(value <= MAX_SMALL_ID for value in others)
    return look.kind == "palette" and any((look.colours[value] < WHITE).any() for value in others)


def _is_ground(look: Look) -> np.ndarray:
    """(N,) bool by index of a picture's colours: it is background.

    Raises:
        InputError: none is.
    """
    used = np.zeros(len(look.colours), bool)
    used[look.used] = True
    strongest, alpha = look.colours[:, :3].max(axis=1), look.colours[:, 3]
    clear = alpha < SAME
    black = (strongest == 0) & (alpha == WHITE)
    if look.soft or not (black & used).any():
        black = (strongest < PALETTE_TOLERANCE) & (alpha >= WHITE - PALETTE_TOLERANCE)
    only_black = (clear & used).any() and (black | clear)[used].all()
    ground = clear if only_black else clear | black
    if not (ground & used).any() and np.count_nonzero(used) > 1:
        raise InputError(
            f"{look.name} has no background among its {np.count_nonzero(used)} colours; "
            "paint it black or make it transparent."
        )
    return ground
