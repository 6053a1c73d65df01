"""The size that holds a frame rate, measured once for each model and machine."""

import json
import os
import shutil
from pathlib import Path

import pytest

from command import mobilevos
from mobilevos.checkup import calibration
from mobilevos.checkup.calibration import SMALLEST, measure, size_for
from mobilevos.engine.modes import MODES
from mobilevos.errors import InputError, ModelNotFound
from mobilevos.machine import cores
from mobilevos.runtimes import load_runtime
from mobilevos.weights.store import model_folder


def test_a_frame_costs_a_constant_and_a_part_for_every_pixel() -> None:
    constant, per_pixel = measure(load_runtime("lite0", "onnxruntime", 1))
    assert 0 <= constant < 50
    assert 0.5 < per_pixel * 384**2 < 2000


def test_the_size_falls_with_the_frame_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "_remembered", lambda *_: (2.0, 20.0 / 384**2))
    sizes = [size_for(fps) for fps in (1, 40, 60, 120)]
    assert sizes[0] == MODES["best"].size, "never beyond what is best"
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


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[object]:
    """An empty cache, and what is measured from now on."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "cache"))
    seen: list[object] = []
    monkeypatch.setattr(calibration, "measure", lambda runtime: seen.append(runtime) or (1.0, 1e-4))
    return seen


def test_other_cores_or_another_quota_are_measured_anew(
    measured: list[object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    quota = tmp_path / "cpu.max"
    monkeypatch.setattr(cores, "CONTROL_GROUPS", tmp_path)
    for affinity, text in (
        ({0}, None),
        ({1}, None),
        ({0, 1}, None),
        ({0, 1}, "100000 100000"),
        ({0, 1}, "50000 100000"),
    ):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, given=affinity: given, raising=False)
        if text:
            quota.write_text(text)
        size_for(30)
        before = len(measured)
        size_for(60)
        assert len(measured) == before, "the same again is remembered"
    assert len(measured) == 5


def test_the_place_of_a_model_counts_and_not_how_it_is_written(
    measured: list[object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for home in ("a", "b"):
        shutil.copytree(model_folder("lite0"), tmp_path / home / "model")
        monkeypatch.chdir(tmp_path / home)
        for model in ("model", "./model", "model/", str(tmp_path / home / "model")):
            size_for(30, model)
    assert len(measured) == 2
    (tmp_path / "link").symlink_to(tmp_path / "a" / "model")
    size_for(30, str(tmp_path / "link"))
    assert len(measured) == 2
    later = max(path.stat().st_mtime for path in (tmp_path / "b" / "model").iterdir()) + 5
    os.utime(tmp_path / "b" / "model" / "read.onnx", (later, later))
    size_for(30, "model")
    assert len(measured) == 3, "another model may lie there now"
    size_for(30)
    assert len(measured) == 4
    with pytest.raises(ModelNotFound):
        size_for(30, "nothing")


def test_a_model_for_one_size_has_none_to_choose(measured: list[object], tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text("{}")
    with pytest.raises(InputError, match="was exported for one size"):
        size_for(30, str(tmp_path))
    assert not measured


def test_fps_and_size_exclude_each_other(tmp_path: Path) -> None:
    done = mobilevos("segment", "x.mp4", "--mask", "x.png", "--fps", "30", "--size", "256", "-o", tmp_path / "out")
    assert done.returncode == 2
    assert "--fps chooses the size" in done.stderr
    assert not (tmp_path / "out").exists()
