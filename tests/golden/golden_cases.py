"""The cases: what is given, drawn by chance from seeds, with borders, odd sizes and single pixels among them."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from golden_edges import edge_cases
from golden_packing import packed, packed_levels, packed_shares
from golden_perception import perception_cases
from golden_prompts import prompt_cases
from golden_scenes import COLOURS, labels_of
from golden_situations import situations

from mobilevos.engine.attention import Attention
from mobilevos.engine.modes import LIVE
from mobilevos.engine.region import Region

Rng = np.random.Generator
Given = dict[str, Any]


def _pick(rng: Rng, *choices: Any) -> Any:
    return choices[rng.integers(len(choices))]


def _frame_size(rng: Rng, longest: int = 1200) -> tuple[int, int]:
    usual = (int(rng.integers(1, longest)), int(rng.integers(1, longest)))
    return _pick(rng, usual, usual, (1, 1), (1, usual[1]), (usual[0], 1), (longest, longest // 2 + 1))


def _bounds(rng: Rng, frame: tuple[int, int]) -> list[float]:
    """At times a single pixel, at times all of the frame."""
    height, width = frame
    if rng.random() < 0.15:
        x, y = int(rng.integers(width)), int(rng.integers(height))
        return [float(x), float(y), x + 1.0, y + 1.0]
    if rng.random() < 0.1:
        return [0.0, 0.0, float(width), float(height)]
    x, y = (np.sort(rng.random(2) ** 2 * side).round(3) for side in (width, height))
    return [float(x[0]), float(y[0]), float(x[1]) + 0.5, float(y[1]) + 0.5]


def _region(rng: Rng, frame: tuple[int, int], cells: int = 24) -> list[int]:
    """Somewhere in a frame, seen in at most so many cells each way."""
    height, width = frame
    top, left = int(rng.integers(height)), int(rng.integers(width))
    bottom, right = int(rng.integers(top + 1, height + 1)), int(rng.integers(left + 1, width + 1))
    rows, columns = (16 * int(rng.integers(1, cells // 4 + 1)) for _ in range(2))
    return [left, top, right, bottom, rows, columns]


def _masks(rng: Rng, grid: tuple[int, int], objects: int) -> np.ndarray:
    """(objects, *grid) uint8 shares of 255 that sum up to 255 at most: blobs, some of a cell, some over the border."""
    rows, columns = grid
    yy, xx = np.mgrid[:rows, :columns]
    y, x = rng.uniform(-1, rows + 1, (objects, 1, 1)), rng.uniform(-1, columns + 1, (objects, 1, 1))
    radii = rng.uniform(0.3, 0.5 * max(grid), (objects, 1, 1))
    sharpness = rng.uniform(0.5, 6)
    near = 1 / (1 + np.exp(np.clip(sharpness * (np.hypot(yy - y, xx - x) - radii), -50, 50)))
    near *= rng.random(near.shape) < rng.choice([0.7, 0.95, 1.0])
    near = np.floor(255 * near / np.maximum(1, near.sum(0))).astype(np.uint8)
    if rng.random() < 0.15:
        near[rng.integers(objects)] = 0
    return near


def _ids(rng: Rng, count: int) -> list[int]:
    return [int(i) for i in rng.choice([1, 2, 3, 7, 64, 128, 200, 254, 255], count, replace=False)]


def region_around(rng: Rng) -> Given:
    frame = _frame_size(rng)
    least = [0.0, 0.0] if rng.random() < 0.5 else [float(x) for x in (rng.random(2) * 1.1 * frame).round(2)]
    size, margin = int(rng.integers(64, 500)), float(_pick(rng, 0.25, 0.3, 0.5))
    given = {"bounds": _bounds(rng, frame), "frame": frame, "size": size, "margin": margin, "least": least}
    return given | {"enlarged": _enlarged(rng, size)}


def region_everywhere(rng: Rng) -> Given:
    size = int(rng.integers(64, 500))
    halves = (4 * int(rng.integers(20, 60)), 4 * int(rng.integers(20, 60)))  # enlarged twice, between two whole sizes
    return {"frame": _pick(rng, _frame_size(rng, 3000), halves), "size": size, "enlarged": _enlarged(rng, size)}


def _enlarged(rng: Rng, size: int) -> int:
    return int(_pick(rng, size, int(0.8 * size)))


def region_compared(rng: Rng) -> Given:
    frame = (300, 400)
    one = _region(rng, frame)
    other = [*(one + rng.integers(-1, 2, 6) * rng.integers(0, 2) * np.array([9, 7, 9, 7, 0, 0]))]
    other = _pick(rng, one, [int(each) for each in other], _region(rng, frame))
    left, top, right, bottom = one[:4]
    bounds = _pick(rng, _bounds(rng, frame), [left, top, right, bottom], [left + 0.5, top, right - 0.5, bottom + 0.5])
    return {"region": one, "other": other, "bounds": bounds}


def region_bounds(rng: Rng) -> Given:
    region = _region(rng, _frame_size(rng, 500))
    grid = _pick(rng, (region[4] // 4, region[5] // 4), (region[4] // 4, region[5] // 4))
    mask = _masks(rng, grid, 1)[0]
    if rng.random() < 0.3:
        mask[:] = 0
        mask[rng.integers(grid[0]), rng.integers(grid[1])] = _pick(rng, 127, 128, 255)
    return {"region": region, "mask": packed_shares(mask)}


def view(rng: Rng) -> Given:
    frame = (int(rng.integers(1, 40)), int(rng.integers(1, 40)))
    region = _region(rng, frame, 8)
    if rng.random() < 0.15:  # seen as it is
        frame, region = (30, 23), [3, 5, 19, 21, 16, 16]
    if rng.random() < 0.25:  # whole pixels are averaged first
        frame, region = (70, 61), [0, 0, int(rng.integers(33, 62)), int(rng.integers(33, 71)), 16, 16]
    rgb = rng.integers(0, 256, (*frame, 3), dtype=np.uint8) // _pick(rng, 8, 64) * _pick(rng, 1, 3)
    return {"region": region, "frame": packed(rgb)}


def view_of_masks(rng: Rng) -> Given:
    frame = (int(rng.integers(1, 130)), int(rng.integers(1, 130)))
    ids = _ids(rng, int(rng.integers(1, 5)))
    labels = np.zeros(frame, np.uint8)
    for i in ids:
        if i == ids[0] or rng.random() < 0.5:
            top, left = rng.integers(frame[0]), rng.integers(frame[1])
        height, width = _pick(rng, (1, 1), (1, 3), tuple(rng.integers(1, 60, 2)))
        labels[top : top + height, left : left + width] = i
    return {"region": _region(rng, frame), "labels": packed(labels), "ids": ids}


def transfer(rng: Rng) -> Given:
    frame = (int(rng.integers(20, 400)), int(rng.integers(20, 400)))
    region, target = _region(rng, frame), _region(rng, frame)
    if rng.random() < 0.1:
        target = region
    masks = _masks(rng, (region[4] // 4, region[5] // 4), int(rng.integers(1, 4)))
    return {"region": region, "target": target, "masks": packed_shares(masks)}


def paint(rng: Rng) -> Given:
    region = _region(rng, _frame_size(rng, 160), 16)
    count = int(rng.integers(1, 6))
    masks = _masks(rng, (region[4] // 4, region[5] // 4), count)
    return {"region": region, "masks": packed_shares(masks), "ids": _ids(rng, count)}


def soften(rng: Rng) -> Given:
    region = _region(rng, _frame_size(rng, 90), 12)
    masks = _masks(rng, (region[4] // 4, region[5] // 4), int(rng.integers(1, 4)))
    return {"region": region, "masks": packed_shares(masks)}


def ghosts(rng: Rng) -> Given:
    grid = (int(rng.integers(1, 16)), int(rng.integers(1, 16)))
    scattered = (255 * rng.random((2, *grid)) ** rng.uniform(0.5, 4)).astype(np.uint8)
    mask, known = _pick(rng, scattered, _masks(rng, grid, 2), np.maximum(*_masks(rng, grid, 2))[None].repeat(2, 0))
    if rng.random() < 0.5:
        known = np.where(np.arange(grid[1]) < rng.integers(grid[1] + 1), mask, 0).astype(np.uint8)
    return {"mask": packed_shares(mask), "recognised": packed_shares(known)}


def returns(rng: Rng) -> Given:
    grid, objects = (int(rng.integers(1, 16)), int(rng.integers(1, 16))), int(rng.integers(1, 5))
    masks = _masks(rng, grid, objects)
    recognised = _pick(rng, masks[0], _masks(rng, grid, 1)[0], np.where(rng.random(grid) < 0.5, masks[0], 0))
    inside = max(1, np.count_nonzero(masks[0] > 127))
    whole = float(_pick(rng, 16 * inside, 16.5 * inside, 1.0, 100.0))
    rows = sorted({int(row) for row in rng.integers(0, objects, rng.integers(0, objects + 1))})
    recognised = packed_shares(recognised.astype(np.uint8))
    return {"masks": packed_shares(masks), "recognised": recognised, "whole": whole, "rows": rows}


def target_model(rng: Rng) -> Given:
    grid = (2 * int(rng.integers(1, 8)), 2 * int(rng.integers(1, 8)))
    masks = _masks(rng, grid, int(rng.integers(1, 4)))
    channels = int(rng.integers(1, 6))
    descriptors = rng.integers(0, 256, (2, channels, grid[0] // 2, grid[1] // 2), dtype=np.uint8)
    return {"descriptors": packed_shares(descriptors), "masks": packed_shares(masks)}


def memory(rng: Rng) -> Given:
    calls: list[list[Any]] = [["keep", 1]]
    left, often = 3, _pick(rng, 0.3, 0.3, 1)
    for number in range(2, int(rng.integers(3, 20))):
        name = _pick(rng, "keep", "recall", "recall", "recall", "drop")
        if name == "drop" and left > 1:
            calls.append([name, int(rng.integers(left))])
            left -= 1
        elif name == "keep":
            calls.append([name, number])
        elif name == "recall":
            calls.append([name, number, [row for row in range(left) if rng.random() < often]])
    return {"calls": calls}


def whereabouts(rng: Rng) -> Given:
    """Bodies that cross; then one mask may have both, or they are exchanged or mixed. A third has a look of its own."""
    rows, columns, side = int(rng.integers(7, 13)), int(rng.integers(36, 48)), int(rng.integers(3, 5))
    region, apart = [8, 4, 8 + 5 * columns, 4 + 4 * rows, 4 * rows, 4 * columns], [0, 0, 96, 48, 32, 64]
    pace, meet, top = _pick(rng, 1, 1.5, 2, 3), _pick(rng, 0, 1, 3), int(rng.integers(0, rows - side))
    wrong, alike, calls, left = _pick(rng, "one has both", "exchanged", "mixed", "right"), rng.random() < 0.7, [], 3
    for t in range(int((columns - side) / pace) - 1):
        places = [pace * t, columns - side - pace * t]
        near = abs(places[0] - places[1]) < side + meet
        met = places[0] > places[1] - side
        bodies = np.zeros((2, rows, columns))
        for row, x in enumerate(places):
            bodies[row, top : top + side, max(0, round(x)) : round(x) + side] = 1
        noise = rng.uniform(0.6, 0.98, (3, rows, columns))
        rest = (bodies[1] - bodies[0]).clip(0)
        masks = [bodies[0], rest]
        if met and wrong == "one has both":
            masks = [bodies.max(0), 0.4 * rest]
        elif met and wrong == "exchanged":
            masks = [rest, bodies[0]]
        elif met and wrong == "mixed":
            masks = [each.copy() for each in masks]
            masks[0][top], masks[1][top] = rest[top], bodies[0][top]
        masks = np.stack([*masks, np.zeros((rows, columns))]) * noise
        known = np.stack([*(_known(bodies, row, alike, rng) for row in (0, 1)), np.zeros((rows, columns))])
        third = np.zeros((3, 8, 16))
        third[2, 2:5, t % 10 : t % 10 + 4] = 0.9 * (rng.random() < 0.9)
        looks = [[region, masks, known], [apart, third, third]]
        if near and rng.random() < 0.1:
            calls.append(["forget", int(rng.integers(left))])
        if left == 3 and rng.random() < 0.03:
            calls.append(["drop_object", 2])
            left = 2
        looks = looks[: left - 1]
        seen = [[where, packed_shares(_bytes(each[:left])), [*range(left)]] for where, each, _ in looks]
        shares = [packed_shares(_bytes(each[:left])) for *_, each in looks]
        calls.append(["settle", {"looks": seen, "homes": [0, 0, 1][:left]}, shares])
    return {"calls": calls}


def _seen(rng: Rng) -> tuple[tuple[int, int], Given]:
    """Two looks at three objects, in regions of a small frame."""
    frame = (int(rng.integers(20, 70)), int(rng.integers(20, 70)))
    looks = []
    for _ in range(2):
        region = _region(rng, frame, 8)
        looks.append([region, packed_shares(_masks(rng, (region[4] // 4, region[5] // 4), 3)), [0, 1, 2]])
    return frame, {"looks": looks, "homes": [int(home) for home in rng.integers(0, 2, 3)]}


def sighting_soften(rng: Rng) -> Given:
    frame, seen = _seen(rng)
    return {"own": seen, "rows": [row for row in range(3) if rng.random() < 0.7], "frame_size": frame}


def sighting_paint(rng: Rng) -> Given:
    frame, seen = _seen(rng)
    return {"own": seen, "ids": _ids(rng, 3), "frame_size": frame}


def _known(bodies: np.ndarray, row: int, alike: bool, rng: Rng) -> np.ndarray:
    """What permanent frames know of one of two objects."""
    own, other = (0.5, 0.4) if alike else (0.9, 0.1)
    return own * bodies[row] * rng.uniform(0.7, 1) + (other * bodies[1 - row] * (1 - bodies[row])) * rng.uniform(0.7, 1)


def _bytes(shares: np.ndarray) -> np.ndarray:
    return np.floor(255 * shares).astype(np.uint8)


def correction(rng: Rng) -> Given:
    """A mask of some parts, a drawing that has a part less or more, and a click in the region or just outside.

    At times these are specks, of which a click means those that touch it.
    """
    frame = (int(rng.integers(24, 120)), int(rng.integers(24, 120)))
    region = _region(rng, frame)
    left, top, right, bottom = region[:4]
    mask = _masks(rng, frame, 3).max(0) > _pick(rng, 60, 127)
    drawn = _masks(rng, (region[4] // 4, region[5] // 4), _pick(rng, 1, 3)).max(0)
    if rng.random() < 0.5:  # half of what there was, or all of it, and something else
        same = Region(*region).view_masks(mask[None].astype(np.float32))[0]
        drawn = np.maximum((255 * same * rng.random((1, same.shape[1]))).astype(np.uint8), drawn * (rng.random() < 0.5))
    x, y = int(rng.integers(left, right)), int(rng.integers(top, bottom))
    if rng.random() < 0.6:
        mask = np.kron(rng.random(frame) < 0.12, np.ones((4, 4)))[: frame[0], : frame[1]] > 0
        drawn = 255 * (rng.random(drawn.shape) < 0.15).astype(np.uint8)
        x, y = _pick(rng, x, x, left - 2, right + 1), _pick(rng, y, y, top - 2, bottom + 1)
    click = [x + 0.5, y + 0.5, bool(rng.random() < 0.5)]
    return {"mask": packed(mask), "region": region, "drawn": packed_shares(drawn), "click": click}


def candidates_contradicted(rng: Rng) -> Given:
    """Few cells are likely, or few are not; clicks lie in all of the region, and just outside."""
    left, top, right, bottom, _, _ = region = _region(rng, (int(rng.integers(20, 90)), int(rng.integers(20, 90))), 8)
    sign, grid = _pick(rng, -1.0, 1.0), (region[4] // 4, region[5] // 4)
    odds = np.where(rng.random(grid) < _pick(rng, 0.02, 0.1), -sign, sign).astype(np.float32)
    odds[rng.random(grid) < _pick(rng, 0, 0.3, 1)] *= 0
    places = rng.uniform([left - 2, top - 2], [right + 2, bottom + 2], (8, 2)).round(1)
    clicks = [[float(x), float(y), sign < 0] for x, y in places]
    return {"region": region, "logits": packed_levels(odds), "clicks": clicks}


def telling(rng: Rng) -> Given:
    """Masks seen in some regions of a frame, each with what it is worth."""
    frame = (int(rng.integers(40, 200)), int(rng.integers(40, 200)))
    found = []
    for _ in range(int(rng.integers(2, 9))):
        region = _region(rng, frame)
        shares = _masks(rng, (region[4] // 4, region[5] // 4), 1)[0]
        found.append({"region": region, "mask": packed_shares(shares), "quality": round(float(rng.random()), 3)})
    return {"frame": frame, "found": found}


def mode_table(rng: Rng) -> Given:
    names = [str(name) for name in rng.choice(list(LIVE), 2, replace=False)]
    own = {name: {"size": int(rng.integers(64, 500)), "refresh": int(rng.integers(1, 5))} for name in names}
    return {"models": {"mine": own}, "model": _pick(rng, "mine", "other")}


def attention(rng: Rng, mode: str) -> Given:
    """In sight are none to five objects, near to each other or far apart; before, they were in one view or in two."""
    frame = _frame_size(rng)
    places: list[list[float] | None] = [_bounds(rng, frame) for _ in range(rng.integers(0, 6))]
    if rng.random() < 0.5:
        places = [place and [place[0], place[1], place[0] + 5.0, place[1] + 9.0] for place in places]
    missing = [0] * len(places)
    gone = [int(frames) for frames in rng.integers(1, 20, rng.integers(not places, 3))]
    places, missing = places + [None] * len(gone), missing + gone
    order = rng.permutation(len(places))
    places, missing = [places[at] for at in order], [missing[at] for at in order]
    judge = Attention(LIVE[mode], frame)
    pace = rng.normal(0, 3, 2).round(2)
    moved = [place and [float(side) for side in np.add(place, [*pace, *pace])] for place in places]
    before = [[list(vars(view.region).values()), list(view.rows)] for view in judge.views(moved)]
    if rng.random() < 0.3:
        halves = [list(range(0, len(places), 2)), list(range(1, len(places), 2))]
        before = [[list(vars(judge.region([moved[row] for row in half])).values()), half] for half in halves if half]
    if rng.random() < 0.2:
        before = [[list(vars(judge.everywhere).values()), list(range(len(places)))]]
    return {
        "mode": mode,
        "frame": frame,
        "places": places,
        "missing": missing,
        "before": before,
        "unremembered": int(rng.integers(0, 4)),
    }


def life(rng: Rng, mode: str) -> Given:
    """Objects that move, leave, return, are hidden, are added, corrected and removed, in any order."""
    size = _pick(rng, (60, 80), (45, 121), (97, 64), (120, 200))
    count = int(rng.integers(1, 5))
    ids, colours = _ids(rng, count), rng.permutation(len(COLOURS))[:count]
    sides = rng.integers(3, 36, (count, 2)) if rng.random() < 0.8 else rng.integers(1, 14, (count, 2))
    corners, pace = rng.uniform(0, 1, (count, 2)) * size - 4, rng.uniform(-4, 4, (count, 2))
    gone = [(int(rng.integers(2, 9)), int(rng.integers(2, 14))) for _ in ids]
    leaves = rng.random(count) < 0.5

    def shapes(time: int) -> list[list[int]]:
        shown = []
        for i, colour, (height, width), corner, each, (begin, frames), away in zip(
            ids, colours, sides, corners, pace, gone, leaves, strict=True
        ):
            if not (away and begin <= time < begin + frames):
                top, left = (corner + time * each).round()
                shown.append([i, int(colour), int(top), int(left), int(height), int(width)])
        return shown

    def shown(time: int, some: list[int]) -> list[int]:
        return [i for i in some if (labels_of(size, shapes(time), ids) == i).any()]

    start = next((time for time in range(4) if shown(time, ids)), None)
    if start is None:
        return life(rng, mode)
    first = shown(start, ids)[: int(rng.integers(1, count + 1))]
    calls: list[list[Any]] = [["start", shapes(start), first]]
    for time in range(start + 1, start + int(rng.integers(6, 22))):
        calls.append(["step", shapes(time)])
        if rng.random() < 0.12 and (some := shown(time, [_pick(rng, *ids)])):
            calls.append(["add", shapes(time), some])
        if rng.random() < 0.05:
            calls.append(["remove", _pick(rng, *ids)])
    return {"mode": mode, "size": size, "calls": calls}


def _in_each_mode(make: Callable[[Rng, str], Given], number: int) -> Iterator[tuple[str, Given]]:
    for mode in LIVE:
        for seed in range(number):
            yield make.__name__, make(np.random.default_rng([len(mode), seed]), mode)


def cases() -> Iterator[tuple[str, Given]]:
    """Kind and what is given, of each."""
    numbers = {
        region_around: 45,
        region_everywhere: 30,
        region_compared: 15,
        region_bounds: 20,
        view: 30,
        view_of_masks: 25,
        transfer: 25,
        paint: 40,
        soften: 12,
        ghosts: 35,
        returns: 35,
        memory: 25,
        target_model: 15,
        whereabouts: 12,
        correction: 60,
        telling: 25,
        candidates_contradicted: 40,
        sighting_soften: 15,
        sighting_paint: 15,
        mode_table: 4,
    }
    for make, number in numbers.items():
        for seed in range(number):
            yield make.__name__, make(np.random.default_rng(seed))
    yield from _in_each_mode(attention, 25)
    yield from _in_each_mode(life, 15)
    yield from edge_cases()
    yield from perception_cases()
    yield from prompt_cases()
    yield from situations()
