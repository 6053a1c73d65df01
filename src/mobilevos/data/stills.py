"""Still images with masks, gathered from sets of different character."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from mobilevos.data.images import read_pair
from mobilevos.data.layouts import PairSet
from mobilevos.data.types import IGNORE, MAX_AREA, Image, Labels, id_shares
from mobilevos.errors import InputError

Grouping = Literal["instances", "parts", "regions"]

_MIN_STILL_AREA = 0.005
_MAX_REGION_AREA = 0.4


@dataclass(frozen=True)
class SetTraits:
    """How a set is used.

    Attributes:
        weight: how often the set is drawn, relative to the others.
        grouping: what its ids are: separate objects, parts of one object, or regions that tile the image.
    """

    weight: float = 0.5
    grouping: Grouping = "instances"


KNOWN_SETS: Mapping[str, SetTraits] = {
    "ecssd": SetTraits(3.0),
    "duts": SetTraits(2.0),
    "coco_mini": SetTraits(2.0),
    "bsds500": SetTraits(2.0, "regions"),
    "duts-tr": SetTraits(4.0),
    "duts-te": SetTraits(2.0),
    "fss": SetTraits(4.0),
    "fewshot_data": SetTraits(4.0),
    "hrsod_train": SetTraits(1.0),
    "hrsod_small": SetTraits(1.0),
    "animals_komahomu": SetTraits(1.2),
    "pets600": SetTraits(1.0),
    "humanseg": SetTraits(0.8),
    "pennfudan": SetTraits(0.5),
    "feralcat": SetTraits(0.5),
    "ccp": SetTraits(0.4, "parts"),
    "ccp_full": SetTraits(1.0, "parts"),
    "feralcat_full": SetTraits(1.2),
    "weizmann_horse": SetTraits(0.6),
    "bags": SetTraits(0.3),
    "street_brookshu": SetTraits(0.3),
    "msrc_cow": SetTraits(0.2),
    "mandarina": SetTraits(0.2),
    "strawberry": SetTraits(0.2),
    "teacher": SetTraits(0.2),
    # Hand polygons of fair precision: many small sets, so little of each.
    "via_bottle": SetTraits(0.2),
    "via_butterfly": SetTraits(0.2),
    "via_cartruck": SetTraits(0.2),
    "via_dogcat": SetTraits(0.2),
    "via_firetruck": SetTraits(0.2),
    "via_fish": SetTraits(0.2),
    "via_food": SetTraits(0.2),
    "via_foot": SetTraits(0.2),
    "via_head": SetTraits(0.2),
    "via_meal": SetTraits(0.2),
    "via_mug": SetTraits(0.2),
    "via_pig": SetTraits(0.2),
    "via_taxi": SetTraits(0.2),
    "via_wbottle": SetTraits(0.2),
}
"""Weights that worked, and the meaning of ids; a set that is not here has the defaults of `SetTraits`."""


@dataclass(frozen=True)
class Still:
    """An image with its objects.

    Attributes:
        image: (h, w, 3) uint8 RGB.
        labels: (h, w) uint8; 0 background, object ids, 255 unknown.
        ids: the object ids of usable size; never empty.
    """

    image: Image
    labels: Labels
    ids: tuple[int, ...]


class StillSet:
    """Stills of several sets, each drawn as often as its weight says."""

    def __init__(self, sets: Sequence[PairSet], weights: Mapping[str, float] | None = None) -> None:
        """Take the sets of `layouts.find`; no image is read.

        Args:
            sets: their names select the traits in `KNOWN_SETS`.
            weights: sampling weights by set name that replace the known ones.

        Raises:
            InputError: no set, or no weight above 0.
        """
        if not sets:
            raise InputError("Found no set of stills, expected a folder with images/ and masks/.")
        self._sets = [(still_set, KNOWN_SETS.get(still_set.name, SetTraits())) for still_set in sets]
        shares = np.array([(weights or {}).get(s.name, traits.weight) for s, traits in self._sets], float)
        if shares.min() < 0 or shares.sum() <= 0:
            raise InputError(f"Weights of the still sets are {shares.tolist()}, expected some above 0.")
        self._shares = shares / shares.sum()

    def __len__(self) -> int:
        """Number of stills in all sets."""
        return sum(len(still_set.pairs) for still_set, _ in self._sets)

    def draw(self, rng: np.random.Generator) -> Still:
        """Read a random still.

        Raises:
            InputError: a file cannot be decoded, a pair differs in size, or twenty stills in a row had no
                object of a usable size.
        """
        for _ in range(20):
            chosen, traits = self._sets[rng.choice(len(self._sets), p=self._shares)]
            image_path, mask_path = chosen.pairs[rng.integers(len(chosen.pairs))]
            image, labels = read_pair(image_path, mask_path)
            labels = _GROUPERS[traits.grouping](rng, labels)
            shares = id_shares(labels)
            shares[[0, IGNORE]] = 0
            ids = np.flatnonzero((shares >= _MIN_STILL_AREA) & (shares <= MAX_AREA))
            if len(ids):
                return Still(image, labels, tuple(ids.tolist()))
        raise InputError(
            f"20 stills in a row, the last one {mask_path}, had no object between {_MIN_STILL_AREA:.1%} and "
            f"{MAX_AREA:.0%} of the image; check that masks hold 0 for background and ids for objects."
        )


def _instances(rng: np.random.Generator, labels: Labels) -> Labels:
    """Keep the ids, or now and then see the whole group as one object."""
    return _parts(rng, labels) if rng.random() < 0.15 else labels


def _parts(rng: np.random.Generator, labels: Labels) -> Labels:
    """One object: the union of all ids."""
    table = np.ones(256, np.uint8)
    table[0], table[IGNORE] = 0, IGNORE
    return table[labels]


def _regions(rng: np.random.Generator, labels: Labels) -> Labels:
    """One object: a random region of a tiling, half of the time joined by one or two of its neighbours."""
    shares = id_shares(labels)
    usable = (shares >= _MIN_STILL_AREA) & (shares <= _MAX_REGION_AREA)
    usable[IGNORE] = False
    chosen = np.zeros(256, bool)
    if usable.any():
        seed = rng.choice(np.flatnonzero(usable))
        chosen[seed] = True
        if rng.random() < 0.5:
            near = np.unique(labels[cv2.dilate((labels == seed).astype(np.uint8), np.ones((3, 3))) > 0])
            near = near[usable[near] & (near != seed)]
            chosen[rng.permutation(near)[: rng.integers(1, 3)]] = True
    return chosen.astype(np.uint8)[labels]


_GROUPERS = {"instances": _instances, "parts": _parts, "regions": _regions}
