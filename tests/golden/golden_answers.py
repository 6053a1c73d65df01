"""What Python answers to each kind of case; replay.mjs has the same for the page's engine."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import numpy as np
from golden_packing import packed, unpacked
from golden_rules import RULES, answering
from golden_scenes import SceneRuntime, frame_of, labels_of

from mobilevos.engine import modes
from mobilevos.engine.attention import Attention, View
from mobilevos.engine.candidates import Candidate, agreed, another, contradicted, with_mean
from mobilevos.engine.candidates import telling as candidates_that_tell
from mobilevos.engine.correction import corrected
from mobilevos.engine.entangled import Entangled
from mobilevos.engine.entangled import part as parted
from mobilevos.engine.ghosts import in_parts, without_ghosts
from mobilevos.engine.memory import Memory, side_by_side
from mobilevos.engine.modes import LIVE, mode_of
from mobilevos.engine.region import Region, around, whole_frame
from mobilevos.engine.returns import is_recognised, may_be_back, without
from mobilevos.engine.sighting import Look, MemoryFrame, Sighting
from mobilevos.engine.target_model import classifiers, evidence
from mobilevos.engine.track import Track
from mobilevos.engine.tracker import Tracker
from mobilevos.engine.whereabouts import Whereabouts
from mobilevos.errors import InputError

Size = tuple[int, int]
"""(height, width)."""


def values(region: Region) -> list[int]:
    """What describes a region."""
    return list(vars(region).values())


def region_around(bounds: list[float], frame: Size, size: int, margin: float, least: Size, enlarged: int) -> Any:
    return values(around(tuple(bounds), frame, size, margin, tuple(least), enlarged=enlarged))


def region_everywhere(frame: Size, size: int, enlarged: int) -> Any:
    return values(whole_frame(frame, size, enlarged))


def region_compared(region: list[int], other: list[int], bounds: list[float]) -> Any:
    one, two = Region(*region), Region(*other)
    return [one.resembles(two), one.holds(bounds), one == two]


def region_bounds(region: list[int], mask: np.ndarray) -> Any:
    return Region(*region).bounds_in_source(mask)


def view(region: list[int], frame: np.ndarray) -> Any:
    return packed(Region(*region).view(frame))


def view_of_masks(region: list[int], labels: np.ndarray, ids: list[int]) -> Any:
    return packed(Region(*region).view_masks(np.stack([labels == i for i in ids]).astype(np.float32)))


def transfer(region: list[int], target: list[int], masks: np.ndarray) -> Any:
    return packed(Region(*region).transfer(masks, Region(*target)))


def paint(region: list[int], masks: np.ndarray, ids: list[int]) -> Any:
    return packed(Region(*region).paint(masks, ids))


def soften(region: list[int], masks: np.ndarray) -> Any:
    return packed(Region(*region).soften(masks))


def ghosts(mask: np.ndarray, recognised: np.ndarray) -> Any:
    return [in_parts(mask), packed(without_ghosts(mask, recognised))]


def returns(masks: np.ndarray, recognised: np.ndarray, share: float, rows: list[int]) -> Any:
    back = may_be_back(masks[0], share, masks[1:])
    known = bool((masks[0] > 0.5).any()) and is_recognised(masks[0], recognised)
    return [back, known, packed(without(masks, rows))]


def target_model(descriptors: np.ndarray, masks: np.ndarray) -> Any:
    """Of two frames with the same masks."""
    found = classifiers([evidence(descriptor, masks) for descriptor in descriptors])
    return None if found is None else found.round(3).tolist()


def memory(calls: list[list[Any]]) -> Any:
    """Of all objects and of each: the keys, values and areas of what tells of them, in permanent frames and in all."""
    held, objects = Memory(), 3
    for name, *given in calls:
        if name == "drop":
            held.drop_object(*given)
            objects -= 1
        elif name == "keep":
            held.keep(_remembered(*given, objects))
        else:
            held.recall(_remembered(given[0], objects), given[1])
    told = []
    for rows in ([*range(objects)], *([row] for row in range(objects))):
        key, value = side_by_side(held.showing(rows, rows))
        lasting, _ = side_by_side(held.lasting_showing(rows))
        told.append([key.tolist(), value.tolist(), lasting.tolist(), held.greatest_area(rows[0])])
    return told


def whereabouts(calls: list[list[Any]]) -> Any:
    """Of each frame: whether anything was changed, and what was seen then."""
    ways, answers = Whereabouts(), []
    for name, *given in calls:
        if name == "settle":
            seen, known = _sighting(given[0]), given[1]
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
            seen = _sighting(given[1])
            answers.append(sorted(pairs.meet(_tracks(given[0]), seen, _knowing(seen, given[2]))))
        elif name == "blurred":
            answers.append(sorted(pairs.blurred(_tracks(given[0]), _sighting(given[1]))))
        else:
            getattr(pairs, name)(*given)
    return answers


def part(group: list[int], tracks: list[Any], seen: dict[str, Any], known: list[Any]) -> Any:
    now = _sighting(seen)
    changed, shift = parted(group, _tracks(tracks), now, _knowing(now, known))
    return [changed, [float(shift.real), float(shift.imag)], _told(now, seen)]


def learn(own: list[Any], area: float, centre: list[float], crowded: bool) -> Any:
    (learnt,) = _tracks([own])
    learnt.learn(area, complex(*centre), crowded)
    learnt.go_on()
    learnt.go_on(2 - 3j)
    numbers = [float(x) for each in (learnt.centre, learnt.speed) for x in (each.real, each.imag)]
    return [learnt.area, *numbers, learnt.frames, learnt.doubts]


def _sighting(given: dict[str, Any]) -> Sighting[Look]:
    looks = [Look(Region(*region), {}, masks.copy(), [*rows]) for region, masks, rows in given["looks"]]
    return Sighting(looks, [*given["homes"]])


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


def _remembered(number: int, objects: int) -> Sighting[MemoryFrame]:
    """Looks whose numbers say whose they are; their sizes and who is in sight differ."""
    looks = []
    for each in range(1 + number % 2):
        cells, name = 1 + (number + each) % 3, 10 * number + each
        rows = name + 100 * np.arange(objects, dtype=np.float32)[:, None, None]
        looks.append(
            MemoryFrame(
                region=Region(0, 0, 16 * cells, 20, 16, 16 * cells),
                features={},
                masks=np.tile((rows % 7 > 3).astype(np.float32), (1, 4, 4 * cells)),
                rows=[*range(objects)],
                key=np.full((2, cells), name, np.float32),
                value=np.tile(rows, (1, 2, cells)),
            )
        )
    return Sighting(looks, [row % len(looks) for row in range(objects)])


def correction(mask: np.ndarray, region: list[int], drawn: np.ndarray, click: list[Any]) -> Any:
    return packed(corrected(mask > 0, _drawn(region, drawn, 0.5), tuple(click)))


def corrected_by(mask: np.ndarray, drawn: list[Any], click: list[Any]) -> Any:
    return packed(corrected(mask, _candidate(drawn), tuple(click)))


def candidates_with_mean(found: list[Any], clicks: list[Any]) -> Any:
    """How sure the mean is of each cell, what it is worth, and which others come after it."""
    given = [_candidate(each) for each in found]
    mean, *others = with_mean(given, [tuple(click) for click in clicks])
    return [packed(mean.probabilities), mean.quality, mean.worth, [_number(each, given) for each in others]]


def candidates_agreed(views: list[list[Any]], canvas: list[int]) -> Any:
    """Their order, as numbers in all views."""
    given = [[_candidate(each) for each in view] for view in views]
    every = [each for view in given for each in view]
    return [_number(each, every) for each in agreed(given, Region(*canvas))]


def candidates_another(found: list[Any], canvas: list[int]) -> Any:
    given = [_candidate(each) for each in found]
    other = another(given, Region(*canvas))
    return None if other is None else _number(other, given)


def candidates_telling(first: list[Any], others: list[Any], canvas: list[int]) -> Any:
    given = [_candidate(each) for each in (first, *others)]
    return [_number(each, given) for each in candidates_that_tell(given[0], given[1:], Region(*canvas))]


def candidates_contradicted(region: list[int], logits: np.ndarray, clicks: list[Any]) -> Any:
    """What a candidate is worth then."""
    where = Region(*region)
    return Candidate(where, logits, 0.5, contradicted(where, logits, [tuple(click) for click in clicks])).worth


def _candidate(given: list[Any]) -> Candidate:
    region, logits, quality, faults = given
    return Candidate(Region(*region), logits, quality, faults)


def _number(one: Candidate, among: list[Candidate]) -> int:
    return next(number for number, each in enumerate(among) if each is one)


def telling(frame: Size, found: list[dict[str, Any]]) -> Any:
    """Which of some candidates are kept beside the first, and which is the next that is something else."""
    candidates = [_drawn(each["region"], each["mask"], each["quality"]) for each in found]
    canvas = whole_frame(tuple(frame), 288)
    kept, other = candidates_that_tell(candidates[0], candidates[1:], canvas), another(candidates, canvas)
    places = {id(each): number for number, each in enumerate(candidates)}
    return [[places[id(each)] for each in kept], None if other is None else places[id(other)]]


def _drawn(region: list[int], shares: np.ndarray, quality: float) -> Candidate:
    return Candidate(Region(*region), (12 * shares - 6).astype(np.float32), quality, 0)


def mode_table(models: dict[str, Any], model: str) -> Any:
    with patch.dict(modes._TABLE, {"models": models}):
        rows = {name: vars(mode_of(name, model)) for name in LIVE}
    return {
        name: {key: value for key, value in row.items() if key not in ("fixed", "mirrored")}
        for name, row in rows.items()
    }


def attention(
    mode: str,
    frame: Size,
    places: list[list[float] | None],
    missing: list[int],
    before: list[Any],
    unremembered: int,
) -> Any:
    judge, seen = Attention(LIVE[mode], tuple(frame)), [View(Region(*region), tuple(rows)) for region, rows in before]
    plan = judge.plan(places, missing, seen, unremembered)
    views = (plan.views, judge.changed(places, seen))
    return [plan.search, plan.remember, *([[values(view.region), [*view.rows]] for view in each] for each in views)]


def life(mode: str, size: Size, calls: list[list[Any]]) -> Any:
    """A tracker's: of each call the label map, the objects, and the sizes at which the network saw the frame."""
    runtime = SceneRuntime()
    tracker, told = Tracker(runtime, LIVE[mode]), []
    for name, *given in calls:
        runtime.viewed.clear()
        labels = None
        try:
            if name == "remove":
                tracker.remove(*given)
            elif name == "step":
                labels = tracker.step(frame_of(size, *given))
            elif name == "start":
                labels = tracker.start(frame_of(size, given[0]), labels_of(size, *given))
            else:
                labels = tracker.add(labels_of(size, *given))
        except InputError:
            told.append("refused")
            continue
        objects = [[i, state.state, round(state.score, 3)] for i, state in sorted(tracker.objects.items())]
        told.append([None if labels is None else packed(labels), objects, [list(seen) for seen in runtime.viewed]])
    return told


KINDS: dict[str, Callable[..., Any]] = {
    answer.__name__: answer
    for answer in (
        region_around,
        region_everywhere,
        region_compared,
        region_bounds,
        view,
        view_of_masks,
        transfer,
        paint,
        soften,
        ghosts,
        returns,
        target_model,
        correction,
        telling,
        memory,
        whereabouts,
        entangled,
        part,
        learn,
        mode_table,
        attention,
        life,
        candidates_with_mean,
        candidates_agreed,
        candidates_another,
        candidates_telling,
        candidates_contradicted,
    )
}
KINDS |= {"corrected": corrected_by} | {name: answering(rule) for name, rule in RULES.items()}


def answer(kind: str, given: dict[str, Any]) -> Any:
    """What a case of some kind, packed, gives."""
    return KINDS[kind](**unpacked(given))
