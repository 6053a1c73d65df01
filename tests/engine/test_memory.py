"""Finite memory: which frames it holds, and what ``read`` gets of them."""

import numpy as np
import pytest

from mobilevos.engine.memory import MAX_ABSENT, MAX_PERMANENT, Memory, Seen, side_by_side
from mobilevos.engine.region import Region
from mobilevos.engine.sighting import MemoryFrame, Sighting

SIGHT = 0.9


def look(number: int, cells: int = 4, objects: int = 2, shown: list[int] | None = None) -> MemoryFrame:
    """Every number in its key is ``number``, and in its values that plus 100 times the object's row."""
    rows = number + 100 * np.arange(objects, dtype=np.float32)[:, None, None]
    masks = np.zeros((objects, 4, 4 * cells), np.float32)
    masks[[*range(objects)] if shown is None else shown, 1, 2] = SIGHT
    return MemoryFrame(
        region=Region(0, 0, 16 * cells, 16, 16, 16 * cells),
        features={},
        rows=[*range(objects)],
        key=np.full((8, cells), number, np.float32),
        value=np.tile(rows, (1, 5, cells)),
        masks=masks,
    )


def frame(number: int, cells: int = 4, objects: int = 2, shown: list[int] | None = None) -> Seen:
    return Sighting([look(number, cells, objects, shown)], [0] * objects)


def numbers(looks: list[MemoryFrame]) -> list[int]:
    return [int(each.key[0, 0]) for each in looks]


def held(memory: Memory) -> list[int]:
    return [number for each in memory.frames for number in numbers(each.looks)]


def test_first_and_previous() -> None:
    memory = Memory()
    assert memory.frames == []
    memory.previous = first = frame(0)
    memory.keep(first)
    assert held(memory) == [0]
    for number in range(1, 9):
        memory.recall(frame(number))
        assert held(memory) == numbers(memory.showing([0], [0])) == [0, number]


def test_the_first_and_the_newest_permanent_frames_stay() -> None:
    memory = Memory()
    for number in range(2 * MAX_PERMANENT):
        memory.previous = now = frame(number)
        memory.keep(now)
    newest = list(range(MAX_PERMANENT + 1, 2 * MAX_PERMANENT))
    assert held(memory) == [0, *newest]
    memory.recall(frame(50))
    assert held(memory) == [0, *newest, 50]
    assert numbers(memory.lasting_showing([0])) == [0, *newest]


def test_every_third_frame_stays_if_that_is_wanted() -> None:
    memory = Memory(every=3)
    memory.keep(frame(0))
    for number in range(1, 8):
        memory.recall(frame(number))
    assert held(memory) == [0, 3, 6, 7]
    assert numbers(memory.lasting_showing([0])) == [0]
    memory.recall(frame(8))
    memory.recall(frame(9))
    assert held(memory) == [0, 3, 6, 9]


def test_every_second_frame_stays_if_that_is_wanted() -> None:
    memory = Memory(every=2)
    memory.keep(frame(0))
    for number in range(1, 6):
        memory.recall(frame(number))
    assert held(memory) == [0, 2, 4, 5]


def test_arrays_stand_side_by_side_whatever_the_frames_size() -> None:
    memory = Memory()
    memory.keep(frame(0, cells=4))
    memory.previous = frame(7, cells=6)
    key, value = side_by_side(memory.showing([0, 1], [0, 1]))
    assert key.shape == (8, 10)
    assert value.shape == (2, 5, 10)
    np.testing.assert_array_equal(key[0], [0] * 4 + [7] * 6)
    np.testing.assert_array_equal(value[1, 3], [100] * 4 + [107] * 6)


def test_of_two_looks_those_count_that_show_any_of_the_objects() -> None:
    memory = Memory()
    memory.keep(Sighting([look(1, shown=[0]), look(2, shown=[1])], [0, 1]))
    memory.recall(Sighting([look(3, shown=[0, 1]), look(4, shown=[1])], [0, 1]))
    assert numbers(memory.showing([0], [0])) == [1, 3]
    assert numbers(memory.showing([1], [1])) == [2, 3, 4]
    assert numbers(memory.showing([1, 0], [1, 0])) == [1, 2, 3, 4]
    assert numbers(memory.lasting_showing([1])) == [2]
    memory.recall(Sighting([look(5, shown=[1]), look(6, shown=[1])], [0, 1]))
    assert numbers(memory.showing([0], [0])) == [1, 5, 6]  # a frame that shows nobody says where nobody is


def test_a_single_look_always_counts() -> None:
    memory = Memory()
    memory.keep(frame(0, shown=[]))
    assert numbers(memory.showing([0], [0])) == [0]


def test_what_was_known_of_an_object_that_is_gone_stays() -> None:
    memory = Memory()
    memory.keep(frame(0))
    memory.recall(frame(1))
    memory.recall(frame(2, shown=[0]), gone=[1])
    assert numbers(memory.showing([0, 1], [0, 1])) == [0, 2, 1]
    for number in (3, 4, 5):
        memory.recall(frame(number, shown=[0]), gone=[1])
        assert numbers(memory.showing([0, 1], [0, 1])) == numbers(memory.showing([0, 1], [1])) == [0, number, 1]
        assert numbers(memory.showing([0, 1], [0])) == numbers(memory.showing([0, 1], [])) == [0, number]
    memory.recall(frame(6))
    assert numbers(memory.showing([0, 1], [0, 1])) == [0, 6]


@pytest.mark.parametrize(("cells", "stays"), [(1, False), (2, True)])
def test_what_is_left_of_an_object_on_its_way_out_is_no_knowledge(cells: int, stays: bool) -> None:
    """Half of its greatest area is."""
    memory, first, second = Memory(), frame(0), frame(1)
    first.looks[0].masks[1, 0, :4] = SIGHT
    first.looks[0].masks[1, 1, 2] = 0
    second.looks[0].masks[1, 1, 2 : 2 + cells] = 0.6
    second.looks[0].masks[1, 2] = 0.5
    memory.keep(first)
    memory.recall(second)
    memory.recall(frame(2, shown=[0]), gone=[1])
    assert numbers(memory.absent) == [1] * stays


def test_what_is_permanent_is_not_kept_twice() -> None:
    memory = Memory()
    memory.previous = first = frame(0)
    memory.keep(first)
    memory.recall(frame(1, shown=[0]), gone=[1])
    assert numbers(memory.showing([1], [1])) == [0, 1]


def test_of_absent_objects_the_newest_sightings_stay() -> None:
    memory = Memory()
    memory.keep(frame(0, objects=4))
    for number in range(1, 5):
        memory.recall(frame(number, objects=4, shown=[*range(number - 1, 4)]), gone=[*range(number - 1)])
    assert len(memory.absent) == MAX_ABSENT
    assert numbers(memory.absent) == [3, 2]


def test_a_dropped_object_is_dropped_everywhere_once() -> None:
    memory = Memory()
    for number in range(3):
        memory.previous = now = frame(number, objects=3)
        memory.keep(now)
    memory.recall(frame(5, objects=3))
    memory.recall(frame(6, objects=3, shown=[0, 1]), gone=[2])
    memory.previous = memory.permanent[-1]
    memory.drop_object(1)  # the last frame is both permanent and the previous one
    looks = [*memory.showing([0], [0]), *memory.absent]
    assert numbers(looks) == [0, 1, 2, 5]
    _, value = side_by_side(looks)
    np.testing.assert_array_equal(value[:, 0, ::4], [[0, 1, 2, 5], [200, 201, 202, 205]])
    for item in looks:
        assert item.masks.shape == (2, *item.region.grid) == (2, 4, 16)
        assert item.rows == [0, 1]
    assert all(each.homes == [0, 0] for each in memory.frames)


def test_the_greatest_area_is_of_permanent_frames_in_pixels_of_the_source() -> None:
    memory = Memory()
    small, large = frame(0), frame(1)
    large.looks[0].masks[0, :2] = SIGHT
    memory.keep(small)
    memory.recall(large)
    assert memory.greatest_area(0) == 16 * 64 / (4 * 16)
    memory.keep(large)
    assert memory.greatest_area(0) == pytest.approx(2 * 16 * 16)
    assert memory.greatest_area(1) == 16
    small.looks[0].masks[1, 3], small.looks[0].masks[1, 2] = 0.5, 0.6
    assert memory.greatest_area(1) == 16 * 17
    small.looks[0].masks[:] = large.looks[0].masks[:] = 0
    assert memory.greatest_area(0) == 1


def test_all_are_well_in_sight_or_not() -> None:
    memory, now = Memory(), frame(1)
    given = frame(0)
    given.looks[0].masks[:, 1, :8] = SIGHT
    memory.keep(given)
    now.looks[0].masks[:, 1, :4] = SIGHT
    assert memory.shows_all(now)
    now.looks[0].masks[1, 1, 0] = 0
    assert not memory.shows_all(now)
