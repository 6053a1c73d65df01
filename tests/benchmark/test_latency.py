"""The benchmark times what it says it does."""

import importlib
import json
import time

import numpy as np
import pytest

from mobilevos.benchmark import contestants, describe_machine, measure
from mobilevos.benchmark.process_memory import peak_mb, resident_mb
from mobilevos.errors import InputError, ModelNotFound
from mobilevos.tracker import Tracker


class Paced(Tracker):
    """Takes a given time for each frame; grows slower by ``drift`` milliseconds with every frame."""

    milliseconds, drift = 4.0, 0.0
    order: list[int] = []  # noqa: RUF012 (shared on purpose: who was called, in turn)

    def start(self, frame: np.ndarray, mask: np.ndarray) -> np.ndarray:
        assert frame.shape == (480, 854, 3)
        assert mask.shape == (480, 854)
        assert set(np.unique(mask)) == {0, 1}
        self.calls = 0
        self._runtime.query(frame[:64, : 2 * self._size])
        return mask

    def step(self, frame: np.ndarray) -> np.ndarray:
        Paced.order.append(self._size)
        assert frame.shape == (480, 854, 3)
        time.sleep((self.milliseconds + self.drift * self.calls) / 1000)
        self.calls += 1
        return np.zeros(frame.shape[:2], np.uint8)


@pytest.fixture
def paced(monkeypatch: pytest.MonkeyPatch) -> type[Paced]:
    monkeypatch.setattr(contestants, "Tracker", Paced)
    monkeypatch.setattr(contestants, "find_spec", lambda _: None)  # as without the train extra
    monkeypatch.setattr(Paced, "order", [])
    return Paced


def test_times_of_a_tracker_of_known_pace(paced: type[Paced]) -> None:
    calls: list[tuple[int, int]] = []
    rows = measure("lite0", (64, 80), ("onnxruntime",), 40, 1, lambda *call: calls.append(call))
    assert paced.order == [64, 80] * 40
    assert calls == [(i, 40) for i in range(1, 41)]
    assert [row.name for row in rows] == ["lite0 64 onnxruntime", "lite0 80 onnxruntime"]
    assert [row.input for row in rows] == ["128x64", "160x64"]
    for row in rows:
        assert row.frames == 30
        assert 4.0 <= row.median_ms < 12
        assert row.median_ms <= row.p90_ms
        assert row.slowdown is not None
        assert 0.5 < row.slowdown < 2
        assert row.gmacs is None
        assert json.loads(json.dumps(row.to_dict()))["median_ms"] == row.median_ms


def test_film_plays_forwards_and_backwards(sample_frames: list[np.ndarray]) -> None:
    film, length = contestants.Film((270, 480)), len(sample_frames)
    for index, expected in ((0, 0), (length - 1, length - 1), (length, length - 2), (2 * length - 2, 0)):
        np.testing.assert_array_equal(film[index], sample_frames[expected])
    assert film.mask.shape == (270, 480)


def test_operations_of_one_step_are_those_of_the_network() -> None:
    pytest.importorskip("timm")
    film = contestants.Film((128, 128))
    ours = [contestants.Ours("", film, "lite0", "onnxruntime", 1, size, follow=False) for size in (64, 128)]
    for one in ours:
        one.step(1)
    assert [one.input_size for one in ours] == [(64, 64), (128, 128)]
    small, large = (one.gmacs() for one in ours)
    assert small is not None
    assert large is not None
    # All but the memory read, which is quadratic, grows with the pixels; MobileVOS needs some 10,000 a pixel.
    assert 4 * small < large < 6 * small
    assert 4_000 < large * 1e9 / 128**2 < 20_000


def test_slowdown_shows(paced: type[Paced], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paced, "drift", 0.5)
    (row,) = measure("lite0", (64,), ("onnxruntime",), 40, 1)
    assert row.slowdown is not None
    assert row.slowdown > 1.5  # from 4 + 0.5 * 14 to 4 + 0.5 * 34 ms at the middle of the thirds


def test_growth_shows(paced: type[Paced], monkeypatch: pytest.MonkeyPatch) -> None:
    leak: list[np.ndarray] = []
    step = paced.step

    def leaking(self: Paced, frame: np.ndarray) -> np.ndarray:
        leak.append(np.ones(2**18))  # 2 MiB, touched
        return step(self, frame)

    monkeypatch.setattr(paced, "step", leaking)
    (row,) = measure("lite0", (64,), ("onnxruntime",), 40, 1)
    if row.growth_mb is not None:
        assert 40 < row.growth_mb < 80  # 29 frames after the first measurement


def test_mistakes() -> None:
    with pytest.raises(InputError, match="29 frames are too few to measure; give at least 30"):
        measure("lite0", (64,), ("onnxruntime",), 29)
    with pytest.raises(InputError, match="Peers cannot take part in 31 of 30 turns; give 1 to 30"):
        measure("lite0", (64,), ("onnxruntime",), 30, peer_frames=31)
    with pytest.raises(ModelNotFound):
        measure("lite9", (64,), ("onnxruntime",), 30)
    with pytest.raises(InputError, match="internal size"):
        measure("lite0", (5,), ("onnxruntime",), 30)


def test_machine_is_named_in_one_line() -> None:
    text = describe_machine()
    assert "\n" not in text
    for part in ("cores", "Python 3.", "onnxruntime 1."):
        assert part in text


def test_memory_of_the_process() -> None:
    pytest.importorskip("resource")
    before, peak_before = resident_mb(), peak_mb()
    assert before is not None
    assert peak_before is not None
    block = np.ones(2**23)  # 64 MiB
    during, peak = resident_mb(), peak_mb()
    assert during is not None
    assert peak is not None
    assert during - before == pytest.approx(64, abs=8)
    assert peak >= max(during - 1, peak_before)
    assert peak < 16_000
    assert block.size == 2**23


def test_memory_is_unknown_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("mobilevos.benchmark.process_memory")
    monkeypatch.setattr(module.sys, "platform", "win32")
    assert (peak_mb(), resident_mb()) == (None, None)
