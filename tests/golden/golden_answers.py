"""What Python answers to each kind of case; replay.mjs has the same for the page's engine."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any
from unittest.mock import patch

import numpy as np
from golden_candidates import CANDIDATES, candidate_of
from golden_packing import packed, unpacked
from golden_perception import PERCEPTION
from golden_prompts import PROMPTS
from golden_rules import RULES, answering
from golden_scenes import SceneRuntime, frame_of, labels_of
from golden_search import SEARCH
from golden_sightings import SIGHTINGS

from mobilevos.engine import modes
from mobilevos.engine.attention import Attention, View
from mobilevos.engine.bounds import bounds_of
from mobilevos.engine.candidates import Candidate, another
from mobilevos.engine.candidates import telling as candidates_that_tell
from mobilevos.engine.correction import corrected
from mobilevos.engine.ghosts import in_parts, without_ghosts
from mobilevos.engine.grouping import groups as groups_of
from mobilevos.engine.memory import Memory, side_by_side
from mobilevos.engine.modes import LIVE, Mode, mode_of
from mobilevos.engine.region import Region, around, whole_frame
from mobilevos.engine.returns import is_recognised, may_be_back, without
from mobilevos.engine.sighting import MemoryFrame, Sighting
from mobilevos.engine.target_model import classifiers, evidence
from mobilevos.engine.tracker import Tracker
from mobilevos.errors import InputError

Size = tuple[int, int]
"""(height, width)."""


def values(region: Region) -> list[int]:
    """What describes a region."""
    return list(vars(region).values())


def region_around(bounds: list[float], frame: Size, size: int, margin: float, least: Size, enlarged: int) -> Any:
    return values(around(tuple(bounds), frame, size, margin, tuple(least), enlarged=enlarged))


def around_zoomed(frame_size: Size, size: int, margin: float, **given: Any) -> Any:
    return values(around(frame_size=frame_size, size=size, margin=margin, **given))


def region_resembles(own: list[int], other: list[int]) -> Any:
    return Region(*own).resembles(Region(*other))


def region_bounds_in_source(own: list[int], mask: np.ndarray) -> Any:
    """Of cells of any size; twice if these are pixels."""
    region = Region(*own)
    found = region.bounds_in_source(mask)
    return [found, found if mask.shape == region.box_size else None]


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


def returns(masks: np.ndarray, recognised: np.ndarray, whole: float, rows: list[int]) -> Any:
    back = may_be_back(masks[0], whole, masks[1:])
    known = bool((masks[0] > 0.5).any()) and is_recognised(masks[0], recognised)
    return [back, known, packed(without(masks, rows))]


def target_model(descriptors: np.ndarray, masks: np.ndarray) -> Any:
    """Of two frames with the same masks."""
    found = classifiers([evidence(descriptor, masks) for descriptor in descriptors])
    return None if found is None else found.round(3).tolist()


def memory(calls: list[list[Any]]) -> Any:
    """What is kept; of all objects and of each, what tells of them: keys, values, lasting keys, area and models.

    The last is whether the newest frame shows all.
    """
    held, objects = Memory(), 3
    for name, *given in calls:
        if name == "drop":
            held.drop_object(*given)
            objects -= 1
        elif name == "keep":
            held.keep(_remembered(*given, objects))
        else:
            held.recall(_remembered(given[0], objects), given[1])
    kept = [*(look for frame in held.permanent for look in frame.looks), *held.absent]
    told: list[Any] = [[float(look.key[0, 0]) for look in kept]]
    for rows in ([*range(objects)], *([row] for row in range(objects))):
        showing = held.showing(rows, rows)
        key, value = side_by_side(showing)
        models = classifiers([look.evidence for look in showing])
        assert models is not None
        lasting, _ = side_by_side(held.lasting_showing(rows))
        told.append(
            [key.tolist(), value.tolist(), lasting.tolist(), held.greatest_area(rows[0]), models.round(3).tolist()]
        )
    return [*told, held.shows_all(held.frames[-1])]


def _remembered(number: int, objects: int) -> Sighting[MemoryFrame]:
    """Looks whose numbers say whose they are; their sizes and who is in sight differ."""
    looks = []
    for each in range(1 + number % 2):
        cells, name = 1 + (number + each) % 3, 10 * number + each
        shown = np.repeat(np.arange(4)[:, None] <= name % 4, 4 * cells, 1)
        rows = name + 100 * np.arange(objects, dtype=np.float32)[:, None, None]
        looks.append(
            MemoryFrame(
                region=Region(0, 0, 16 * cells, 20, 16, 16 * cells),
                features={},
                masks=(rows % 7 > 3).astype(np.float32) * shown,
                rows=[*range(objects)],
                key=np.full((2, cells), name, np.float32),
                value=np.tile(rows, (1, 2, cells)),
                evidence=np.concatenate([np.full_like(rows, 1 + name), rows], 2),
            )
        )
    return Sighting(looks, [row % len(looks) for row in range(objects)])


def correction(mask: np.ndarray, region: list[int], drawn: np.ndarray, click: list[Any]) -> Any:
    return packed(corrected(mask > 0, _drawn(region, drawn, 0.5), tuple(click)))


def corrected_by(mask: np.ndarray, drawn: list[Any], click: list[Any]) -> Any:
    return packed(corrected(mask, candidate_of(drawn), tuple(click)))


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
        with suppress(InputError):
            mode_of("nobody's", model)
            return "not refused"
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
    judge, seen = Attention(LIVE[mode], tuple(frame)), _views(before)
    plan = judge.plan(places, missing, seen, unremembered)
    return [plan.search, plan.remember, _told(plan.views), _told(judge.changed(places, seen))]


def attention_plan(
    own: dict[str, Any], places: list[Any], missing: list[int], before: list[Any], unremembered: int
) -> Any:
    plan = _attention(own).plan(places, missing, _views(before), unremembered)
    return [plan.search, plan.remember, _told(plan.views)]


def attention_changed(own: dict[str, Any], places: list[Any], before: list[Any]) -> Any:
    return _told(_attention(own).changed(places, _views(before)))


def _attention(own: dict[str, Any]) -> Attention:
    return Attention(Mode(**own["mode"]), tuple(own["frame"]))


def _views(given: list[Any]) -> list[View]:
    return [View(Region(*region), tuple(rows)) for region, rows in given]


def _told(views: list[View]) -> Any:
    return [[values(view.region), [*view.rows]] for view in views]


def groups(places: list[Any], before: Any = ()) -> Any:
    """Where a region is just around what it shows, a thousand pixels wide and high."""

    def region(bounds: Iterable[Any]) -> Region:
        left, top, right, bottom = zip(*([each for each in bounds if each] or [(0, 0, 1e6, 1e6)]), strict=True)
        return Region(*(int(10 * side) for side in (min(left), min(top), max(right), max(bottom))), 1000, 1000)

    return [[*group] for group in groups_of(places, region, [tuple(group) for group in before])]


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
            elif name == "step_in":
                labels = tracker.step(frame_of(tuple(given[0]), given[1]))
            elif name == "start":
                labels = tracker.start(frame_of(size, given[0]), labels_of(size, *given))
            else:
                labels = tracker.add(labels_of(size, *given))
        except InputError:
            told.append("refused")
            continue
        objects = [
            [i, state.state, round(state.score, 3), labels is None or bool(state.area == (labels == i).sum())]
            for i, state in sorted(tracker.objects.items())
        ]
        told.append([None if labels is None else packed(labels), objects, [list(seen) for seen in runtime.viewed]])
    return told


KINDS: dict[str, Callable[..., Any]] = {
    answer.__name__: answer
    for answer in (
        region_around,
        region_everywhere,
        region_compared,
        region_bounds,
        region_resembles,
        region_bounds_in_source,
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
        mode_table,
        attention,
        attention_plan,
        attention_changed,
        groups,
        life,
    )
}
KINDS |= {"around": around_zoomed, "bounds_of": bounds_of, "corrected": corrected_by} | SIGHTINGS | CANDIDATES
KINDS |= PERCEPTION | PROMPTS | SEARCH | {name: answering(rule) for name, rule in RULES.items()}


def answer(kind: str, given: dict[str, Any]) -> Any:
    """What a case of some kind, packed, gives."""
    return KINDS[kind](**unpacked(given))
