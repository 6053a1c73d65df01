"""What is asked of a network about a frame, and what is kept of it."""

import numpy as np
import pytest

from mobilevos.engine.looks import Looks
from mobilevos.engine.prompt_maps import Maps, prompt_maps
from mobilevos.engine.region import Region
from mobilevos.engine.runtime import Features, Float


class Glance:
    """A network with one candidate: what is red, and less so what is clicked; on its left side it sees better."""

    def __init__(self) -> None:
        self.seen: list[np.ndarray] = []

    def query(self, frame: np.ndarray) -> Features:
        assert frame.flags.c_contiguous
        self.seen.append(frame)
        return {"red": frame[::4, ::4, 0] / np.float32(255)}

    def prompt(self, features: Features, maps: Maps) -> tuple[Float, Float]:
        assert maps.flags.c_contiguous
        logits = (features["red"] - 0.5 + 0.25 * maps[0])[None].astype(np.float32)
        logits[:, :, 10:] /= 2
        return logits, np.array([1 if features["red"][0, 0] > 0.5 else 0.5], np.float32)


def region(left: int) -> Region:
    return Region(left, 0, left + 64, 64, 64, 64)


@pytest.fixture
def frame() -> np.ndarray:
    """Red on its left."""
    frame = np.zeros((64, 200, 3), np.uint8)
    frame[:, :24] = 255, 0, 0
    return frame


MAPS = prompt_maps((16, 16), [(2.5, 8.5, True)])


def test_a_region_is_looked_at_once_for_all_that_is_asked_of_it(frame: np.ndarray) -> None:
    network = Glance()
    looks = Looks(network, frame)
    for _ in range(3):
        logits, quality = looks.ask(region(0), MAPS)
    assert (logits[0, 8, 2], logits[0, 0, 2], logits[0, 8, 8]) == (0.75, 0.5, -0.5)
    assert quality == [1]
    assert len(network.seen) == 1


def test_both_ways_is_the_mean_with_the_mirror_image(frame: np.ndarray) -> None:
    network = Glance()
    looks = Looks(network, frame)
    logits, quality = looks.ask(region(0), MAPS, both_ways=True)
    np.testing.assert_array_equal(network.seen[1], network.seen[0][:, ::-1])
    assert logits.dtype == quality.dtype == np.float32
    assert quality == [0.75]
    assert logits[0, 8, 2] == (0.75 + 0.375) / 2, "seen well from one side and half as well from the other"
    assert logits[0, 0, 15] == (-0.25 - 0.5) / 2
    looks.ask(region(0), MAPS, both_ways=True)
    assert len(network.seen) == 2, "both are kept"


def test_the_five_newest_looks_are_kept(frame: np.ndarray) -> None:
    """Which are those of the two sides of two regions, and of what a third click needs."""
    network = Glance()
    looks = Looks(network, frame)
    for left in range(5):
        looks.ask(region(left), MAPS)
    for left in range(5):
        looks.ask(region(left), MAPS)
    assert len(network.seen) == 5
    looks.ask(region(5), MAPS)
    looks.ask(region(1), MAPS)
    assert len(network.seen) == 6
    looks.ask(region(0), MAPS)
    assert len(network.seen) == 7
