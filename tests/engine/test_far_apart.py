"""Objects far apart are looked at in two regions; those near to each other and single ones in one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colour_runtime import COLOURS, ColourRuntime, assert_follows, painted, states
from mobilevos.engine.memory import MAX_ABSENT, MAX_PERMANENT
from mobilevos.engine.modes import mode_of
from mobilevos.errors import InputError
from mobilevos.evaluation import jaccard
from mobilevos.tracker import Tracker

SIZE = (240, 428)
SEARCH_EVERY = mode_of(160).search
Boxes = dict[int, tuple[int, int, int, int]]
FAR: Boxes = {3: (30, 20, 46, 36), 200: (165, 370, 30, 40)}


def tracked(boxes: Boxes, *ids: int) -> tuple[Tracker, ColourRuntime]:
    """A tracker that has been given some of the objects in boxes, or all."""
    runtime = ColourRuntime()
    tracker = Tracker(runtime=runtime, size=160)
    frame, labels = painted(SIZE, boxes)
    tracker.start(frame, np.where(np.isin(labels, ids), labels, 0) if ids else labels)
    return tracker, runtime


def moved(boxes: Boxes, down: int, across: int) -> Boxes:
    return {i: (top + down, left + across, *sides) for i, (top, left, *sides) in boxes.items()}


def looks(tracker: Tracker, runtime: ColourRuntime, boxes: Boxes) -> int:
    """How often the network sees a frame in which the objects must be found."""
    runtime.viewed.clear()
    frame, labels = painted(SIZE, boxes)
    assert_follows(tracker.step(frame), labels)
    return len(runtime.viewed)


def test_each_is_seen_and_remembered_as_if_it_were_alone() -> None:
    both, seen = tracked(FAR)
    for i in FAR:
        alone, seen_alone = tracked(FAR, i)
        assert {*seen_alone.viewed} <= {*seen.viewed}
        assert seen_alone.recalled == []
        both.start(*painted(SIZE, FAR))
        for t in range(1, 5):
            frame, _ = painted(SIZE, moved(FAR, t, -t))
            found, expected = both.step(frame), alone.step(frame)
            np.testing.assert_array_equal(found == i, expected == i)
            soft = alone.soft()
            np.testing.assert_array_equal(both.soft([i]), soft)
            assert (both.soft()[soft > 0.5] > 0.5).all()


def test_two_looks_a_frame_at_most_and_one_for_what_is_near() -> None:
    tracker, runtime = tracked(FAR)
    assert looks(tracker, runtime, FAR) == 2
    spread: Boxes = {3: (5, 5, 30, 30), 200: (200, 390, 30, 30), 7: (5, 390, 30, 30)}
    tracker, runtime = tracked(spread)
    assert looks(tracker, runtime, spread) <= 2
    near: Boxes = {3: (100, 150, 30, 30), 200: (100, 185, 30, 30)}
    tracker, runtime = tracked(near)
    assert looks(tracker, runtime, near) == 1


def test_they_come_together_and_part_again() -> None:
    def boxes(t: int) -> Boxes:
        apart = 7 * abs(25 - t)
        return {3: (100, 197 - apart, 35, 30), 200: (105, 232 + apart, 30, 35)}

    tracker, runtime = tracked(boxes(0))
    numbers = [looks(tracker, runtime, boxes(t)) for t in range(1, 50)]
    assert (numbers[0], numbers[24], numbers[-1]) == (2, 1, 2)
    joined, parted = np.flatnonzero(np.diff(numbers))
    assert 24 - joined < parted - 24  # they are looked at apart down to a smaller distance than that which parts them


def test_objects_that_cross_keep_their_ids() -> None:
    def boxes(t: int) -> Boxes:
        return {3: (90, 10 + 14 * t, 30, 30), 200: (125, 385 - 14 * t, 30, 30)}

    tracker, runtime = tracked(boxes(0))
    for t in range(1, 26):
        looks(tracker, runtime, boxes(t))


def test_one_that_leaves_costs_the_other_nothing() -> None:
    tracker, runtime = tracked(FAR)
    alone, seen_alone = tracked(FAR, 3)
    for t in range(1, 20):
        frame, labels = painted(SIZE, {3: FAR[3]})
        runtime.viewed.clear()
        seen_alone.viewed.clear()
        found = tracker.step(frame)
        np.testing.assert_array_equal(found, alone.step(frame))
        assert_follows(found, labels)
        search = t > 1 and (t - 1) % SEARCH_EVERY == SEARCH_EVERY - 1
        extra = (t == 1) + search + (t == 2)  # the surroundings are looked at once, when it is first missed
        assert len(runtime.viewed) == len(seen_alone.viewed) + extra
        assert seen_alone.viewed[0] in runtime.viewed
    assert states(tracker) == {3: "visible", 200: "occluded"}
    for _ in range(SEARCH_EVERY):
        frame, labels = painted(SIZE, moved(FAR, 0, -20))
        found = tracker.step(frame)
    assert_follows(found, labels)


def test_what_a_lost_object_had_become_is_not_forgotten() -> None:
    """Half of it changes its colour bit by bit, it goes, memory is renewed, and it returns as it left."""

    def shown(green: int) -> np.ndarray:
        frame, _ = painted(SIZE, FAR)
        frame[165:195, 370:390] = (40, green, 220)
        return frame

    tracker, _ = tracked(FAR)
    for green in (90, 90, 90, 90, 103, 103, 103, 103):
        before = tracker.step(shown(green)) == 200
    assert before[170:190, 372:408].all()
    for _ in range(10):
        tracker.step(painted(SIZE, {3: FAR[3]})[0])
    assert states(tracker)[200] == "occluded"
    for _ in range(SEARCH_EVERY):
        found = tracker.step(shown(103)) == 200
    assert jaccard(found, before) > 0.9


def test_objects_given_at_frames_1_2_and_40_at_480p() -> None:
    whole: Boxes = {3: (60, 40, 90, 70), 200: (330, 740, 60, 80), 7: (70, 700, 50, 60)}
    tracker, known = Tracker(runtime=ColourRuntime(), size=160), [3]
    tracker.start(*painted((480, 854), {3: whole[3]}))
    for t in range(1, 50):
        present = {i: box for i, box in moved(whole, t // 3, 0).items() if i != 200 or not 20 <= t < 30}
        frame, labels = painted((480, 854), present)
        tracker.step(frame)
        if t in (2, 40):
            known.append(200 if t == 2 else 7)
            tracker.add(np.where(labels == known[-1], labels, 0))
        if t % 10 == 9:
            assert_follows(tracker.step(frame), np.where(np.isin(labels, known), labels, 0))
    assert states(tracker) == {3: "visible", 200: "visible", 7: "visible"}


CALLS = st.sampled_from(["start", "step", "step", "step", "add", "correct", "remove", "leave", "return"])


@settings(max_examples=40, deadline=None)
@given(st.lists(CALLS, min_size=3, max_size=25), st.randoms(use_true_random=False))
def test_any_order_of_calls_keeps_ids_shapes_and_bounds(calls: list[str], random: object) -> None:
    size = (96, 240)
    pick = random.randint  # type: ignore[attr-defined]
    boxes = {i: (pick(0, 70), pick(0, 210), pick(4, 26), pick(4, 30)) for i in COLOURS}
    gone: set[int] = set()
    runtime = ColourRuntime()
    tracker = Tracker(runtime=runtime, size=64)
    known: set[int] = set()
    for call in ("start", *calls):
        present = {i: box for i, box in boxes.items() if i not in gone}
        frame, labels = painted(size, present)
        i = [*COLOURS][pick(0, 2)]
        mask = np.where(labels == i, labels, 0)
        result = None
        runtime.viewed.clear()
        if call == "leave":
            gone.add(i)
        elif call == "return":
            gone.discard(i)
        elif call == "remove":
            if i in known:
                tracker.remove(i)
                known.discard(i)
            else:
                with pytest.raises(InputError):
                    tracker.remove(i)
        elif call == "step":
            result = tracker.step(frame) if tracker._memory.permanent else None
        elif mask.any() and (call == "start" or tracker._memory.permanent):
            result = tracker.start(frame, mask) if call == "start" else tracker.add(mask)
            known = {i} if call == "start" else known | {i}
            np.testing.assert_array_equal(result[mask > 0], mask[mask > 0])
        assert {*tracker.objects} == known
        assert len(runtime.viewed) <= 5
        if result is not None:
            assert result.shape == size
            assert {*np.unique(result)} <= {0, *known}
        check_memory(tracker)


def check_memory(tracker: Tracker) -> None:
    """All looks know of the same objects, and there are no more of them than there may be."""
    memory, count = tracker._memory, len(tracker._ids)
    assert len(memory.permanent) <= MAX_PERMANENT
    assert len(memory.absent) <= MAX_ABSENT
    for seen in memory.frames:
        assert len(seen.homes) == count
        assert len(seen.looks) <= 2
    for look in (*(look for seen in memory.frames for look in seen.looks), *memory.absent):
        assert look.masks.shape == (count, *look.region.grid)
        assert look.value.shape[0] == count
        assert look.value.shape[2] == look.key.shape[1]
        assert all(0 <= row < count for row in look.rows)
