"""Stretches of videos, and their order."""

from itertools import pairwise

from mobilevos.data.pseudo.stretches import LONGEST, SHORTEST, Stretch, in_turn, stretches


def test_a_stretch_lies_within_its_shot_at_about_ten_frames_a_second() -> None:
    (stretch,) = stretches("cat", [(100, 250)], fps=30.0)
    assert stretch.step == 3
    assert stretch.count == LONGEST
    assert stretch.frames[0] >= 100
    assert stretch.frames[-1] < 250
    assert len(stretch.frames) == stretch.count


def test_a_short_shot_is_taken_at_a_higher_rate_and_a_shorter_one_not_at_all() -> None:
    (stretch,) = stretches("cat", [(0, SHORTEST), (30, 30 + SHORTEST - 1)], fps=30.0)
    assert stretch == Stretch("cat", 0, 1, SHORTEST)


def test_stretches_of_a_long_shot_lie_far_apart_and_the_middle_one_comes_first() -> None:
    found = stretches("cat", [(0, 3000)], fps=10.0)
    starts = sorted(stretch.start for stretch in found)
    assert len(found) >= 20
    assert min(b - a for a, b in pairwise(starts)) >= 2 * LONGEST
    assert abs(found[0].frames[LONGEST // 2] - 1500) < 100
    assert len({stretch.name for stretch in found}) == len(found)


def test_the_longest_shot_comes_first() -> None:
    assert [s.start for s in stretches("cat", [(0, 40), (50, 110)], fps=10.0)] == [64, 4]


def test_every_video_has_its_turn() -> None:
    videos = {
        name: stretches(name, [(0, length)], 10.0) for name, length in (("a", 300), ("b", 30), ("c", 10), ("d", 300))
    }
    assert [stretch.video for stretch in in_turn(videos)] == ["a", "b", "d", "a", "d", "a", "d"]
