"""Finite memory: which frames it holds, and what ``read`` gets of them."""

import numpy as np

from mobilevos.engine.memory import MAX_PERMANENT, Memory, MemoryFrame, recall
from mobilevos.engine.region import Region


def frame(number: int, cells: int = 4, objects: int = 2) -> MemoryFrame:
    """Every number in it is ``number``, plus 100 times the object's row in values and masks."""
    rows = number + 100 * np.arange(objects, dtype=np.float32)[:, None, None]
    return MemoryFrame(
        region=Region(0, 0, 16 * cells, 16, 16, 16 * cells),
        features={},
        key=np.full((8, cells), number, np.float32),
        value=np.tile(rows, (1, 5, cells)),
        evidence=np.concatenate([np.tile(np.eye(2, dtype=np.float32), (objects, 1, 1)), rows.repeat(2, 1)], 2),
        masks=np.tile(rows, (1, 4, 4 * cells)),
    )


def held(memory: Memory) -> list[float]:
    return [float(item.key[0, 0]) for item in memory.frames]


def test_first_and_previous() -> None:
    memory = Memory()
    assert memory.frames == []
    memory.previous = first = frame(0)
    memory.keep(first)
    assert held(memory) == [0]
    for number in range(1, 9):
        memory.previous = frame(number)
        assert held(memory) == [0, number]


def test_the_first_and_the_newest_permanent_frames_stay() -> None:
    memory = Memory()
    for number in range(2 * MAX_PERMANENT):
        memory.previous = now = frame(number)
        memory.keep(now)
    newest = list(range(MAX_PERMANENT + 1, 2 * MAX_PERMANENT))
    assert held(memory) == [0, *newest]
    memory.previous = frame(50)
    assert held(memory) == [0, *newest, 50]


def test_arrays_stand_side_by_side_whatever_the_frames_size() -> None:
    memory = Memory()
    memory.keep(frame(0, cells=4))
    memory.previous = frame(7, cells=6)
    key, value, classifier = recall(memory.frames, memory.permanent)
    assert key.shape == (8, 10)
    assert value.shape == (2, 5, 10)
    np.testing.assert_array_equal(key[0], [0] * 4 + [7] * 6)
    np.testing.assert_array_equal(value[1, 3], [100] * 4 + [107] * 6)
    assert classifier is not None
    np.testing.assert_array_equal(classifier, [[0, 0], [100, 100]])


def test_the_target_model_is_of_all_frames_that_are_trusted() -> None:
    memory = Memory()
    memory.keep(frame(3))
    memory.keep(frame(5))
    memory.previous = frame(70)
    *_, classifier = recall(memory.frames, memory.permanent)
    assert classifier is not None
    np.testing.assert_array_equal(classifier, [[4, 4], [104, 104]])  # the mean, as both matrices are the same
    memory.drop_object(0)
    *_, classifier = recall(memory.frames, memory.permanent)
    np.testing.assert_array_equal(classifier, [[104, 104]])
    for kept in memory.permanent:
        kept.evidence = None
    assert recall(memory.frames, memory.permanent).classifier is None


def test_a_dropped_object_is_dropped_everywhere_once() -> None:
    memory = Memory()
    for number in range(3):
        memory.previous = now = frame(number, objects=3)
        memory.keep(now)
    memory.drop_object(1)  # the last frame is both permanent and the previous one
    _, value, _ = recall(memory.frames, memory.permanent)
    np.testing.assert_array_equal(value[:, 0, ::4], [[0, 1, 2], [200, 201, 202]])
    for item in memory.frames:
        assert item.masks.shape == (2, *item.region.grid) == (2, 4, 16)
        np.testing.assert_array_equal(item.masks[:, 0, 0], item.value[:, 0, 0])
