"""Bodies of objects, as a tracker sees them frame by frame."""

import numpy as np

from mobilevos.engine.region import Region
from mobilevos.engine.sighting import Look, Sighting
from mobilevos.engine.whereabouts import Whereabouts

ROWS, COLUMNS, SIDE, TOP = 20, 80, 6, 7
REGION = Region(0, 0, 4 * COLUMNS, 4 * ROWS, 4 * ROWS, 4 * COLUMNS)
TWIN, OTHER = 0.5, 0.1
"""What the permanent frames know of an object in the body of one that looks the same, or otherwise."""


def body(*places: float, width: int = SIDE, height: int = SIDE, top: int = TOP) -> np.ndarray:
    """Probabilities of a mask on bodies whose left sides are given."""
    mask = np.zeros((ROWS, COLUMNS), np.float32)
    for x in places:
        mask[top : top + height, round(x) : round(x) + width] = 0.9
    return mask


NOTHING = body()


class Life:
    """What is seen of some objects, frame by frame."""

    def __init__(self) -> None:
        self.ways = Whereabouts()
        self.seen: Sighting[Look]

    def see(self, *masks: np.ndarray, known: list[np.ndarray] | None = None) -> bool:
        """The objects' masks, and what permanent frames know of each."""
        look = Look(REGION, {}, np.stack(masks), list(range(len(masks))))
        self.seen = Sighting([look], [0] * len(masks))
        return self.ways.settle(self.seen, lambda _: np.stack(known if known is not None else masks))

    def inside(self, row: int) -> list[int]:
        """Columns of the mask."""
        return np.flatnonzero((self.seen.mask(row) > 0.5).any(0)).tolist()

    def walk(self, *rows: tuple[float, float], frames: int = 6) -> None:
        """Objects go on from a place, each at its pace."""
        for t in range(frames):
            assert not self.see(*(body(x + pace * t) for x, pace in rows))


def place(*lefts: int, width: int = SIDE) -> list[int]:
    return [x for left in lefts for x in range(left, left + width)]


def both_known(own: np.ndarray, other: np.ndarray, alike: float) -> list[np.ndarray]:
    """What is known of two objects that are on two bodies."""
    return [np.maximum(own * 0.6, other * alike), np.maximum(other * 0.6, own * alike)]
