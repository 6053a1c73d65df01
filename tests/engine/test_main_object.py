"""The main object of a clip, found without a hand, by the real network."""

import numpy as np
import pytest

from mobilevos.engine.main_object import main_object
from mobilevos.errors import InputError
from mobilevos.evaluation import jaccard
from mobilevos.runtimes import Prompter, load_prompter


@pytest.fixture(scope="module")
def network() -> Prompter:
    return load_prompter("lite0", threads=1)


def scene(*things: tuple[int, int, int, tuple[int, int, int]]) -> np.ndarray:
    """Balls (x, y, radius, colour) on a lawn, with a wall behind it."""
    rng = np.random.default_rng(0)
    frame = np.full((240, 426, 3), (60, 120, 50), np.uint8)
    frame[:80] = 110, 100, 90
    y, x = np.indices(frame.shape[:2])
    for across, down, radius, colour in things:
        distance = np.hypot(x - across, y - down)
        frame[distance < radius] = colour
        frame[(distance < radius) & (distance > radius - 3)] = np.array(colour) // 2
    return np.clip(frame + rng.normal(0, 6, frame.shape), 0, 255).astype(np.uint8)


def ball(x: int, y: int, radius: int) -> np.ndarray:
    down, across = np.indices((240, 426))
    return np.hypot(across - x, down - y) < radius


def test_an_object_on_a_background_is_found_in_a_still(network: Prompter) -> None:
    """And neither the lawn nor the wall, which are as exact as masks."""
    guess = main_object(network, [scene((250, 130, 40, (220, 60, 40)))])
    assert jaccard(guess.mask, ball(250, 130, 40)) > 0.9
    assert 0 < guess.confidence <= 1


def test_a_small_object_is_found(network: Prompter) -> None:
    """It has one part in a hundred of the frame."""
    guess = main_object(network, [scene((175, 105, 18, (220, 60, 40)))])
    assert jaccard(guess.mask, ball(175, 105, 18)) > 0.85


def test_of_two_alike_the_one_that_moves_is_meant_and_is_surer(network: Prompter) -> None:
    """They lie as far from the middle; motion decides."""
    left, right = (130, 130, 28), (296, 130, 28)
    red = (220, 60, 40)
    first = scene((*left, red), (*right, red))
    later = [scene((124, 130, 28, red), (*right, red)), scene((*left, red), (302, 130, 28, red))]
    one, other = (main_object(network, [first, frame]) for frame in later)
    still = main_object(network, [first])
    assert jaccard(one.mask, ball(*left)) > 0.85
    assert jaccard(other.mask, ball(*right)) > 0.85
    assert max(one.confidence, other.confidence) > still.confidence


def test_nothing_is_found_where_there_is_nothing(network: Prompter) -> None:
    grey = np.full((120, 200, 3), 128, np.uint8)
    try:
        guess = main_object(network, [grey, grey])
    except InputError:
        return
    assert not guess.sure


def test_mistakes(network: Prompter) -> None:
    with pytest.raises(InputError, match="no frame"):
        main_object(network, [])
    with pytest.raises(InputError, match="different sizes"):
        main_object(network, [np.zeros((60, 80, 3), np.uint8), np.zeros((80, 60, 3), np.uint8)])
