"""Cases of the network at work with a memory, and what Python answers; golden_perception.mjs answers for the page."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from golden_packing import packed, packed_levels

from mobilevos.engine.attention import View
from mobilevos.engine.memory import Memory
from mobilevos.engine.origin import Origin
from mobilevos.engine.perception import Perception
from mobilevos.engine.region import Region
from mobilevos.engine.sighting import Look, MemoryFrame, Sighting
from mobilevos.engine.surroundings import Surroundings

SIZE = (64, 96)
REGIONS = [[0, 0, 64, 64, 64, 64], [32, 0, 96, 64, 64, 64], [0, 0, 96, 64, 64, 64], [0, 0, 32, 64, 64, 64]]
"""Of 16 x 16 cells each."""


class Oracle:
    """A network that says what it is told, and notes what it is asked."""

    def __init__(self) -> None:
        self.answers: list[np.ndarray] = []
        self.asked: list[Any] = []

    def query(self, frame: np.ndarray) -> Any:
        self.asked.append([*frame.shape[:2], *frame[0, 0].tolist()])
        return {"number": 0.0}

    def key(self, features: Any) -> np.ndarray:
        return np.full((1, 16), features["number"], np.float32)

    def descriptor(self, features: Any) -> np.ndarray:
        return np.linspace(0, 0.5 + 0.1 * features["number"], 64, dtype=np.float32).reshape(1, 8, 8)

    def memorise(self, features: Any, masks: np.ndarray) -> np.ndarray:
        return np.repeat(masks.reshape(len(masks), 1, -1).mean(2, keepdims=True), 16, axis=2)

    def read(self, features: Any, key: np.ndarray, value: np.ndarray, prior: np.ndarray, classifier: Any) -> np.ndarray:
        models = None if classifier is None else _rounded(classifier)
        self.asked.append(
            [key.shape[1], _rounded(key[0, ::16]), _rounded(value[:, 0, ::16]), _rounded(prior.mean((1, 2))), models]
        )
        return self.answers.pop(0)[: len(prior)]


def perception(kept: list[Any], recalled: list[Any], answers: list[np.ndarray], call: list[Any]) -> Any:
    """What one call gives, and what the network was asked; of what changes memory, what that then has."""
    network, memory = Oracle(), Memory()
    at_work = Perception(network, memory)  # type: ignore[arg-type]
    for seen in kept:
        memory.keep(_remembered(at_work, seen, True))
    for seen, gone in recalled:
        memory.recall(_remembered(at_work, seen, False), gone)
    name, *given = call
    network.asked, network.answers = [], [*answers]
    frame = np.arange(SIZE[0] * SIZE[1] * 3).reshape(*SIZE, 3).astype(np.uint8)
    found: Any
    if name == "back":
        found = at_work.back(_look(given[0]), given[1], given[2])
    elif name == "without_ghosts":
        found = packed(at_work.without_ghosts(_look(given[0])))
    elif name == "find_earlier":
        current = _remembered(at_work, given[0], True)
        found = at_work.find_earlier(current, given[1])
    else:
        views = [View(Region(*region), tuple(rows)) for region, rows in given[0]]
        ready = [*map(_look, given[3])]
        now = at_work.see(frame, views, _sighting(given[1]), given[2], ready)
        taken = [next((n for n, each in enumerate(ready) if each is look), None) for look in now.looks]
        found = [now.homes, taken, [[look.rows, packed(look.masks)] for look in now.looks]]
    looks = [look for seen in memory.permanent for look in seen.looks] + memory.absent if found is None else []
    return [found, network.asked, [seen.homes for seen in memory.permanent], [*map(_told, looks)]]


def origin(given: list[Any], answers: list[np.ndarray], seen: list[Any], lost: int | None) -> Any:
    """What is left of masks, by what the network says that their parts were, and what it was asked."""
    network = Oracle()
    there = _remembered(Perception(network, Memory()), [[given], [0]], True).looks[0]  # type: ignore[arg-type]
    network.answers = [*answers]

    class Given:
        def given(self) -> MemoryFrame:
            return there

    of, look = Origin(network, Given()), _look(seen)  # type: ignore[arg-type]
    found = of.without_strangers(look) if lost is None else of.of_lost(look, lost)
    return [packed(found), network.asked]


def surroundings(kept: list[Any]) -> Any:
    """Masks of the whole frames that there are to compare with, and what the network was asked."""
    network = Oracle()

    class Everywhere:
        everywhere = Region(*REGIONS[2])

    around = Surroundings(Perception(network, Memory()), Everywhere())  # type: ignore[arg-type]
    for number, (seen, given) in enumerate(kept):
        around.keep(np.full((*SIZE, 3), number, np.uint8), _sighting(seen), given)
    looks, given_look = around.looks(), around.given()
    told = [packed(look.masks) for look in looks]
    return [told, given_look is not None and [each is given_look for each in looks], network.asked]


def _rounded(numbers: np.ndarray) -> list[float]:
    return [round(each, 4) for each in numbers.ravel().tolist()]


def _told(look: MemoryFrame) -> Any:
    known = None if look.evidence is None else _rounded(look.evidence)
    return [look.rows, packed(look.masks), _rounded(look.value[:, 0, 0]), known]


def _look(given: list[Any]) -> Look:
    region, masks, rows, number = given
    return Look(Region(*region), {"number": number}, masks.copy(), [*rows])


def _sighting(given: list[Any]) -> Sighting[Look]:
    return Sighting([*map(_look, given[0])], [*given[1]])


def _remembered(at_work: Perception, given: list[Any], known: bool) -> Sighting[MemoryFrame]:
    looks = [at_work.taken_in(look) for look in _sighting(given).looks]
    for look in looks:
        look.evidence = at_work._evidence(look) if known else None
    return Sighting(looks, [*given[1]])


def perception_cases() -> Iterator[tuple[str, Any]]:
    """Kind and what is given, of each."""
    for seed in range(24):
        yield "perception", _drawn(np.random.default_rng(seed), seed % 4)
    for seed in range(30):
        rng = np.random.default_rng(seed)
        yield "surroundings", {"kept": [[_drawn_sighting(rng, 2), bool(rng.random() < 0.4)] for _ in range(seed % 5)]}
    for seed in range(36):
        yield "origin", _drawn_origin(np.random.default_rng(seed), seed % 3)


def _drawn_origin(rng: np.random.Generator, lost: int) -> Any:
    """Of three objects; parts of one were where it was in the given frame, or where others were."""
    given, seen = _drawn_look(rng, 3), _drawn_look(rng, 3)
    given[2], seen[0] = [0, 1, 2], given[0] if rng.random() < 0.5 else seen[0]
    if rng.random() < 0.3:  # two bodies that hang together
        width, masks = int(rng.integers(3, 8)), np.full((3, 16, 16), 0.25, np.float32)
        masks[1, 1:15, 0:7] = masks[1, 1:15, 9:16] = masks[1, 4 : 4 + width, 7:9] = 0.75
        seen[1], seen[2], lost = packed_levels(masks / 2 + masks * (masks > 0.5) / 2), [1], 2
    answers = [_masks(rng, 16) for _ in range(3)]
    return {"given": given, "answers": answers, "seen": seen, "lost": None if lost == 2 else lost}


def _masks(rng: np.random.Generator, count: int, specks: bool = False) -> Any:
    """Of blocks of 4 x 4 cells; or of a single cell."""
    shares = rng.choice([0.0, 0.25, 0.625, 0.875], (count, 4, 4), p=[0.5, 0.1, 0.2, 0.2])
    masks = np.kron(shares, np.ones((4, 4))).astype(np.float32)
    if specks:
        masks[:] = 0
        masks[:, rng.integers(16), rng.integers(16)] = 0.875
    return packed_levels(masks)


def _drawn_look(rng: np.random.Generator, objects: int, specks: bool = False) -> list[Any]:
    rows = sorted({int(row) for row in rng.integers(0, objects, objects)})
    return [REGIONS[rng.integers(4)], _masks(rng, objects, specks), rows, float(rng.integers(9))]


def _drawn_sighting(rng: np.random.Generator, objects: int) -> list[Any]:
    looks = [_drawn_look(rng, objects) for _ in range(int(rng.integers(1, 3)))]
    return [looks, [int(home) for home in rng.integers(0, len(looks), objects)]]


def _drawn(rng: np.random.Generator, call: int) -> Any:
    objects = 3
    kept = [_drawn_sighting(rng, objects) for _ in range(int(rng.integers(1, 3)))]
    recalled = [[_drawn_sighting(rng, objects), [int(rng.integers(objects))]] for _ in range(int(rng.integers(3)))]
    new, others = int(rng.integers(0, 3)), packed_levels(np.zeros((0, 16, 16), np.float32))
    views = [[REGIONS[2], [0, 2]], [REGIONS[int(rng.integers(4))], [1]]]
    ready = [_drawn_look(rng, objects) for _ in range(3)]
    ready[0][0] = REGIONS[2]
    calls = (
        [
            "back",
            _drawn_look(rng, objects, bool(rng.random() < 0.5)),
            [row for row in range(objects) if rng.random() < 0.6],
            others,
        ],
        ["without_ghosts", _drawn_look(rng, objects)],
        ["find_earlier", _drawn_sighting(rng, objects + new), new],
        ["see", views, _drawn_sighting(rng, objects), [row for row in range(objects) if rng.random() < 0.5], ready],
    )
    answers = [_masks(rng, objects) for _ in range(6 if call == 2 else 2)]
    return {"kept": kept, "recalled": recalled, "answers": answers, "call": calls[call]}


PERCEPTION: dict[str, Callable[..., Any]] = {
    "perception": perception,
    "origin": origin,
    "surroundings": surroundings,
}
