"""Every model gives the same masks in every runtime, on real streaming."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
ort = pytest.importorskip("onnxruntime")

from mobilevos.engine import search  # noqa: E402
from mobilevos.engine.memory import MAX_ABSENT  # noqa: E402
from mobilevos.engine.origin import Origin  # noqa: E402
from mobilevos.errors import OutputError  # noqa: E402
from mobilevos.evaluation import jaccard  # noqa: E402
from mobilevos.export import export_onnx  # noqa: E402
from mobilevos.models.checkpoint import load_network  # noqa: E402
from mobilevos.runtimes import RUNTIMES, Runtime, load_runtime  # noqa: E402
from mobilevos.tracker import Tracker  # noqa: E402

FRAMES = 6
SIZE = 160
CELLS = (SIZE / 16) ** 2


@dataclass
class Recorded:
    """A runtime that also keeps the probabilities it gave and the sizes it was given."""

    runtime: Runtime
    probabilities: list[np.ndarray] = field(default_factory=list)
    memory_sizes: list[int] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.runtime, name)

    def read(self, features: Any, memory_key: np.ndarray, *rest: np.ndarray) -> np.ndarray:
        self.probabilities.append(self.runtime.read(features, memory_key, *rest))
        self.memory_sizes.append(memory_key.shape[1])
        return self.probabilities[-1]


@pytest.fixture(scope="module", params=["lite0", "resnet18", "mobilenetv2", "mobilenetv2-aspp"])
def exported(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, lively_network: Callable[[str], Any]
) -> Path:
    folder = tmp_path_factory.mktemp(request.param) / "model"
    export_onnx(lively_network(request.param), folder)
    return folder


def three_objects(labels: np.ndarray) -> np.ndarray:
    """The two fish and a piece of the reef."""
    labels = labels.copy()
    labels[200:250, 20:90] = np.where(labels[200:250, 20:90] == 0, 9, labels[200:250, 20:90])
    return labels


def one(frames: list[np.ndarray], truth: np.ndarray, tracker: Tracker) -> list[np.ndarray]:
    """One object, whole frames."""
    return [tracker.start(frames[0], truth[0] == 2), *(tracker.step(frame) for frame in frames[1:FRAMES])]


def two_in_odd_frames(frames: list[np.ndarray], truth: np.ndarray, tracker: Tracker) -> list[np.ndarray]:
    """Two objects in frames with odd sides, of which not even half is a multiple of anything."""
    odd = [frame[:211, 30:407] for frame in frames]
    return [tracker.start(odd[0], truth[0][:211, 30:407]), *(tracker.step(frame) for frame in odd[1:FRAMES])]


def three_and_more_memory(frames: list[np.ndarray], truth: np.ndarray, tracker: Tracker) -> list[np.ndarray]:
    """A third object comes, one is corrected: memory grows to three frames."""
    labels = [tracker.start(frames[0], truth[0]), tracker.step(frames[1])]
    labels.append(tracker.add(np.where(three_objects(truth[1]) == 9, 9, 0)))
    labels += [tracker.step(frames[2]), tracker.step(frames[3])]
    labels.append(tracker.add(np.where(truth[3] == 2, 2, 0)))
    return [*labels, tracker.step(frames[4]), tracker.step(frames[5])]


@pytest.mark.parametrize(
    ("story", "objects", "memory_frames"), [(one, 1, 2), (two_in_odd_frames, 2, 2), (three_and_more_memory, 3, 3)]
)
def test_same_masks_in_every_runtime(
    monkeypatch: pytest.MonkeyPatch,
    exported: Path,
    sample_frames: list[np.ndarray],
    sample_truth: np.ndarray,
    story: Callable[..., list[np.ndarray]],
    objects: int,
    memory_frames: int,
) -> None:
    # Masks of random weights leap, and are in parts that were anything.
    monkeypatch.setattr(search, "has_leapt", lambda *_: False)
    monkeypatch.setattr(search, "without_far_parts", lambda mask, *_: mask)
    monkeypatch.setattr(Origin, "without_strangers", lambda _, look: look.masks)
    masks, probabilities = {}, {}
    for name in RUNTIMES:
        recorded = Recorded(load_runtime(exported, name, threads=1))
        masks[name] = np.stack(story(sample_frames, sample_truth, Tracker(runtime=recorded, size=SIZE)))
        probabilities[name] = recorded.probabilities
        # Of objects that these random weights lose, older looks stay.
    assert memory_frames <= round(max(recorded.memory_sizes) / CELLS) <= memory_frames + MAX_ABSENT
    reference, others = masks.pop("torch"), masks
    ids = np.unique(reference[reference > 0])
    assert len(ids) == objects
    for i in ids:
        assert 0.02 < (reference[1:] == i).mean() < 0.98
    assert others
    for name, other in others.items():
        for expected, actual in zip(probabilities["torch"], probabilities[name], strict=True):
            assert expected.std() > 0.03
            np.testing.assert_allclose(actual, expected, atol=1e-3)
        for i in ids:
            for expected, actual in zip(reference, other, strict=True):
                assert jaccard(actual == i, expected == i) >= 0.99


def test_shipped_model_segments_the_sample(sample_frames: list[np.ndarray], sample_truth: np.ndarray) -> None:
    """The same masks in every runtime, and good ones."""
    masks = {}
    for name in RUNTIMES:
        tracker = Tracker(runtime=name, threads=1)
        labels = [tracker.start(sample_frames[0], sample_truth[0])]
        masks[name] = labels + [tracker.step(frame) for frame in sample_frames[1:13]]
    for i in (1, 2):
        truth = sample_truth[1:13] == i
        scores = [jaccard(labels == i, t) for labels, t in zip(masks["torch"][1:], truth, strict=True)]
        assert np.mean(scores) > 0.8
        for name in RUNTIMES:
            for expected, actual in zip(masks["torch"], masks[name], strict=True):
                assert jaccard(actual == i, expected == i) >= 0.99


def test_graphs_take_any_sizes(exported: Path) -> None:
    """Not only the sizes that the exporter saw."""
    query, read, memorise = (ort.InferenceSession(exported / f"{n}.onnx") for n in ("query", "read", "memorise"))
    names = [output.name for output in query.get_outputs()]
    rng = np.random.default_rng(0)
    spec = load_network(exported).spec
    for height, width, objects, memory in ((64, 64, 1, 1), (80, 208, 4, 130), (176, 64, 2, 44)):
        frame = rng.integers(0, 256, (1, height, width, 3), dtype=np.uint8)
        features = dict(zip(names, query.run(None, {"frame": frame}), strict=True))
        assert features["key"].shape == (1, spec.key_dim, height // 16, width // 16)
        masks = (rng.random((objects, height // 4, width // 4)) / objects).astype(np.float32)
        inputs = {item.name: features[item.name] for item in read.get_inputs() if item.name in features}
        inputs["memory_key"] = rng.standard_normal((1, spec.key_dim, memory)).astype(np.float32)
        inputs["memory_value"] = rng.standard_normal((objects, spec.value_dim, memory)).astype(np.float32)
        (probability,) = read.run(None, {**inputs, "prior": masks})
        assert probability.shape == masks.shape
        inputs = {item.name: features[item.name] for item in memorise.get_inputs() if item.name in features}
        (value,) = memorise.run(None, {**inputs, "masks": masks})
        assert value.shape == (objects, spec.value_dim, height * width // 256)


@pytest.mark.parametrize("height", [64, 112])
def test_frames_are_encoded_without_padding_or_arithmetic_on_sizes(exported: Path, height: int) -> None:
    """TensorFlow's uneven padding is part of the convolutions, and features are what PyTorch gives."""
    import onnx

    kinds = {node.op_type for node in onnx.load(exported / "query.onnx").graph.node}
    assert "Conv" in kinds
    allowed = {"Cast", "Constant", "Identity", "Transpose", "Sub", "Div", "Conv", "BatchNormalization", "MaxPool"}
    assert kinds <= allowed | {"Relu", "Clip", "Add"}

    frame = np.random.default_rng(height).integers(0, 256, (height, 96, 3), dtype=np.uint8)
    features = [load_runtime(exported, name, threads=1).query(frame) for name in RUNTIMES]
    assert features[0].keys() == features[1].keys()
    for name, values in features[0].items():
        other = np.asarray(features[1][name])
        np.testing.assert_allclose(values, other, atol=1e-4 * max(1, np.abs(other).max()), err_msg=name)


def test_files(exported: Path) -> None:
    assert sorted(p.name for p in exported.iterdir()) == [
        "memorise.onnx",
        "network.json",
        "query.onnx",
        "read.onnx",
    ]


def test_folder_that_is_a_file_is_one_sentence(tmp_path: Path, lively_network: Callable[[str], Any]) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "model"):
        with pytest.raises(OutputError, match=r"not a folder|could not be written") as caught:
            export_onnx(lively_network("lite0"), folder)
        assert "\n" not in str(caught.value)


def test_weights_take_half_the_space(exported: Path) -> None:
    """Float16 on disk, float32 in the computation."""
    import onnx

    for graph in ("query", "read", "memorise"):
        model = onnx.load(exported / f"{graph}.onnx")
        large = [tensor for tensor in model.graph.initializer if np.prod(tensor.dims) >= 256]
        assert large
        assert {tensor.data_type for tensor in large} == {onnx.TensorProto.FLOAT16}


def test_the_teacher_is_not_exported(tmp_path: Path) -> None:
    from mobilevos.errors import InputError
    from mobilevos.models import build

    with pytest.raises(InputError, match="runs in PyTorch alone"):
        export_onnx(build("stcn"), tmp_path / "model")
    assert not (tmp_path / "model").exists()
