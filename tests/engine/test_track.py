"""Where an object goes is learnt from frames in which it is seen by itself."""

import pytest

from mobilevos.engine.track import Track


@pytest.mark.parametrize(
    ("part", "crowded", "is_learnt"),
    [(0.85, True, False), (0.95, True, True), (1.1, True, True), (1.2, True, False), (0.85, False, True)],
)
def test_in_a_crowd_only_who_is_whole_tells_its_pace(part: float, crowded: bool, is_learnt: bool) -> None:
    """Its place and its size are learnt anyhow."""
    track = Track(100.0, 10 + 20j, speed=2j, frames=4, doubts=2)
    track.learn(100 * part, 14 + 23j, crowded)
    assert track.centre == 14 + 23j
    assert track.area == pytest.approx(80 + 20 * part)
    assert (track.frames, track.doubts) == (5, 0)
    assert track.speed == pytest.approx(1.2 + 2.3j if is_learnt else 2j)
