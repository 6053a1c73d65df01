"""The benchmark times what it says it does, contestant by contestant in turn."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mobilevos import sample
from mobilevos.benchmark import Contestant, Limits, contest, contestants, describe_machine, measure
from mobilevos.benchmark.films import FRAME_SIZE, Noise, Sample, opened
from mobilevos.benchmark.process import Process, Step
from mobilevos.benchmark.startup import startup_s
from mobilevos.errors import InputError
from mobilevos.video.masks import load_mask


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Names in the order in which contestants ran; without the start-up, which has its own test."""
    order: list[str] = []
    step = Process.step

    def noted(self: Process, frame: np.ndarray) -> Step:
        order.append(self.name)
        return step(self, frame)

    monkeypatch.setattr(Process, "step", noted)
    monkeypatch.setattr(contest, "startup_s", lambda *_: 0.5)
    monkeypatch.setattr(contest, "ROUNDS", 1)
    return order


def test_contestants_take_turns(turns: list[str]) -> None:
    """On the sample, one and two objects: order, every figure, MACs of the network."""
    calls: list[tuple[int, int]] = []
    grid = contestants(["lite0"], ["64"], ["onnxruntime"], objects=[1, 2], threads=[1])
    rows = measure(grid, 32, progress=lambda *call: calls.append(call))
    names = [f"lite0 64 onnxruntime{view}" for view in ("", ", whole frame", ", 2 objects, whole frame")]
    assert turns == names * 32
    assert calls == [(index, 32) for index in range(1, 33)]
    assert [row.name for row in rows] == names
    for row in rows:
        width, height = map(int, str(row.input).split("x"))
        assert 32**2 <= width * height <= 96**2
        assert row.frames == 22
        assert row.exceeded is None
        assert row.median_ms is not None
        assert row.p90_ms is not None
        assert row.last_ms is not None
        assert row.end_to_end_fps is not None
        assert 0 < row.median_ms <= row.p90_ms
        assert 0 < row.last_ms < 1000
        assert 0 < row.end_to_end_fps < 3 * 1000 / row.median_ms
        assert row.peak_mb is None or 50 < row.peak_mb < 400  # of its own process, not that of these tests
        assert row.growth_mb is None or abs(row.growth_mb) < 100
        assert row.startup_s == 0.5
        assert [frame for frame, _ in row.curve] == list(range(11, 33))
        assert json.loads(json.dumps(row.to_dict()))["median_ms"] == row.median_ms
    assert (rows[0].object_share, rows[1].object_share) == (None, None)
    assert rows[1].median_ms is not None
    assert rows[2].median_ms is not None
    assert rows[2].object_share == pytest.approx(rows[2].median_ms / rows[1].median_ms - 1)
    for row in rows:
        settings = {"model": "lite0", "size": "64", "runtime": "onnxruntime", "memory": "finite", "threads": 1}
        assert settings.items() <= row.to_dict().items()


def test_a_quantised_model(tmp_path: Path, turns: list[str]) -> None:
    """PyTorch cannot count the operations of what it cannot run; the rest is measured all the same."""
    pytest.importorskip("torch")
    pytest.importorskip("onnx")
    from mobilevos.export.manifest import View
    from mobilevos.export.onnx_int8 import export_onnx_int8
    from mobilevos.models import load_weights

    export_onnx_int8(load_weights("lite0"), tmp_path, View(64, 64))
    rows = measure(contestants([str(tmp_path)], ["64"], ["onnxruntime"], threads=[1]), 32)
    assert turns
    assert {row.gmacs for row in rows} == {None}
    assert all(row.median_ms and row.params_m == pytest.approx(1.05, abs=0.01) for row in rows)


def test_limits_give_an_x_and_the_others_go_on(turns: list[str]) -> None:
    """Of noise, with both memories: what has used up its time is asked no more."""
    grid = contestants(["lite0"], ["64"], ["onnxruntime"], ["finite", "infinite"], threads=[1], videos=["random-31"])
    finite, infinite = grid
    rows = measure(grid, limits=Limits(memory_mb=1))
    assert turns == [finite.name, infinite.name]
    for row in rows:
        assert row.exceeded == "memory"
        assert (row.median_ms, row.p90_ms, row.last_ms, row.input, row.end_to_end_fps) == (None,) * 5
        assert row.peak_mb is not None
        assert row.peak_mb > 1
    assert Limits(time_s=1).exceeded([Step(600, 1, 1), Step(600, 1, 1)]) == "time"
    assert Limits(time_s=1).exceeded([Step(600, 1, 1)]) is None
    assert Limits(time_s=1).exceeded([]) is None
    assert Limits(memory_mb=2).exceeded([Step(600, None, None)]) is None


def test_noise_and_an_infinite_memory(turns: list[str]) -> None:
    grid = contestants(["lite0"], ["128"], ["onnxruntime"], ["finite", "infinite"], threads=[1], videos=["random-61"])
    rows = measure(grid)
    assert [row.name for row in rows] == [
        "lite0 128 onnxruntime, random-61",
        "lite0 128 onnxruntime, infinite memory, random-61",
    ]
    for row in rows:
        assert row.frames == 50
        assert row.end_to_end_fps is None  # there is nothing to decode
        assert row.input == "176x96"  # the whole frame: noise has no region
    finite, infinite = rows
    if finite.peak_mb and infinite.peak_mb:
        assert infinite.peak_mb > finite.peak_mb + 2  # twelve frames more
    assert (turns.count(rows[0].name), turns.count(rows[1].name)) == (60, 60)


def test_a_file_of_the_users(tmp_path: Path, turns: list[str]) -> None:
    video = str(sample.clip_path())
    grid = contestants(["lite0"], ["64"], ["onnxruntime"], objects=[2], threads=[1], videos=[video])
    (row,) = measure(grid, 100, mask=sample.mask_path())
    assert row.frames == 45  # 56 in all, of which one has the mask and ten are for warming up
    assert row.end_to_end_fps is not None
    with pytest.raises(InputError, match=r"objects in .*clip.mp4 are not known; give the mask"):
        measure(grid, 100)
    with pytest.raises(InputError, match=r"has 2 objects, not 3; give fewer --objects"):
        measure(contestants(["lite0"], ["64"], ["onnxruntime"], objects=[3], videos=[video]), 100, sample.mask_path())


def test_mistakes() -> None:
    one = Contestant("lite0", "64", "onnxruntime")
    with pytest.raises(InputError, match="29 frames are too few to measure; give at least 30"):
        measure([one], 29)
    with pytest.raises(InputError, match="19 frames are too few"):
        measure([Contestant("lite0", "64", "onnxruntime", video="random-20")], 100)
    with pytest.raises(InputError, match="Peers cannot take part in 31 of 30 turns; give 1 to 30"):
        measure([one], 30, peer_frames=31)
    with pytest.raises(InputError, match=r"mask.png is the mask of one video file, but --video names 0"):
        measure([one], 30, mask=sample.mask_path())


def test_sample_plays_forwards_and_backwards(sample_frames: list[np.ndarray]) -> None:
    film, length = Sample((270, 480)), len(sample_frames)
    played = [frame for _, frame in zip(range(2 * length - 1), film.frames(), strict=False)]
    for index, expected in ((0, 0), (length - 1, length - 1), (length, length - 2), (2 * length - 2, 0)):
        np.testing.assert_array_equal(played[index], sample_frames[expected])
    whole = load_mask(sample.mask_path()) == 1
    np.testing.assert_array_equal(film.mask(1), whole)
    for objects in (2, 8):
        mask = film.mask(objects)
        np.testing.assert_array_equal(mask > 0, whole)
        areas = np.bincount(mask.ravel())[1:]
        assert len(areas) == objects
        assert areas.max() < 1.5 * areas.min()


@pytest.mark.parametrize(("objects", "share"), [(1, 1 / 10), (8, 1 / 10), (30, 1 / 31)])
def test_objects_in_noise(objects: int, share: float) -> None:
    film = Noise(3)
    frames = list(film.frames())
    assert len(frames) == 3
    assert {(frame.shape, frame.dtype) for frame in frames} == {((*FRAME_SIZE, 3), np.dtype(np.uint8))}
    assert 120 < frames[0].mean() < 135
    assert (frames[0] != frames[1]).mean() > 0.9
    areas = np.bincount(film.mask(objects).ravel(), minlength=objects + 1)[1:] / np.prod(FRAME_SIZE)
    assert len(areas) == objects
    assert areas.mean() == pytest.approx(share, rel=0.25)


def test_sample_as_a_file() -> None:
    with opened("sample", None) as film:
        assert film.file is not None
        assert film.file.stat().st_size > 10_000
    assert not film.file.exists()


def test_start_takes_some_time() -> None:
    assert 0.1 < startup_s("lite0", "onnxruntime", 1) < 30


def test_machine_is_named_in_one_line() -> None:
    text = describe_machine([1, 2])
    assert "\n" not in text
    for part in ("cores", "threads 1 2,", "Python 3.", "onnxruntime 1.", "mobilevos 0."):
        assert part in text
    assert "threads all," in describe_machine()
    if (Path(__file__).parents[2] / ".git").exists():
        assert " at " in text
