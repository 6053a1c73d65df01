"""Modes: names for sizes, and sizes for frame rates."""

import json
from pathlib import Path

import numpy as np
import pytest

from colour_runtime import ColourRuntime, scene
from command import mobilevos
from mobilevos import calibration
from mobilevos.calibration import SMALLEST, measure, size_for
from mobilevos.errors import InputError
from mobilevos.modes import DEFAULT_MODE, MODES, size_of
from mobilevos.runtimes import load_runtime
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


def test_a_frame_costs_a_constant_and_a_part_for_every_pixel() -> None:
    constant, per_pixel = measure(load_runtime("lite0", "onnxruntime", 1))
    assert 0 <= constant < 50
    assert 0.5 < per_pixel * 384**2 < 2000


def test_the_size_falls_with_the_frame_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "_remembered", lambda *_: (2.0, 20.0 / 384**2))
    sizes = [size_for(fps) for fps in (1, 40, 60, 120)]
    assert sizes[0] == MODES["best"], "never beyond what is best"
    assert sizes == sorted(sizes, reverse=True)
    assert all(size % 16 == 0 for size in sizes)
    for fps, size in zip((40, 60, 120), sizes[1:], strict=True):
        assert 2 + 20 * (size / 384) ** 2 <= 0.75 * 1000 / fps < 2 + 20 * ((size + 16) / 384) ** 2
    with pytest.raises(InputError, match="can hold about 2"):
        size_for(1000)
    with pytest.raises(InputError, match="above 0"):
        size_for(-3)
    assert size_for(0.75 * 1000 / (2.0 + 20 * (SMALLEST / 384) ** 2)) == SMALLEST


def test_it_is_measured_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    first = size_for(1, threads=1)
    (cache,) = tmp_path.rglob("speed.json")
    (known,) = json.loads(cache.read_text()).values()
    assert len(known) == 2
    monkeypatch.setattr(calibration, "measure", lambda _: pytest.fail("measured again"))
    assert size_for(1, threads=1) == first


@pytest.mark.parametrize("damage", ["", "[1, 2]", '{"x": ', "null"])
def test_a_damaged_cache_is_measured_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, damage: str) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.setattr(calibration, "measure", lambda _: (1.0, 1e-4))
    cache = tmp_path / "mobilevos" / "speed.json"
    cache.parent.mkdir()
    cache.write_text(damage)
    assert size_for(60) == 336
    assert list(json.loads(cache.read_text()).values()) == [[1.0, 1e-4]]


def test_fps_and_size_exclude_each_other(tmp_path: Path) -> None:
    done = mobilevos("segment", "x.mp4", "--mask", "x.png", "--fps", "30", "--size", "256", "-o", tmp_path / "out")
    assert done.returncode == 2
    assert "--fps chooses the size" in done.stderr
    assert not (tmp_path / "out").exists()
