"""Modes: names for sizes."""

import numpy as np
import pytest

from colour_runtime import ColourRuntime, scene
from mobilevos.errors import InputError
from mobilevos.modes import DEFAULT_MODE, MODES, size_of
from mobilevos.tracker import Tracker


def test_better_modes_see_more() -> None:
    assert list(MODES) == ["fast", "balanced", "best"]
    assert sorted(MODES.values()) == list(MODES.values())
    assert DEFAULT_MODE in MODES


def test_a_mode_is_a_size_and_a_size_comes_first() -> None:
    seen = {}
    frame, mask = scene(0, 3)
    for name, arguments in {"fast": {"mode": "fast"}, "balanced": {"mode": "balanced"}, "size": {"size": 128}}.items():
        runtime = ColourRuntime()
        Tracker(runtime=runtime, follow=False, **arguments).start(frame, mask)  # type: ignore[arg-type]
        ((height, width),) = runtime.viewed
        seen[name] = np.sqrt(height * width)
    assert seen["fast"] == pytest.approx(MODES["fast"], rel=0.06)
    assert seen["balanced"] == pytest.approx(MODES["balanced"], rel=0.06)
    assert seen["size"] == pytest.approx(128, rel=0.06)


@pytest.mark.parametrize("mode", ["turbo", "", 63, 4096])
def test_senseless_modes(mode: str | int) -> None:
    with pytest.raises(InputError):
        size_of(mode)
