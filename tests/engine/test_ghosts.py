"""Parts of a mask that only the previous frame takes for the object."""

from itertools import product

import numpy as np
import pytest

from mobilevos.engine.ghosts import in_parts, without_ghosts
from mobilevos.engine.modes import MODES
from mobilevos.engine.runtime import Features, Float
from mobilevos.tracker import Tracker

REFRESH_EVERY = MODES["best"].refresh


def cells(*boxes: tuple[int, int, int, int], value: float = 0.9) -> np.ndarray:
    """(24, 32) probabilities: 0.1, and `value` in boxes (top, left, bottom, right)."""
    mask = np.full((24, 32), 0.1, np.float32)
    for top, left, bottom, right in boxes:
        mask[top:bottom, left:right] = value
    return mask


BODY, GHOST = (4, 4, 12, 12), (14, 20, 20, 28)


def test_parts_are_told_from_what_touches() -> None:
    assert not in_parts(cells(BODY))
    assert in_parts(cells(BODY, GHOST))
    assert not in_parts(cells(BODY, (12, 12, 16, 16)))  # corner to corner
    assert in_parts(cells(BODY, (12, 13, 16, 16)))
    assert not in_parts(cells())
    assert not in_parts(cells((0, 0, 1, 1)))
    assert not in_parts(cells((0, 1, 1, 2)))
    assert not in_parts(np.zeros((4, 4), np.float32))
    assert not in_parts(np.maximum(cells(BODY), cells(GHOST, value=0.5))), "a half is not in sight"


@pytest.mark.parametrize("seed", range(30))
def test_parts_of_random_masks(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mask = rng.random((9, 11)).astype(np.float32) ** (0.3 + seed / 20)
    assert in_parts(mask) == _in_parts_by_hand(mask)


def _in_parts_by_hand(mask: np.ndarray) -> bool:
    left = {tuple(cell) for cell in np.argwhere(mask > 0.5)}
    waiting = [left.pop()] if left else []
    while waiting:
        row, column = waiting.pop()
        for down, across in product((-1, 0, 1), repeat=2):
            near = (row + down, column + across)
            if near in left:
                left.remove(near)
                waiting.append(near)
    return bool(left)


def test_a_part_in_which_nothing_is_recognised_goes() -> None:
    kept = without_ghosts(cells(BODY, GHOST), cells(BODY))
    expected = np.zeros((24, 32), np.float32)
    expected[2:14, 2:14] = cells(BODY)[2:14, 2:14]  # with its rim of two cells
    np.testing.assert_array_equal(kept, expected)


def test_what_is_recognised_stays_with_all_that_touches_it() -> None:
    mask = cells(BODY, GHOST)
    assert (without_ghosts(mask, cells(BODY, (15, 21, 16, 22))) > 0.5).sum() == (mask > 0.5).sum()
    # 56 of 112 cells are half of them; 48 are too few to judge the others by.
    assert (without_ghosts(mask, cells((4, 4, 11, 12))) > 0.5).sum() == 64
    np.testing.assert_array_equal(without_ghosts(mask, cells((4, 4, 10, 12))), mask)


def test_what_is_as_likely_as_not_is_neither_recognised_nor_in_sight() -> None:
    mask = cells(BODY, GHOST)
    even = np.maximum(cells(BODY), cells(GHOST, value=0.5))
    np.testing.assert_array_equal(without_ghosts(mask, even), without_ghosts(mask, cells(BODY)))
    wide = np.maximum(cells(BODY), np.float32(0.5))
    assert (without_ghosts(wide, cells((4, 4, 9, 12))) > 0).sum() == 12 * 12, "40 of the 64 cells in sight, and a rim"


class Haunted:
    """A runtime that finds the object where it is, and with a previous frame in memory a ghost beside it."""

    def query(self, frame: np.ndarray) -> Features:
        return {"key": np.zeros((1, 4, frame.shape[0] // 16, frame.shape[1] // 16), np.float32)}

    def key(self, features: Features) -> Float:
        return features["key"][0].reshape(4, -1)

    def descriptor(self, features: Features) -> None:
        return None

    def memorise(self, features: Features, masks: Float) -> Float:
        return np.zeros((len(masks), 2, features["key"][0, 0].size), np.float32)

    def read(
        self, features: Features, memory_key: Float, memory_value: Float, prior: Float, classifier: Float | None
    ) -> Float:
        rows, columns = prior.shape[1:]
        frames = memory_key.shape[1] // features["key"][0, 0].size
        masks = np.full_like(prior, 0.05)
        masks[:, rows // 4 : rows // 2, columns // 4 : columns // 2] = 0.9
        if frames > 1:
            masks[:, 7 * rows // 8 :, 7 * columns // 8 :] = 0.9  # too small for a body of its own
        return masks


@pytest.mark.parametrize("mode", ["balanced", "best"])
def test_the_tracker_looks_for_ghosts_in_fine_views_every_few_frames(mode: str) -> None:
    frame, mask = np.zeros((480, 480, 3), np.uint8), np.zeros((480, 480), np.uint8)
    mask[120:240, 120:240] = 1
    tracker = Tracker(runtime=Haunted(), mode=mode, follow=False)
    tracker.start(frame, mask)
    labels = [tracker.step(frame) for _ in range(3 * REFRESH_EVERY)]
    assert all(found[180, 180] == 1 for found in labels)
    haunted = [bool(found[450, 450]) for found in labels][REFRESH_EVERY:]  # by then a previous frame is in memory
    banished = [MODES[mode].ghosts and (number + 1) % REFRESH_EVERY == 0 for number in range(len(haunted))]
    assert haunted == [not gone for gone in banished]
