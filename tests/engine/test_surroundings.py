"""Whole frames that tell who is looked for what else there is."""

from dataclasses import replace

import numpy as np
import pytest

from colour_runtime import ColourRuntime, assert_follows, painted, states
from mobilevos.engine.attention import Attention, View
from mobilevos.engine.memory import Memory
from mobilevos.engine.modes import MODES, mode_of
from mobilevos.engine.perception import Perception
from mobilevos.engine.region import Mask, Region
from mobilevos.engine.sighting import Look, MemoryFrame, Sighting
from mobilevos.engine.surroundings import Surroundings
from mobilevos.engine.tracker import Tracker

SIZE = (240, 428)
ATTENTION = Attention(replace(MODES["best"], size=160), SIZE)
FAR = {3: (30, 20, 40, 40), 200: (160, 370, 40, 40)}


class Eyes:
    """A perception that notes what it is shown."""

    def __init__(self) -> None:
        self.shown_frames: list[int] = []
        self.views: list[View] = []
        self.masks: list[Mask] = []

    def shown(self, frame: np.ndarray, view: View, masks: Mask) -> MemoryFrame:
        self.shown_frames.append(int(frame[0, 0, 0]))
        self.views.append(view)
        self.masks.append(masks)
        number = np.full((1, 1), frame[0, 0, 0], np.float32)
        return MemoryFrame(view.region, {}, masks, [*view.rows], number, number[None])


def frame(number: int) -> np.ndarray:
    return np.full((*SIZE, 3), number, np.uint8)


def seen(*lefts: int) -> Sighting[Look]:
    """Objects that are 40 pixels wide, in the left half of a frame."""
    region = Region(0, 0, 214, 240, 240, 208)
    masks = np.zeros((len(lefts), *region.grid), np.float32)
    for mask, left in zip(masks, lefts, strict=True):
        mask[20:30, left // 4 : left // 4 + 10] = 0.9
    return Sighting([Look(region, {}, masks, [*range(len(lefts))])], [0] * len(lefts))


def numbers(looks: list[MemoryFrame]) -> list[int]:
    return [int(look.key[0, 0]) for look in looks]


@pytest.fixture
def eyes() -> Eyes:
    return Eyes()


@pytest.fixture
def around(eyes: Eyes) -> Surroundings:
    return Surroundings(eyes, ATTENTION)  # type: ignore[arg-type]


def test_the_whole_frame_is_looked_at_once_somebody_asks(eyes: Eyes, around: Surroundings) -> None:
    assert around.looks() == []
    kept = frame(7)
    around.keep(kept, seen(20, 100), given=True)
    kept[:] = 9
    assert not eyes.views
    assert numbers(around.looks()) == [7]
    assert numbers(around.looks()) == [7]
    (view,) = eyes.views
    assert view == View(ATTENTION.everywhere, (0, 1))
    (masks,) = eyes.masks
    places = [ATTENTION.everywhere.bounds_in_source(mask) for mask in masks]
    assert places[0] == pytest.approx((20, 80, 61, 120), abs=4)
    assert places[1] == pytest.approx((101, 80, 142, 120), abs=4)


def test_kept_are_what_was_given_last_and_the_newest(eyes: Eyes, around: Surroundings) -> None:
    for number, given in ((1, True), (2, False), (3, False)):
        around.keep(frame(number), seen(20), given)
        around.looks()
    assert numbers(around.looks()) == [1, 3]
    assert eyes.shown_frames == [1, 2, 3]
    around.keep(frame(4), seen(20), given=True)
    assert numbers(around.looks()) == [4]
    around.forget()
    assert around.looks() == []
    around.keep(frame(5), seen(20))
    around.keep(frame(6), seen(20))
    assert numbers(around.looks()) == [6]


def test_what_was_given_is_told_apart(eyes: Eyes, around: Surroundings) -> None:
    assert around.given() is None
    around.keep(frame(1), seen(20))
    assert around.given() is None
    around.keep(frame(2), seen(20), given=True)
    around.keep(frame(3), seen(20))
    first = around.given()
    assert first is not None
    assert numbers([first]) == [2]
    assert around.given() is first
    assert around.looks()[0] is first
    assert eyes.shown_frames == [2, 3]
    around.forget()
    assert around.given() is None


def test_what_was_seen_as_a_whole_is_in_memory_anyway(eyes: Eyes, around: Surroundings) -> None:
    whole = Look(ATTENTION.everywhere, {}, np.zeros((1, *ATTENTION.everywhere.grid), np.float32), [0])
    part = seen(20).looks[0]
    around.keep(frame(1), seen(20), given=True)
    around.keep(frame(2), Sighting([whole], [0]))
    assert numbers(around.looks()) == [1]
    around.keep(frame(3), Sighting([whole, part], [0]))
    assert numbers(around.looks()) == [1, 3]
    around.keep(frame(4), Sighting([whole], [0]), given=True)
    assert around.looks() == []


def test_who_is_removed_is_not_told_of(eyes: Eyes, around: Surroundings) -> None:
    around.keep(frame(1), seen(20, 60, 100), given=True)
    around.keep(frame(2), seen(24, 64, 104))
    around.looks()
    around.drop_object(1)
    first, second = around.looks()
    assert eyes.shown_frames == [1, 2, 1, 2]
    assert [len(look.masks) for look in (first, second)] == [2, 2]
    places = [ATTENTION.everywhere.bounds_in_source(mask) for mask in second.masks]
    assert [place and round(place[0]) // 10 for place in places] == [2, 10]


def test_permanent_frames_are_asked_together_with_what_is_beside() -> None:
    runtime, memory = ColourRuntime(), Memory()
    plain = Perception(runtime, memory)
    view = View(Region(0, 0, 208, 128, 128, 208), (0,))
    image, labels = painted((128, 208), {3: (20, 20, 40, 40)})
    known = plain.shown(image, view, view.region.view_masks((labels == 3)[None].astype(np.float32)))
    memory.keep(Sighting([known], [0]))
    with_more = Perception(runtime, memory, lambda: [known, known])
    runtime.recalled.clear()
    for perception in (plain, with_more):
        perception.look(image, view, Sighting([known], [0]), [0])
        perception.recognised(known)
    plain_look, plain_known, more_look, more_known = (total[0, 0] for total in runtime.recalled)
    assert more_look == pytest.approx(3 * plain_look)
    assert more_known == pytest.approx(3 * plain_known)


def started() -> tuple[Tracker, ColourRuntime]:
    runtime = ColourRuntime()
    tracker = Tracker(runtime, replace(mode_of(160), refresh=1, search=2))
    tracker.start(*painted(SIZE, FAR))
    runtime.viewed.clear()
    return tracker, runtime


def scenes(tracker: Tracker) -> list[tuple[float, ...]]:
    """Mean colours of what is kept, and areas of the objects in it."""
    kept = tracker._surroundings._scenes
    return [(float(scene.frame.mean()), *((mask > 0.5).sum() for mask in scene.masks)) for scene in kept]


def test_nothing_is_looked_at_while_all_are_in_sight() -> None:
    tracker, runtime = started()
    for t in range(1, 6):
        tracker.step(painted(SIZE, {3: (30, 20 + t, 40, 40), 200: FAR[200]})[0])
    assert len(runtime.viewed) == 5 * len(tracker._current.looks)
    assert len(scenes(tracker)) == 2


@pytest.mark.parametrize(("width", "newer"), [(40, True), (24, True), (16, False)])
def test_kept_is_where_all_show_half_of_themselves(width: int, newer: bool) -> None:
    tracker, _ = started()
    assert len(scenes(tracker)) == 1
    tracker.step(painted(SIZE, {3: (30, 20, 40, width), 200: FAR[200]})[0])
    assert states(tracker) == {3: "visible", 200: "visible"}
    assert len(scenes(tracker)) == 1 + newer


def test_what_is_given_later_is_told_if_all_are_in_sight() -> None:
    tracker, _ = started()
    tracker.step(painted(SIZE, FAR)[0])
    before = scenes(tracker)
    assert len(before) == 2
    tracker.step(painted(SIZE, {3: FAR[3]})[0])
    tracker.add(painted(SIZE, {3: FAR[3]})[1])
    assert scenes(tracker) == before, "one is missing"
    both = painted(SIZE, FAR)
    tracker.step(both[0])
    tracker.step(both[0])
    assert states(tracker) == {3: "visible", 200: "visible"}
    tracker.add(both[1])
    assert len(scenes(tracker)) == 1


def test_a_new_object_beside_a_missing_one_is_nowhere_in_what_was_kept() -> None:
    tracker, _ = started()
    tracker.step(painted(SIZE, {3: FAR[3]})[0])
    frame_now, labels = painted(SIZE, {3: FAR[3]})
    labels[100:140, 200:240] = 7
    tracker.add(labels)
    assert scenes(tracker) == []
    for _ in range(4):
        tracker.step(frame_now)


def test_who_is_removed_is_forgotten() -> None:
    tracker, _ = started()
    tracker.step(painted(SIZE, FAR)[0])
    tracker.remove(3)
    assert [len(scene) for scene in scenes(tracker)] == [2, 2]
    tracker.step(painted(SIZE, {})[0])
    for _ in range(3):
        image, labels = painted(SIZE, {200: (60, 60, 40, 40)})
        found = tracker.step(image)
    assert_follows(found, labels)
