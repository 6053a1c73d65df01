"""First masks of several things that touch, by a network that knows colours alone."""

import numpy as np
import pytest

from mobilevos.engine.prompt_maps import Maps
from mobilevos.engine.runtime import Features, Float
from mobilevos.errors import InputError
from mobilevos.first_mask import Prompts

GREY, RED, BLUE = (90, 90, 90), (250, 20, 20), (20, 20, 250)


class Painter:
    """A click means all that is not grey or, if it may, what has its colour; never what a negative click has.

    Args:
        tells: whether colours by themselves are candidates.
    """

    def __init__(self, tells: bool) -> None:
        self.tells = tells

    def query(self, frame: np.ndarray) -> Features:
        return {"cells": frame[1::4, 1::4].astype(int)}

    def prompt(self, features: Features, maps: Maps) -> tuple[Float, Float]:
        cells = features["cells"]
        whole = ~_has(cells, np.array([GREY])) & ~_has(cells, cells[maps[1] > 0.5])
        found = [whole, whole, _has(cells, cells[maps[0] > 0.5])] if self.tells else [whole]
        logits = np.where(found, 6.0, -6.0).astype(np.float32)
        return logits, np.array([0.9, 0.8, 0.6], np.float32)[: len(found)]


def _has(cells: np.ndarray, colours: np.ndarray) -> np.ndarray:
    return np.asarray((np.abs(cells[:, :, None] - colours).max(-1) < 40).any(-1))


@pytest.fixture
def frame() -> np.ndarray:
    """Red on the left touches blue on the right."""
    frame = np.full((288, 288, 3), GREY, np.uint8)
    frame[96:192, 64:144], frame[96:192, 144:224] = RED, BLUE
    return frame


@pytest.mark.parametrize("tells", [True, False])
def test_what_is_clicked_as_another_is_not_of_this_object(frame: np.ndarray, tells: bool) -> None:
    made = Prompts(["1:104,144", "2:184,144"], []).masks(frame, Painter(tells))
    for object_id, colour in ((1, RED), (2, BLUE)):
        truth = (frame == colour).all(-1)
        assert ((made.labels == object_id) & truth).sum() > 0.95 * truth.sum()
        assert ((made.labels == object_id) & ~truth).sum() < 0.05 * truth.sum()


def test_what_is_not_clicked_as_another_stays(frame: np.ndarray) -> None:
    """A negative click of another object says nothing of this one, and neither does a click beside it."""
    alone = Prompts(["1:104,144"], []).masks(frame, Painter(False)).labels == 1
    frame[240:280, 240:280] = BLUE
    made = Prompts(["1:104,144", "2:250,250", "2:110,150,0"], [])
    assert (made.masks(frame, Painter(True)).labels == 1).sum() >= 0.9 * (alone & (frame == RED).all(-1)).sum()


def test_a_click_of_another_beyond_the_frame_is_refused(frame: np.ndarray) -> None:
    with pytest.raises(InputError, match="the click 999,5 lies outside of the frame"):
        Prompts(["1:104,144", "2:999,5"], []).masks(frame, Painter(True))


def test_a_new_object_leaves_what_is_given_already(frame: np.ndarray) -> None:
    given = np.where((frame == BLUE).all(-1), 2, 0)
    labels = Prompts(["1:104,144"], []).masks(frame, Painter(True), given).labels
    assert (labels == 2).sum() > 0.9 * (given == 2).sum()
    assert ((labels == 1) & (frame == RED).all(-1)).sum() > 0.9 * (frame == RED).all(-1).sum()
