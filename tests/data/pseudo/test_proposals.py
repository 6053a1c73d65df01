"""Objects that are found without a prompt."""

import numpy as np
from pseudo_scenes import BLUE, RED, SIZE, ColourView, scene

from mobilevos.data.pseudo.motion import own_motion
from mobilevos.data.pseudo.proposals import MOST, propose

STILL = np.zeros(SIZE, np.float32)


def found(*objects: tuple[int, int, tuple[int, int, int]]) -> np.ndarray:
    frame = scene(*objects)
    return propose(ColourView(frame), frame, STILL)


def test_objects_are_found_whole_and_apart() -> None:
    labels = found((20, 30, RED), (100, 60, BLUE))
    assert sorted(np.unique(labels)) == [0, 1, 2]
    assert len(np.unique(labels[30:62, 20:52])) == len(np.unique(labels[60:92, 100:132])) == 1


def test_there_are_no_more_than_the_most() -> None:
    places = [(x, y) for y in (8, 60) for x in (10, 60, 110)]
    assert found(*((x, y, RED) for x, y in places)).max() == MOST


def test_a_look_alike_goes_before_another_thing() -> None:
    labels = found((10, 8, BLUE), (60, 8, BLUE), (110, 8, BLUE), (10, 60, BLUE), (60, 70, RED))
    assert not labels[70:102, 60:92].any()


def test_nothing_is_found_where_there_is_nothing() -> None:
    assert not found().any()


def test_what_rests_at_the_border_is_left_and_what_moves_there_is_taken() -> None:
    frame = scene((0, 30, RED))
    frame[20:100, :60] = RED
    assert not propose(ColourView(frame), frame, STILL).any()
    moving = STILL.copy()
    moving[20:100, :60] = 3
    assert propose(ColourView(frame), frame, moving)[60, 30] == 1


def test_only_what_the_camera_does_not_explain_moves() -> None:
    wide = scene(noise=5)
    before, now, after = (np.roll(wide, shift, 1)[:, 20:-20].copy() for shift in (-3, 0, 3))
    for frame, x in ((before, 60), (now, 54), (after, 48)):
        frame[40:80, x : x + 32] = scene(noise=6)[40:80, 40:72]
    motion = own_motion(before, now, after)
    assert motion.shape == now.shape[:2]
    assert np.median(motion[45:75, 60:80]) > 2
    assert np.median(motion[:, :30]) < 0.5


def test_what_is_laid_over_the_video_is_no_object() -> None:
    wide = scene(noise=5)
    before, now, after = (np.roll(wide, shift, 1) for shift in (-4, 0, 4))
    for frame in (before, now, after):
        frame[45:75, 65:95] = RED
    assert not propose(ColourView(now), now, own_motion(before, now, after)).any()


class Undecided(ColourView):
    """Sees a little less than the whole from the left part of an object."""

    def at(self, x: float, y: float) -> tuple[np.ndarray, float]:
        logits, sure = super().at(x, y)
        columns = np.flatnonzero((logits > 0).any(0))
        if len(columns) and x < columns.mean():
            logits[:, columns[-6:]] = -9
        return logits, sure


def test_of_several_readings_of_an_object_the_whole_one_is_kept() -> None:
    frame = scene((20, 30, RED), (60, 30, BLUE), (100, 30, RED))
    labels = propose(Undecided(frame), frame, STILL)
    assert len(np.unique(labels)) == 4
    assert labels[46, 50] == labels[46, 25] > 0
