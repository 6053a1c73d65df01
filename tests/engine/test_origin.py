"""Parts of a mask that were something else in the frame that was given."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from colour_runtime import ColourRuntime, assert_follows, painted, states
from mobilevos.engine.modes import mode_of
from mobilevos.engine.origin import Origin, without_others
from mobilevos.engine.region import Mask, Region
from mobilevos.engine.sighting import Look, MemoryFrame
from mobilevos.engine.tracker import Tracker

HERE, THERE = np.s_[4:12, 4:14], np.s_[4:12, 20:30]
BODY, OTHER, THIRD = np.s_[2:8, 2:10], np.s_[2:8, 20:28], np.s_[10:14, 12:18]


def cells(*boxes: tuple[slice, slice], value: float = 0.875, around: float = 0.0625) -> Mask:
    """(16, 32) probabilities: `value` in boxes, and `around` them."""
    mask = np.full((16, 32), around, np.float32)
    for box in boxes:
        mask[box] = value
    return mask


def left_of(were: list[Mask], was: Mask, everything: bool = False, mask: Mask | None = None) -> tuple[bool, bool]:
    """Whether the parts here and there are left, by what they were."""
    mask = cells(HERE, THERE) if mask is None else mask
    parts = [cells(box) > 0.5 for box in (HERE, THERE)]
    left = without_others(mask, parts[: len(were)], np.stack(were), was, everything)
    whole = [bool((left[box] == mask[box]).all()) for box in (HERE, THERE)]
    assert whole == [bool(left[box].any()) for box in (HERE, THERE)], "all of a part or nothing"
    return whole[0], whole[1]


@pytest.mark.parametrize("everything", [True, False])
def test_a_part_that_was_something_else_goes(everything: bool) -> None:
    body, other = np.s_[2:8, 2:10], np.s_[2:8, 20:28]
    was = cells(body)
    assert left_of([cells(body), cells(other)], was, everything) == (True, False)
    assert left_of([cells(other), cells(body)], was, everything) == (False, True)
    assert left_of([cells(body), cells(other, value=0.5)], was, everything) == (True, True), "a half is not in sight"
    assert left_of([cells(body), cells()], was, everything) == (True, True), "it was nowhere"
    assert left_of([cells(np.s_[2:8, 2:6]), cells(np.s_[2:8, 6:10])], was, everything) == (True, True)


def test_a_mask_of_which_nothing_goes_is_left_as_it_is() -> None:
    mask, parts, was = cells(HERE, THERE), [cells(box) > 0.5 for box in (HERE, THERE)], cells(HERE)
    assert without_others(mask, parts, np.stack([was, was]), was, False) is mask


def test_what_fades_out_around_a_part_stays_with_it() -> None:
    mask, was = cells(HERE, THERE), cells(HERE)
    left = without_others(mask, [cells(box) > 0.5 for box in (HERE, THERE)], np.stack([was, cells(THERE)]), was, False)
    expected = np.zeros((16, 32), bool)
    expected[2:14, 2:16] = True
    np.testing.assert_array_equal(left, mask * expected)


def test_a_half_is_where_a_mask_fades_out() -> None:
    mask, was = np.maximum(cells(HERE, THERE), cells(np.s_[3:13, 3:15], value=0.5)), cells(HERE)
    parts = [cells(box) > 0.5 for box in (HERE, THERE)]
    left = without_others(mask, parts, np.stack([was, cells(THERE)]), was, False)
    assert left[3, 3] == 0.5


def test_of_the_object_a_half_is_not_in_sight() -> None:
    was = cells(np.s_[2:8, 2:10])
    assert left_of([was, was], was, everything=True) == (True, True)
    assert left_of([was, was], cells(np.s_[2:8, 2:10], value=0.5), everything=True) == (False, False)


def test_what_goes_does_so_to_its_border() -> None:
    near = np.s_[4:12, 15:30]
    mask, was = cells(HERE, near), cells(HERE)
    left = without_others(mask, [cells(box) > 0.5 for box in (HERE, near)], np.stack([was, cells(THERE)]), was, False)
    assert not left[near].any()
    assert left[:, 14].any()


@pytest.mark.parametrize(("everything", "least"), [(True, 5), (False, 2)])
def test_how_much_must_have_been_the_object(everything: bool, least: int) -> None:
    """Of ten columns; one beside the object counts for it. More where all that there is can choose its own part."""
    was = cells(np.s_[2:8, 2:12])
    for own in (least - 1, least):
        part = cells(np.s_[2:8, 12 - own + 1 : 22 - own + 1])
        assert left_of([was, part], was, everything) == (True, own == least)


def test_a_sure_part_was_more_than_half_of_the_object() -> None:
    was, other = cells(np.s_[2:8, 2:12]), cells(np.s_[2:8, 20:28])
    for columns in (5, 6):
        part = cells(np.s_[2:8, 2 : 2 + columns])
        assert left_of([part, other], was) == (True, columns == 5)
        assert left_of([part, other], was, everything=True) == (True, False)


@pytest.mark.parametrize("likely", [0.125, 0.140625])
def test_what_the_object_chooses_a_little_is_not_known_to_be_something_else(likely: float) -> None:
    was, other = cells(BODY), cells(np.s_[2:8, 20:28])
    other[BODY] = likely
    assert left_of([was, other], was) == (True, likely > 0.125)
    assert left_of([was, other], was, everything=True) == (True, False)


@pytest.mark.parametrize("cells_elsewhere", [3, 4, 5])
def test_what_few_choose_elsewhere_is_not_known_to_be_something_else(cells_elsewhere: int) -> None:
    """A fifth of its share of the object: of forty cells, half, as it is one of two parts of one size."""
    was = cells(np.s_[2:7, 2:10])
    other = cells(np.s_[10:11, 20 : 20 + cells_elsewhere])
    assert left_of([was, other], was) == (True, cells_elsewhere < 4)
    assert left_of([was, other], was, everything=True) == (True, False)


def test_of_those_that_choose_it_only_others_count() -> None:
    """Nine or ten cells elsewhere, where it claims fifty, and one beside the object."""
    was = cells(np.s_[2:12, 2:12])
    for elsewhere in (9, 10):
        few = cells(np.s_[14:15, 20 : 20 + elsewhere], np.s_[2:3, 12:13])
        assert left_of([was, few], was) == (True, elsewhere < 10)


@pytest.mark.parametrize(("own", "left"), [(3, False), (4, True), (8, True)])
def test_what_was_the_object_by_a_fifth_stays(own: int, left: bool) -> None:
    """Of twenty cells, however little of the object that is."""
    was = cells(np.s_[2:8, 2:22], around=0)
    part = cells(np.s_[2:3, 2 : 2 + own], np.s_[12:13, 2 : 22 - own], around=0)
    assert left_of([was, part], was) == (True, left)


def test_a_larger_part_claims_more() -> None:
    mask, was = cells(HERE, np.s_[0:16, 20:30]), cells(np.s_[2:7, 2:10])
    parts = [cells(box) > 0.5 for box in (HERE, np.s_[0:16, 20:30])]
    for elsewhere in (5, 6):  # a fifth of two thirds of forty cells
        were = np.stack([was, cells(np.s_[10:11, 20 : 20 + elsewhere])])
        assert bool(without_others(mask, parts, were, was, False)[8, 25]) == (elsewhere < 6)


def test_what_was_mostly_something_else_is_not_sure() -> None:
    """Much of the object, and five times as much of others."""
    was = cells(np.s_[2:4, 2:6])
    both = cells(np.s_[2:4, 2:6], np.s_[8:16, 2:12])
    assert left_of([both, cells(np.s_[2:4, 20:30])], was) == (True, True)


def test_in_a_look_at_everything_nothing_may_be_left() -> None:
    was, other = cells(np.s_[2:8, 2:10]), cells(np.s_[2:8, 20:28])
    one = cells(HERE)
    assert left_of([other], was, True, one) == (False, False)
    parts = [one > 0.5]
    assert without_others(one, parts, np.stack([other]), was, False) is one


class Told(ColourRuntime):
    """Says what it is told, and keeps what it is asked."""

    def __init__(self, *answers: Mask) -> None:
        super().__init__()
        self.answers = [*answers]
        self.asked: list[dict[str, Any]] = []
        self.most_objects: int | None = None

    def key(self, features: Any) -> np.ndarray:
        return np.full((1, 4), features["number"], np.float32)

    def memorise(self, features: Any, masks: Mask) -> np.ndarray:
        assert masks.dtype == np.float32
        assert masks.sum(0).max() <= 1.001
        self.asked.append({"from": features["number"], "masks": masks})
        return masks.reshape(len(masks), 1, -1)[..., :4]

    def read(self, features: Any, key: Any, value: Any, prior: Mask, classifier: Any) -> Mask:
        assert len(value) == len(prior)
        self.asked[-1] |= {"in": features["number"], "key": key[0, 0], "prior": prior, "classifier": classifier}
        return self.answers.pop(0)


class Given:
    """Surroundings with one frame."""

    def __init__(self, look: MemoryFrame | None) -> None:
        self._look = look

    def given(self) -> MemoryFrame | None:
        return self._look


WIDE = Region(0, 0, 128, 64, 64, 128)
"""Of 16 x 32 cells."""
CLOSE = Region(0, 0, 96, 48, 64, 128)


def remembered(*masks: Mask, evidence: np.ndarray | None = None) -> MemoryFrame:
    rows = [*range(len(masks))]
    nothing = np.zeros((len(masks), 1, 4), np.float32)
    return MemoryFrame(WIDE, {"number": 7}, np.stack(masks), rows, nothing[0], nothing, evidence)


def look(*masks: Mask, region: Region = CLOSE, rows: list[int] | None = None) -> Look:
    return Look(region, {"number": 3}, np.stack(masks), [*range(len(masks))] if rows is None else rows)


def origin(runtime: Told, given: MemoryFrame | None) -> Origin:
    return Origin(runtime, Given(given))  # type: ignore[arg-type]


def test_parts_are_looked_for_in_the_given_frame_beside_the_others() -> None:
    """As objects of their own: not what fades out into another part, and from nowhere."""
    runtime = Told(np.stack([cells(BODY), cells(OTHER), cells(THIRD)]))
    given = remembered(cells(BODY), cells(THIRD))
    rival = 0 * cells()
    rival[13:15, 15:18] = 0.75
    seen = look(cells(HERE, THERE), rival)
    before = seen.masks.copy()
    left = origin(runtime, given).without_strangers(seen)
    np.testing.assert_array_equal(seen.masks, before)
    assert not left[0][THERE].any()
    np.testing.assert_array_equal(left[0][HERE], before[0][HERE])
    np.testing.assert_array_equal(left[1], before[1])
    (asked,) = runtime.asked
    assert (asked["from"], asked["in"], asked["key"], asked["classifier"]) == (3, 7, 3, None)
    assert asked["prior"].shape == (3, 16, 32)
    assert not asked["prior"].any()
    first, second, third = asked["masks"]
    assert (first[HERE] == 0.875).all()
    assert (second[THERE] == 0.875).all()
    assert not first[THERE].any()
    assert first[2:14, 2:16].all()
    assert not first[:, 16:].any()
    np.testing.assert_array_equal(third, rival)


def test_target_models_are_those_of_the_given_frame() -> None:
    """One of the object's for each part, then those of its rivals that were looked for."""
    evidence = np.zeros((3, 2, 3), np.float32)
    evidence[:, [0, 1], [0, 1]] = 1
    evidence[:, 0, 2] = 10, 20, 30
    runtime = Told(np.stack([cells(BODY), cells(OTHER), cells(THIRD)]))
    seen = look(0 * cells(), cells(HERE, THERE), 0 * cells(), rows=[1, 2])
    origin(runtime, remembered(cells(THIRD), cells(BODY), cells(), evidence=evidence)).without_strangers(seen)
    np.testing.assert_allclose(runtime.asked[0]["classifier"], [[20, 0], [20, 0], [30, 0]])


def test_where_no_part_surely_was_the_object_all_stay() -> None:
    runtime = Told(np.stack([cells(OTHER), cells(THIRD)]))
    seen = look(cells(HERE, THERE))
    left = origin(runtime, remembered(cells(BODY))).without_strangers(seen)
    np.testing.assert_array_equal(left, seen.masks)
    assert runtime.asked


HALF = np.maximum(cells(HERE), cells(THERE, value=0.5))
"""In one part, and in none."""


@pytest.mark.parametrize("mask", [cells(HERE), cells(HERE, np.s_[4:5, 20:23]), HALF, 0 * cells()])
def test_a_mask_in_one_large_part_is_not_asked_about(mask: Mask) -> None:
    """A part of three cells beside one of eighty, or one that is not in sight."""
    runtime = Told()
    seen = look(mask)
    np.testing.assert_array_equal(origin(runtime, remembered(cells(BODY))).without_strangers(seen), seen.masks)
    assert not runtime.asked


def test_a_small_part_is_one_of_a_twentieth() -> None:
    runtime = Told(np.stack([cells(BODY), cells(OTHER)]))
    seen = look(cells(HERE, np.s_[4:5, 20:24]))
    left = origin(runtime, remembered(cells(BODY))).without_strangers(seen)
    assert not left[0, 4, 20:24].any()


def test_without_a_given_frame_nothing_is_known() -> None:
    runtime = Told()
    seen = look(cells(HERE, THERE))
    np.testing.assert_array_equal(origin(runtime, None).without_strangers(seen), seen.masks)
    np.testing.assert_array_equal(origin(runtime, None).of_lost(seen, 0), seen.masks[0])


@pytest.mark.parametrize(("region", "left"), [(WIDE, False), (CLOSE, True)])
def test_one_that_is_lost_may_be_nowhere_if_all_is_seen(region: Region, left: bool) -> None:
    runtime = Told(np.stack([cells(OTHER), cells(THIRD)]))
    rival = 0 * cells()
    rival[14, 20] = 0.75
    seen = look(rival, cells(HERE), region=region)
    found = origin(runtime, remembered(cells(THIRD), cells(BODY))).of_lost(seen, 1)
    assert found[HERE].any() == left


def test_of_one_that_is_lost_each_part_in_sight_is_asked_about() -> None:
    runtime = Told(np.stack([cells(BODY)]))
    seen = look(HALF)
    np.testing.assert_array_equal(origin(runtime, remembered(cells(BODY))).of_lost(seen, 0), HALF)
    assert len(runtime.asked[0]["masks"]) == 1


def test_of_one_that_is_lost_only_its_own_part_is_back() -> None:
    runtime = Told(np.stack([cells(OTHER), cells(BODY)]))
    found = origin(runtime, remembered(cells(BODY))).of_lost(look(cells(HERE, THERE), region=WIDE), 0)
    assert not found[HERE].any()
    assert (found[THERE] == 0.875).all()


@pytest.mark.parametrize(("most", "asked"), [(1, 0), (2, 2), (3, 3), (4, 3), (None, 3)])
def test_no_more_parts_are_asked_about_than_the_runtime_holds(most: int | None, asked: int) -> None:
    """The largest; one alone has nothing to be compared with."""
    runtime = Told(np.stack([cells(BODY), cells(OTHER), cells(THIRD)])[: asked or 1])
    runtime.most_objects = most
    seen = look(cells(np.s_[14:16, 0:8], HERE, THERE))
    left = origin(runtime, remembered(cells(BODY))).without_strangers(seen)
    assert [len(each["masks"]) for each in runtime.asked] == [asked] * bool(asked)
    assert left[0][THERE].any() == (most == 1)
    if most == 2:
        assert runtime.asked[0]["masks"][0][HERE].all()
        assert runtime.asked[0]["masks"][1][THERE].all()


@pytest.mark.parametrize("most", [1, 2])
def test_rivals_take_up_room(most: int) -> None:
    runtime = Told(np.stack([cells(OTHER), cells(THIRD)]))
    runtime.most_objects = most
    rival = 0 * cells()
    rival[14, 20] = 0.75
    seen = look(rival, cells(HERE, THERE), region=WIDE)
    left = origin(runtime, remembered(cells(THIRD), cells(BODY))).of_lost(seen, 1)
    assert len(runtime.asked) == most - 1
    assert left.any() == (most == 1)


SIZE = (240, 428)
AT_REST, STRANGER, LARGE = (30, 20, 40, 40), (160, 340, 40, 40), (120, 300, 90, 90)
ALIKE = (195, 40, 40)
"""A colour that passes for that of object 3, if nothing nearer to it is about."""


class NearestRuntime(ColourRuntime):
    """Each pixel is of the object that has the most similar colour."""

    def read(self, features: Any, key: Any, value: np.ndarray, prior: Mask, classifier: None) -> Mask:
        found = super().read(features, key, value, prior, classifier)
        frame = features["frame"][2::4, 2::4]
        total = value.sum(2)
        colour = total[:, 1:] / np.maximum(total[:, :1], 1e-6)
        distance = np.abs(frame[None] - colour[:, None, None]).max(-1)
        nearest = distance == distance.min(0)
        alone = super().read(features, key, value.sum(0, keepdims=True), prior[:1], None) if len(value) == 1 else found
        likely = (distance < 40) & nearest & (total[:, :1, None] > 0)
        return np.where(likely, np.float32(0.999), np.minimum(alone, np.float32(0.001))).astype(np.float32)


def shown(boxes: dict[int, tuple[int, int, int, int]], stranger: tuple[int, int, int, int]) -> tuple[Any, Any]:
    frame, labels = painted(SIZE, boxes)
    top, left, height, width = stranger
    box = np.s_[top : top + height, left : left + width]
    frame[box] = np.where((labels[box] == 0)[..., None], ALIKE, frame[box])
    return frame, labels


def started(stranger: tuple[int, int, int, int], mode: str = "best") -> Tracker:
    tracker = Tracker(NearestRuntime(), replace(mode_of(mode), size=160, enlarged=160, refresh=1, search=2))
    tracker.start(*shown({3: AT_REST}, stranger))
    return tracker


@pytest.mark.parametrize("mode", ["fast", "balanced", "best"])
def test_who_comes_near_is_not_taken_in(mode: str) -> None:
    """A stranger of nearly the same colour, which no view has shown before the object goes there."""
    tracker = started(STRANGER, mode)
    for t in range(1, 34):
        frame, truth = shown({3: (30 + 3 * t, 20 + 8 * t, 40, 40)}, STRANGER)
        labels = tracker.step(frame)
        assert_follows(labels, truth)


def test_who_is_left_behind_is_not_the_one_that_went() -> None:
    tracker = started(LARGE)
    for _ in range(8):
        assert not tracker.step(shown({}, LARGE)[0]).any()
    assert states(tracker) == {3: "lost"} or states(tracker) == {3: "occluded"}
    frame, truth = shown({3: (40, 60, 40, 40)}, LARGE)
    for _ in range(3):
        labels = tracker.step(frame)
    assert_follows(labels, truth)


def test_who_is_touched_by_the_object_is_not_taken_in() -> None:
    """Joined by a bridge, they are two parts all the same."""
    mask = cells(HERE, THERE, np.s_[7:11, 14:20])
    runtime = Told(np.stack([cells(BODY), cells(OTHER)]))
    left = origin(runtime, remembered(cells(BODY))).without_strangers(look(mask))
    assert (left[0][HERE] == 0.875).all()
    assert not left[0][THERE].any()
    assert not left[0][7:11, 17:].any()
    wider = cells(HERE, THERE, np.s_[6:11, 14:20])
    runtime = Told()
    np.testing.assert_array_equal(origin(runtime, remembered(cells(BODY))).without_strangers(look(wider))[0], wider)
