"""An export with fixed shapes is a model like any other: commands take its folder, and nothing it is told is lost."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("MNN")

from command import mobilevos, save_davis  # noqa: E402
from mobilevos import sample  # noqa: E402
from mobilevos.errors import InputError, ModelNotFound, RuntimeUnavailable  # noqa: E402
from mobilevos.evaluation import jaccard  # noqa: E402
from mobilevos.export import export_onnx  # noqa: E402
from mobilevos.export.manifest import Manifest, View  # noqa: E402
from mobilevos.export.model import export_fixed  # noqa: E402
from mobilevos.models import load_weights  # noqa: E402
from mobilevos.runtimes import load_runtime  # noqa: E402
from mobilevos.runtimes.torch_runtime import TorchRuntime  # noqa: E402
from mobilevos.tracker import Tracker  # noqa: E402
from mobilevos.video.masks import load_mask, save_palette_png  # noqa: E402
from mobilevos.weights.store import model_card  # noqa: E402

SIZE = (192, 336)
FRAMES = 14


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(tmp_path_factory.mktemp("one"), 1)


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(tmp_path_factory.mktemp("three"), 3)


def exported(folder: Path, objects: int) -> Path:
    export_fixed(load_weights("lite0"), folder, target="mnn", view=View(*SIZE, objects), name="lite0")
    return folder


def reference() -> TorchRuntime:
    """PyTorch at the same size: with any number of objects and all of the memory."""
    runtime: Any = TorchRuntime(load_weights("lite0"))
    runtime.fixed_size = SIZE
    return runtime


def overlap(labels: list[np.ndarray], expected: list[np.ndarray], i: int) -> float:
    shown = [(a == i, b == i) for a, b in zip(labels, expected, strict=True) if (b == i).any()]
    assert len(shown) > 3
    return float(np.mean([jaccard(a, b) for a, b in shown]))


def test_one_object_is_followed_as_in_pytorch(
    one: Path, sample_frames: list[np.ndarray], sample_truth: np.ndarray
) -> None:
    results = []
    for runtime in (load_runtime(one, threads=1), reference()):
        tracker = Tracker(runtime=runtime)
        results.append([tracker.start(sample_frames[0], (sample_truth[0] == 2) * 2)])
        results[-1] += [tracker.step(frame) for frame in sample_frames[1:FRAMES]]
    assert overlap(*results, 2) >= 0.99  # type: ignore[arg-type]


def story(runtime: Any, frames: list[np.ndarray], truth: np.ndarray) -> list[np.ndarray]:
    """The second object comes later; both are corrected, in different frames: four frames are in memory then."""
    tracker = Tracker(runtime=runtime)
    labels = [tracker.start(frames[0], truth[0] == 1), *(tracker.step(frame) for frame in frames[1:4])]
    labels.append(tracker.add((truth[3] == 2) * 2))
    labels += [tracker.step(frame) for frame in frames[4:7]]
    labels.append(tracker.add((truth[6] == 1) * 1))
    labels += [tracker.step(frame) for frame in frames[7:9]]
    labels.append(tracker.add(truth[8]))
    return labels + [tracker.step(frame) for frame in frames[9:FRAMES]]


def test_later_objects_and_corrections_stay(
    three: Path, sample_frames: list[np.ndarray], sample_truth: np.ndarray
) -> None:
    """Also with a row of the graphs to spare."""
    results = [story(runtime, sample_frames, sample_truth) for runtime in (load_runtime(three, threads=1), reference())]
    for i in (1, 2):
        assert overlap(*results, i) >= 0.98  # type: ignore[arg-type]


def test_what_was_corrected_is_still_known_when_memory_overflows(
    three: Path, sample_frames: list[np.ndarray], sample_truth: np.ndarray
) -> None:
    """Entries that are left out matter to none of the frame's pixels."""
    runtime, torch_runtime = load_runtime(three, threads=1), reference()
    frames, masks = [], []
    for index in (0, 3, 6, 9):
        seen = sample_frames[index][: SIZE[0], : SIZE[1]]
        features, expected = runtime.query(seen), torch_runtime.query(seen)
        truth = sample_truth[index][: SIZE[0], : SIZE[1]]
        given = np.stack([truth[2::4, 2::4] == i for i in (1, 2, 3)]).astype(np.float32)
        value = torch_runtime.memorise(expected, given)
        frames.append((torch_runtime.key(expected), value))
        masks.append(given)
    key, value = (np.concatenate(parts, -1) for parts in zip(*frames, strict=True))
    found = runtime.read(features, key, value, masks[-1])
    np.testing.assert_allclose(found, torch_runtime.read(expected, key, value, masks[-1]), atol=0.02)


def test_more_objects_than_it_holds_are_refused(
    one: Path, three: Path, sample_frames: list[np.ndarray], sample_truth: np.ndarray
) -> None:
    tracker = Tracker(str(one), threads=1)
    assert tracker.most_objects == 1
    with pytest.raises(InputError, match=r"There are 2 objects, but the model was exported for 1; .* --objects 2"):
        tracker.start(sample_frames[0], sample_truth[0])
    tracker.start(sample_frames[0], sample_truth[0] == 1)
    with pytest.raises(InputError, match="exported for 1"):
        tracker.add((sample_truth[0] == 2) * 2)
    assert Tracker(str(three), threads=1).most_objects == 3
    assert Tracker("lite0", threads=1).most_objects is None


def segment(tmp_path: Path, model: Path, *options: str, mask: Path | None = None, without: str = "") -> Any:
    arguments = ("segment", sample.clip_path(), "-m", mask or sample.mask_path(), "-o", tmp_path / "out")
    return mobilevos(*arguments, "--model", model, "--outputs", "masks", *options, without=without)


def test_the_command_takes_the_folder(three: Path, tmp_path: Path, sample_truth: np.ndarray) -> None:
    done = segment(tmp_path, three, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["frames"] == len(sample_truth)
    labels = load_mask(tmp_path / "out" / "masks" / "00008.png")
    for i in (1, 2):
        assert jaccard(labels == i, sample_truth[8] == i) > 0.7


def test_masks_of_later_objects_are_counted_before_anything_is_written(
    one: Path, tmp_path: Path, sample_truth: np.ndarray
) -> None:
    (tmp_path / "masks").mkdir()
    for index in (0, 5):
        labels = sample_truth[index].astype(np.uint8)
        save_palette_png(tmp_path / "masks" / f"{index:05d}.png", np.where(labels == (index > 0) + 1, labels, 0))
    done = segment(tmp_path, one, mask=tmp_path / "masks")
    assert done.returncode == 2
    assert done.stderr.startswith("mobilevos: The masks have 2 objects, but the model was exported for 1;")
    arguments = ("blur", sample.clip_path(), "--model", one, "-o", tmp_path / "new" / "blur.mp4")
    done = mobilevos(*arguments, "-m", tmp_path / "masks")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["masks"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--size 192", "The size 192 cannot be had: the model was exported for 336x192; leave it out."),
        ("--runtime onnxruntime", "was exported for mnn and runs in nothing else; choose the runtime auto."),
        ("--runtime torch", "was exported for mnn"),
        ("--fps 30", "was exported for one size"),
    ],
)
def test_what_does_not_go_with_it(options: str, words: str, three: Path, tmp_path: Path) -> None:
    done = segment(tmp_path, three, *options.split())
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert words in done.stderr
    assert not (tmp_path / "out").exists()


def test_other_commands(three: Path, tmp_path: Path, sample_frames: list[np.ndarray], sample_truth: np.ndarray) -> None:
    save_davis(tmp_path / "set", {"fish": (sample_frames[:6], sample_truth[:6].astype(np.uint8))})
    done = mobilevos("evaluate", tmp_path / "set", "--model", three, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["JF"] > 70
    done = mobilevos("benchmark", "--model", three)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "was exported for one size" in done.stderr
    done = mobilevos("mask", sample.clip_path(), "--click", "100,100", "--model", three, "-o", tmp_path / "m.png")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "has no prompt.onnx, which makes masks of clicks and boxes" in done.stderr


def test_its_runtime_is_named_if_it_is_missing(three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mobilevos.runtimes.fixed.loading.find_spec", lambda name: None)
    with pytest.raises(RuntimeUnavailable, match=r"^Running mnn needs MNN; add it with pip install MNN\.$"):
        Tracker(str(three))


def test_a_folder_is_what_was_exported_last(tmp_path: Path) -> None:
    exported(tmp_path, 1)
    card = model_card(tmp_path)
    assert card["parameters_m"] == pytest.approx(1.05, abs=0.05)
    assert card["megabytes"] > 3
    export_onnx(load_weights("lite0"), tmp_path)
    Tracker(str(tmp_path), size=128)
    exported(tmp_path, 2)
    assert Tracker(str(tmp_path)).most_objects == 2
    Manifest("lite0", "cuneiform", "fp32", View(*SIZE), {}).save(tmp_path)
    with pytest.raises(ModelNotFound, match="'cuneiform', which this version does not know"):
        Tracker(str(tmp_path))
