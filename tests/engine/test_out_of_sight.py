"""Objects leave the sight, are searched and return."""

import numpy as np
import pytest

from colour_runtime import COLOURS, ColourRuntime, assert_follows, scene, states
from mobilevos.engine.modes import MODES, mode_of
from mobilevos.tracker import OCCLUDED_FRAMES, Tracker

REFRESH_EVERY, SEARCH_EVERY = MODES["fast"].refresh, MODES["fast"].search


def test_unseen_objects_are_occluded_then_lost_and_may_return(tracker: Tracker) -> None:
    tracker.start(*scene(0, 3))
    for unseen in range(1, OCCLUDED_FRAMES + 4):
        assert not tracker.step(scene()[0]).any()
        state = tracker.objects[3]
        assert state.state == ("occluded" if unseen <= OCCLUDED_FRAMES else "lost")
        assert (state.score, state.area) == (0, 0)
    frame, truth = scene(5, 3)
    assert_follows(tracker.step(frame), truth)
    assert states(tracker) == {3: "visible"}


def test_memory_keeps_the_last_sighting() -> None:
    runtime = ColourRuntime()
    tracker = Tracker(runtime=runtime)
    tracker.start(*scene(0, 3))
    for t in range(1, REFRESH_EVERY + 1):
        tracker.step(scene(t, 3)[0])
    for _ in range(4):
        tracker.step(scene()[0])
    first_alone, both, *searching = (total[0, 0] for total in runtime.recalled[REFRESH_EVERY - 1 :])
    assert both > 1.5 * first_alone
    assert len(searching) > 1
    assert set(searching) == {searching[0]}
    assert searching[0] > both, "the surroundings as well"


@pytest.mark.parametrize("mode", MODES)
def test_the_previous_frame_in_memory_is_renewed_every_few_frames(mode: str) -> None:
    runtime, row = ColourRuntime(), MODES[mode]
    tracker = Tracker(runtime=runtime, mode=mode)
    tracker.start(*scene(0, 3))
    for t in range(1, 8):
        frame, truth = scene(t, 3)
        assert_follows(tracker.step(frame), truth)
    pixels = [total[0, 0] for total in runtime.recalled][:: 1 + row.mirrored]
    assert len(set(pixels[: row.refresh])) == 1
    assert pixels[row.refresh] > 1.5 * pixels[row.refresh - 1]


def test_one_object_is_searched_while_another_is_followed(tracker: Tracker) -> None:
    tracker.start(*scene(0, 3, 200))
    for t in range(1, 12):
        frame, truth = scene(t, 3)
        assert_follows(tracker.step(frame), truth)
    assert states(tracker) == {3: "visible", 200: "occluded"}
    for t in range(12, 12 + SEARCH_EVERY):
        frame, truth = scene(t, 3, 200)
        labels = tracker.step(frame)
    assert_follows(labels, truth)
    assert states(tracker) == {3: "visible", 200: "visible"}


def test_memory_learns_at_once_of_who_is_back_beside_others() -> None:
    """The next frame is compared with it: what memory took in before holds those pixels for something else."""
    tracker = Tracker(runtime=ColourRuntime(), size=128)
    tracker.start(*scene(0, 3, 200))
    for t in range(1, 30):
        before = tracker._memory.previous
        tracker.step(scene(t, *((3,) if t < 13 else (3, 200)))[0])
        back = t > 12 and states(tracker)[200] == "visible"
        renewed = tracker._memory.previous is not before
        assert renewed == (back or t % mode_of(128).refresh == 0)
        if back:
            break
    assert back
    assert t % mode_of(128).refresh, "it would have been renewed anyway"


def test_the_search_for_an_object_does_not_change_how_another_is_seen() -> None:
    """Every few frames the whole frame is looked at as well, once that of the start, and the other's view closes up."""
    views, found = [], []
    for ids in ((3, 200), (3,)):
        runtime = ColourRuntime()
        tracker = Tracker(runtime=runtime, size=128)
        frame, truth = scene(0, 3, 200)
        tracker.start(frame, np.where(np.isin(truth, ids), truth, 0))
        found.append([tracker.step(scene(t, 3)[0]) for t in range(1, 30)])
        views.append(runtime.viewed)
    both, alone = views
    assert len(both) == len(alone) + 8
    settled = 4 * SEARCH_EVERY
    np.testing.assert_array_equal(found[0][settled:], found[1][settled:])


def test_changes_in_one_frame_do_not_age_unseen_objects(tracker: Tracker) -> None:
    tracker.start(*scene(0, 3, 200))
    frame, truth = scene(1, 3)
    tracker.step(frame)
    for _ in range(OCCLUDED_FRAMES + 1):
        tracker.add(truth)
    assert states(tracker) == {3: "visible", 200: "occluded"}


def test_specks_do_not_widen_the_view() -> None:
    """Two pixels of a lost object's colour are not the object; a patch that fills a cell of its mask is."""
    viewed = []
    for height, width in ((0, 0), (1, 2), (9, 9)):
        runtime = ColourRuntime()
        tracker = Tracker(runtime=runtime, size=128)
        tracker.start(*scene(0, 3, 200))
        found = []
        for t in range(1, 2 * SEARCH_EVERY):
            frame, _ = scene(t, 3)
            frame[100 : 100 + height, 145 : 145 + width] = COLOURS[200]
            found.append(bool((tracker.step(frame) == 200).any()))
            assert found[-1] == (states(tracker)[200] == "visible")
        assert any(found) == (height > 2)
        viewed.append(runtime.viewed)
    without, with_speck, with_patch = viewed
    assert with_speck == without
    assert with_patch != without
