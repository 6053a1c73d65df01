"""The protocol on the sample clip, with vos_benchmark as judge of the written masks."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from davis_layout import write_clip
from PIL import Image
from vos_benchmark.benchmark import benchmark

from mobilevos import sample
from mobilevos.errors import InputError, OutputError
from mobilevos.evaluation import Report, evaluate, evaluate_folders, find_sequences, protocol

FRAMES = 8


class Replay:
    """A tracker that knows the label maps and answers with them, moved by ``drift`` pixels per frame."""

    def __init__(self, labels: np.ndarray, drift: int = 0) -> None:
        self.labels, self.drift = labels, drift
        self.index = 0
        self.added: dict[int, np.ndarray] = {}
        self.started_with: np.ndarray | None = None

    def start(self, frame: np.ndarray, mask: np.ndarray) -> np.ndarray:
        assert frame.dtype == mask.dtype == np.uint8
        assert frame.shape == (*mask.shape, 3)
        self.started_with = mask
        return mask

    def step(self, frame: np.ndarray) -> np.ndarray:
        self.index += 1
        return np.roll(self.labels[self.index], self.drift * self.index, axis=1)

    def add(self, mask: np.ndarray) -> np.ndarray:
        self.added[self.index] = mask
        return np.where(mask > 0, mask, self.labels[self.index])


@pytest.fixture(scope="module")
def truth() -> np.ndarray:
    return sample.truth()[10 : 10 + FRAMES]


def run(root: Path, labels: np.ndarray, out: Path | None = None, **options) -> Report:
    return evaluate(find_sequences(root), lambda: Replay(labels, **options), out=out)


def test_perfect_tracker(tmp_path: Path, truth: np.ndarray) -> None:
    write_clip(tmp_path, "reef", truth)
    report = run(tmp_path, truth).to_dict()
    assert set(report) == {"J", "F", "JF", "fps", "sequences"}
    assert report["sequences"] == {"reef": {"J": 100.0, "F": 100.0, "JF": 100.0}}
    assert (report["J"], report["F"], report["JF"]) == (100, 100, 100)
    assert report["fps"] > 0
    assert json.loads(json.dumps(report)) == report


def test_several_objects_equal_the_official_figures(tmp_path: Path, truth: np.ndarray) -> None:
    one_object = np.where(truth == 1, 1, 0).astype(np.uint8)
    root, out = tmp_path / "set", tmp_path / "out"
    write_clip(root, "both", truth)
    write_clip(root, "single", one_object)
    trackers = iter([Replay(truth, drift=2), Replay(one_object, drift=-1)])
    report = evaluate(find_sequences(root), lambda: next(trackers), out=out)
    (jf,), (j,), (f,), (objects,) = benchmark([root / "Annotations" / "480p"], [out], num_processes=1, verbose=False)
    assert 50 < jf < 95
    assert pytest.approx((j, f, jf), abs=1e-6) == (report.overall.J, report.overall.F, report.overall.JF)
    for name, (iou, boundary) in objects.items():
        assert pytest.approx(np.mean(list(iou.values())), abs=1e-6) == report.sequences[name].J
        assert pytest.approx(np.mean(list(boundary.values())), abs=1e-6) == report.sequences[name].F
    (out / "results.csv").unlink()
    again = evaluate_folders(out, root / "Annotations" / "480p")
    assert again.sequences == report.sequences
    assert again.to_dict()["fps"] is None


def test_global_mean_is_over_objects(tmp_path: Path, truth: np.ndarray) -> None:
    write_clip(tmp_path, "both", truth)
    write_clip(tmp_path, "lost", (truth == 2).astype(np.uint8))
    trackers = iter([Replay(truth), Replay(np.zeros_like(truth))])
    report = evaluate(find_sequences(tmp_path), lambda: next(trackers))
    assert report.sequences["lost"].J == 0
    assert pytest.approx(200 / 3) == report.overall.J


def test_written_masks(tmp_path: Path, truth: np.ndarray) -> None:
    write_clip(tmp_path / "set", "reef", truth)
    run(tmp_path / "set", truth, out=tmp_path / "out")
    files = sorted((tmp_path / "out" / "reef").iterdir())
    assert [path.name for path in files] == [f"{index:05d}.png" for index in range(FRAMES)]
    image = Image.open(files[3])
    assert image.mode == "P"
    assert image.getpalette()[3:9] == [128, 0, 0, 0, 128, 0]
    np.testing.assert_array_equal(np.asarray(image), truth[3])


@pytest.mark.parametrize("mode", ["L", "1", "RGB", "RGBA"])
def test_binary_truth(tmp_path: Path, truth: np.ndarray, mode: str) -> None:
    """DAVIS-2016: truth is 0/255, the tracker is given 0/1 and any id it answers with counts."""
    binary = np.where(truth == 1, 255, 0).astype(np.uint8)
    write_clip(tmp_path, "reef", binary)
    for path in tmp_path.glob("Annotations/480p/reef/*.png"):
        Image.open(path).convert(mode).save(path)
    tracker = Replay(np.where(truth == 1, 7, 0).astype(np.uint8))
    if mode == "1":  # stored as 0/1, so that only id 1 is the object
        tracker.labels = np.minimum(tracker.labels, 1)
    report = evaluate(find_sequences(tmp_path), lambda: tracker)
    np.testing.assert_array_equal(tracker.started_with, truth[0] == 1)
    assert report.overall.JF == 100


def test_void_pixels_count_for_nothing(tmp_path: Path, truth: np.ndarray) -> None:
    annotation = truth.copy()
    annotation[:, :, 200:] = 255
    write_clip(tmp_path, "reef", annotation)
    wrong_in_void = truth.copy()
    wrong_in_void[:, :, 200:] = 1
    tracker = Replay(wrong_in_void)
    assert evaluate(find_sequences(tmp_path), lambda: tracker).overall.JF == 100
    assert tracker.started_with is not None
    assert not tracker.started_with[:, 200:].any()


def test_first_and_last_frame_are_not_scored(tmp_path: Path, truth: np.ndarray) -> None:
    write_clip(tmp_path, "reef", truth)
    answers = truth.copy()
    answers[0] = answers[-1] = 0
    assert run(tmp_path, answers).overall.JF == 100
    answers[-2] = 0
    assert pytest.approx(100 * (FRAMES - 3) / (FRAMES - 2)) == run(tmp_path, answers).overall.J


def test_sparse_annotations(tmp_path: Path, truth: np.ndarray) -> None:
    """The first annotation starts the tracker, frames without one are tracked but not scored."""
    write_clip(tmp_path, "reef", truth)
    for index in (0, 1, 3, 5, 7):
        (tmp_path / "Annotations" / "480p" / "reef" / f"{index:05d}.png").unlink()
    answers = np.zeros_like(truth[2:])
    answers[2] = truth[4]  # the tracker counts from frame 2; of 2, 4, 6 only 4 is scored
    seen: list[tuple[int, int]] = []
    tracker = Replay(answers)
    report = evaluate(find_sequences(tmp_path), lambda: tracker, lambda *at: seen.append(at))
    assert report.overall.JF == 100
    assert tracker.index == len(report.step_ms) == 5
    assert seen == [(done, 6) for done in range(1, 7)]


def test_objects_are_given_where_they_begin_and_scored_from_there(tmp_path: Path, truth: np.ndarray) -> None:
    annotation = truth.copy()
    annotation[:3][annotation[:3] == 2] = 0
    write_clip(tmp_path, "reef", annotation)
    answers = np.where(truth == 1, 1, 0).astype(np.uint8)
    answers[5] = truth[5]
    tracker = Replay(answers)
    report = evaluate(find_sequences(tmp_path), lambda: tracker)
    assert list(tracker.added) == [3]
    np.testing.assert_array_equal(tracker.added[3], np.where(truth[3] == 2, 2, 0))
    assert pytest.approx((100 + 100 / 3) / 2) == report.overall.J  # object 2 in frames 4, 5 and 6
    assert report.notes == []


def test_a_start_without_object_is_passed_over(tmp_path: Path, truth: np.ndarray) -> None:
    annotation = truth.copy()
    annotation[:2] = 0
    write_clip(tmp_path / "set", "reef", annotation)
    tracker = Replay(truth[2:])
    seen: list[tuple[int, int]] = []
    report = evaluate(find_sequences(tmp_path / "set"), lambda: tracker, lambda *at: seen.append(at), tmp_path / "out")
    assert report.overall.JF == 100
    np.testing.assert_array_equal(tracker.started_with, truth[2])
    assert seen == [(done, FRAMES) for done in range(1, FRAMES + 1)]
    assert len(list((tmp_path / "out/reef").iterdir())) == FRAMES - 2
    assert evaluate_folders(tmp_path / "out", tmp_path / "set/Annotations/480p").overall.JF == 100


def test_an_object_that_cannot_be_scored_is_named(tmp_path: Path, truth: np.ndarray) -> None:
    annotation = truth.copy()
    annotation[:-1][annotation[:-1] == 2] = 0
    write_clip(tmp_path, "reef", annotation)
    report = run(tmp_path, annotation).to_dict()
    assert report["JF"] == 100
    assert report["notes"] == ["Sequence reef: object 2 is not scored, as no annotation follows before the last one."]


def test_speed_counts_steps_alone(tmp_path: Path, truth: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0

    class Slow(Replay):
        def step(self, frame: np.ndarray) -> np.ndarray:
            nonlocal now
            now += 0.02
            return super().step(frame)

    def progress(*_: object) -> None:
        nonlocal now
        now += 0.03

    monkeypatch.setattr(protocol, "perf_counter", lambda: now)
    write_clip(tmp_path, "reef", truth)
    report = evaluate(find_sequences(tmp_path), lambda: Slow(truth), progress)
    assert report.step_ms == pytest.approx([20] * (FRAMES - 1))
    assert report.fps == pytest.approx(50)


def spoil_size(root: Path) -> None:
    Image.new("L", (20, 10)).save(root / "Annotations/480p/reef/00003.png")


def spoil_image(root: Path) -> None:
    (root / "JPEGImages/480p/reef/00003.jpg").write_bytes(b"no picture")


def cut_mask(root: Path) -> None:
    path = root / "Annotations/480p/reef/00003.png"
    path.write_bytes(path.read_bytes()[:200])


def deep_mask(root: Path) -> None:
    Image.fromarray(np.full((270, 480), 1000, np.uint16)).save(root / "Annotations/480p/reef/00003.png")


def no_object(root: Path) -> None:
    for index in range(FRAMES):
        Image.new("L", (480, 270)).save(root / f"Annotations/480p/reef/{index:05d}.png")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (spoil_size, r"00003\.png is 20x10 but its frame is 480x270"),
        (spoil_image, r"00003\.jpg is not a readable image"),
        (cut_mask, r"00003\.png is not a readable image"),
        (deep_mask, r"00003\.png has values up to 1000; number the objects from 1 to 254"),
        (no_object, "Sequence reef has no annotation that shows an object"),
    ],
)
def test_unusable_files(tmp_path: Path, truth: np.ndarray, spoil: Callable[[Path], None], message: str) -> None:
    write_clip(tmp_path, "reef", truth)
    spoil(tmp_path)
    with pytest.raises(InputError, match=message):
        run(tmp_path, truth)


def test_nothing_to_do_or_nowhere_to_write(tmp_path: Path, truth: np.ndarray) -> None:
    with pytest.raises(InputError, match="no sequence"):
        evaluate([], lambda: Replay(truth))
    write_clip(tmp_path, "reef", truth)
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="reef could not be written"):
        run(tmp_path, truth, out=tmp_path / "file")
