"""Modes: names for sizes."""

from dataclasses import replace

import numpy as np
import pytest

from colour_runtime import ColourRuntime, scene
from mobilevos.engine import modes
from mobilevos.engine.modes import DEFAULT_MODE, LIVE, MODES, mode_of, mode_of_fixed
from mobilevos.errors import InputError
from mobilevos.tracker import Tracker


def test_better_modes_see_more() -> None:
    assert list(MODES) == ["fast", "balanced", "best", "finest"]
    assert list(LIVE) == ["fast", "balanced", "best"]
    sizes = [mode.size for mode in MODES.values()]
    assert sorted(sizes) == sizes
    assert DEFAULT_MODE in MODES
    assert [name for name, mode in MODES.items() if mode.mirrored] == ["finest"]


def test_a_mode_is_a_size_and_a_size_comes_first() -> None:
    seen = {}
    frame, mask = scene(0, 3)
    for name, arguments in {"fast": {"mode": "fast"}, "balanced": {"mode": "balanced"}, "size": {"size": 128}}.items():
        runtime = ColourRuntime()
        Tracker(runtime=runtime, follow=False, **arguments).start(frame, mask)  # type: ignore[arg-type]
        ((height, width),) = runtime.viewed
        seen[name] = np.sqrt(height * width)
    assert seen["fast"] == pytest.approx(MODES["fast"].size, rel=0.06)
    assert seen["balanced"] == pytest.approx(2 * np.sqrt(frame.shape[0] * frame.shape[1]), rel=0.06), "at most twice"
    assert seen["size"] == pytest.approx(128, rel=0.06)


@pytest.mark.parametrize(
    ("size", "name"), [(64, "fast"), (240, "fast"), (241, "balanced"), (319, "balanced"), (320, "best"), (2048, "best")]
)
def test_a_size_takes_the_figures_of_the_nearest_mode_that_is_as_coarse(size: int, name: str) -> None:
    assert mode_of(size) == replace(MODES[name], size=size, enlarged=min(size, MODES[name].enlarged))
    assert mode_of(name) == MODES[name]


def test_a_mode_may_differ_by_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(modes._TABLE, "models", {"mine": {"best": {"size": 400, "refresh": 1}}})
    own = replace(MODES["best"], size=400, refresh=1)
    assert mode_of("best", "mine") == own
    assert mode_of(380, "mine") == replace(own, size=380, enlarged=336)
    assert mode_of("fast", "mine") == MODES["fast"]
    assert mode_of("best", "another") == mode_of("best") == MODES["best"]
    monkeypatch.setitem(modes._TABLE, "models", {"mine": {"best": {"enlarged": modes._TABLE["fine"]}}})
    assert mode_of(400, "mine") == replace(MODES["best"], size=400, enlarged=320), "the least that is fine"
    monkeypatch.setitem(modes._TABLE, "models", {"mine": {"best": {"size": 400, "refresh": 1}}})
    runtime = ColourRuntime()
    Tracker("mine", runtime, follow=False).start(*scene(0, 3))
    ((height, width),) = runtime.viewed
    assert np.sqrt(height * width) > 1.1 * MODES["best"].size or (height, width) == (240, 320)


def test_fixed_shapes_take_the_figures_of_as_many_pixels() -> None:
    for size, name in (((256, 400), "best"), ((256, 384), "balanced"), ((64, 64), "fast")):
        mode = mode_of_fixed(size)
        assert (mode.sight, mode.ghosts, mode.margin) == (size, MODES[name].ghosts, MODES[name].margin)
    assert MODES["fast"].sight == MODES["fast"].size


@pytest.mark.parametrize("mode", ["turbo", "", 63, 4096])
def test_senseless_modes(mode: str | int) -> None:
    with pytest.raises(InputError):
        mode_of(mode)
