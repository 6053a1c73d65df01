"""What Python answers to each kind of case; replay.mjs has the same for the page's engine."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import numpy as np
from golden_packing import packed, unpacked
from golden_scenes import SceneRuntime, Shape, frame_of, labels_of

from mobilevos.engine import modes
from mobilevos.engine.attention import Attention
from mobilevos.engine.box import mask_of_box
from mobilevos.engine.ghosts import in_parts, without_ghosts
from mobilevos.engine.memory import Memory, MemoryFrame, recall
from mobilevos.engine.modes import MODES, mode_of
from mobilevos.engine.region import Region, around, whole_frame
from mobilevos.engine.returns import is_recognised, may_be_back, without
from mobilevos.engine.target_model import classifiers, evidence
from mobilevos.engine.tracker import Tracker
from mobilevos.errors import InputError

Size = tuple[int, int]
"""(height, width)."""


def values(region: Region) -> list[int]:
    """What describes a region."""
    return list(vars(region).values())


def region_around(bounds: list[float], frame: Size, size: int, margin: float, least: Size) -> Any:
    return values(around(tuple(bounds), frame, size, margin, tuple(least)))


def region_everywhere(frame: Size, size: int) -> Any:
    return values(whole_frame(frame, size))


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
    """Frames of one key number each; their cells' number differs, and masks and values hold what they stand for."""
    held = Memory()
    for name, number in calls:
        if name == "drop":
            held.drop_object(number)
            continue
        objects = len(held.frames[0].masks) if held.frames else 3
        cells = 1 + number % 3
        rows = number + 100 * np.arange(objects, dtype=np.float32)[:, None, None]
        frame = MemoryFrame(
            Region(0, 0, 16 * cells, 20, 16, 16 * cells),
            {},
            np.tile((rows % 7 > 3).astype(np.float32), (1, 4, 4 * cells)),
            np.full((2, cells), number, np.float32),
            np.tile(rows, (1, 2, cells)),
            np.concatenate([np.tile([[number + 2.0, 1], [1, 3]], (objects, 1, 1)), rows.repeat(2, 1)], 2),
        )
        if name == "keep":
            held.keep(frame)
        else:
            held.recall(frame)
    key, value, classifier = recall(held.frames, held.permanent)
    areas = [held.greatest_area(row) for row in range(len(value))]
    return [key.tolist(), value.tolist(), areas, None if classifier is None else classifier.round(3).tolist()]


def mode_table(models: dict[str, Any], model: str) -> Any:
    with patch.dict(modes._TABLE, {"models": models}):
        rows = {name: vars(mode_of(name, model)) for name in MODES}
    return {name: {key: value for key, value in row.items() if key != "fixed"} for name, row in rows.items()}


def attention(
    mode: str,
    frame: Size,
    bounds: list[list[float] | None],
    missing: list[int],
    before: list[int],
    unremembered: int,
) -> Any:
    judge, seen = Attention(MODES[mode], tuple(frame)), Region(*before)
    plan = judge.plan(bounds, missing, seen, unremembered)
    return [values(plan.region), plan.search, plan.remember, values(judge.changed(bounds, seen))]


def box(size: Size, shapes: list[Shape], box: list[int]) -> Any:
    try:
        return packed(mask_of_box(frame_of(size, shapes), tuple(box), SceneRuntime()))
    except InputError:
        return "refused"


def life(mode: str, size: Size, calls: list[list[Any]]) -> Any:
    """A tracker's: of each call the label map, the objects, and the sizes at which the network saw the frame."""
    runtime = SceneRuntime()
    tracker, told = Tracker(runtime, MODES[mode]), []
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
        memory,
        mode_table,
        attention,
        box,
        life,
    )
}


def answer(kind: str, given: dict[str, Any]) -> Any:
    """What a case of some kind, packed, gives."""
    return KINDS[kind](**unpacked(given))
