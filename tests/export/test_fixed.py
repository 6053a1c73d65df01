"""Fixed-shape steps, the loop over whole frames, and the report that compares an export with PyTorch."""

import re
import tomllib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mobilevos.engine.modes import MODES  # noqa: E402
from mobilevos.engine.target_model import classifiers, evidence  # noqa: E402
from mobilevos.errors import InputError, ModelNotFound, RuntimeUnavailable  # noqa: E402
from mobilevos.export.calibration import record  # noqa: E402
from mobilevos.export.clip import Clip  # noqa: E402
from mobilevos.export.manifest import Manifest, View, parse_size  # noqa: E402
from mobilevos.export.model import describe, export_fixed  # noqa: E402
from mobilevos.export.parity import compare  # noqa: E402
from mobilevos.export.steps import fixed_steps  # noqa: E402
from mobilevos.export.stream import stream  # noqa: E402
from mobilevos.export.targets import TARGETS  # noqa: E402
from mobilevos.models import load_weights  # noqa: E402
from mobilevos.runtimes.fixed import load_exported  # noqa: E402
from mobilevos.runtimes.fixed.fixed_runtime import FixedRuntime  # noqa: E402
from mobilevos.runtimes.torch_runtime import TorchRuntime  # noqa: E402

VIEW = View(96, 160)
FRAMES = 6


def in_torch(network: Any, view: View) -> FixedRuntime:
    """The fixed-shape steps themselves, in PyTorch."""

    def graph(module: Any) -> Any:
        def run(inputs: Any) -> Any:
            with torch.no_grad():
                outputs = module(*map(torch.from_numpy, inputs))
            return [x.numpy() for x in (outputs if isinstance(outputs, tuple) else (outputs,))]

        return run

    steps = fixed_steps(network, view)
    return FixedRuntime(describe(steps, "n", "t", "fp32", view), {step.name: graph(step.module) for step in steps})


@pytest.mark.parametrize("objects", [1, 2, 3])
@pytest.mark.parametrize("name", ["lite0", "mobilenetv2-aspp"])
def test_steps_give_what_the_network_gives(name: str, objects: int, lively_network: Callable[[str], Any]) -> None:
    """Also with fewer objects in the clip than the graphs hold."""
    network, view = lively_network(name), View(96, 160, objects)
    clip = Clip.load(None, None, FRAMES)
    runtimes = in_torch(network, view), TorchRuntime(network)
    ours, theirs = (list(stream(r, clip.frames(), clip.masks(objects), view)) for r in runtimes)
    assert len(ours) == FRAMES
    for mine, reference in zip(ours, theirs, strict=True):
        assert mine.shape == (objects, 24, 40)
        np.testing.assert_allclose(mine, reference, atol=1e-4)
    assert ours[-1].std() > 0.03


def test_a_memory_that_is_there_twice_is_the_same(lively_network: Callable[[str], Any]) -> None:
    runtime = TorchRuntime(lively_network("lite0"))
    rng = np.random.default_rng(0)
    features = runtime.query(rng.integers(0, 256, (96, 160, 3), dtype=np.uint8))
    masks = rng.random((1, 24, 40)).astype(np.float32)
    key, value = runtime.key(features), runtime.memorise(features, masks)
    known = masks, classifiers([evidence(runtime.descriptor(features), masks)])
    once = runtime.read(features, key, value, *known)
    twice = runtime.read(features, np.concatenate([key, key], 1), np.concatenate([value, value], 2), *known)
    np.testing.assert_allclose(once, twice, atol=1e-5)
    assert once.std() > 0.03


def test_another_size_is_one_sentence() -> None:
    runtime = in_torch(load_weights("lite0"), VIEW)
    with pytest.raises(InputError, match="given 96x64, but it was exported for 160x96"):
        runtime.query(np.zeros((64, 96, 3), np.uint8))


@pytest.mark.parametrize(
    ("text", "shape", "size"),
    [
        ("384x672", (3, 4), (384, 672)),
        ("64X80", (3, 4), (64, 80)),
        ("256x256", (3, 4), (256, 256)),
        ("256", (500, 500), (256, 256)),
        ("432", (480, 854), (320, 576)),
        ("432", (1920, 1080), (576, 320)),
        ("64", (480, 854), (64, 64)),
        ("432", (1, 9000), (64, 2048)),
        ("fast", (300, 300), (MODES["fast"].size,) * 2),
        ("best", (270, 480), (320, 576)),
    ],
)
def test_sizes(text: str, shape: tuple[int, int], size: tuple[int, int]) -> None:
    """A side or a mode takes the shape of the frames, which would be squeezed into a square."""
    assert parse_size(text, shape) == size


@pytest.mark.parametrize("text", ["", "x", "384x", "1x2x3", "-64x64", "big", "383x672", "16x64", "4096", "6.4x64"])
def test_senseless_sizes(text: str) -> None:
    with pytest.raises(InputError, match="size") as caught:
        parse_size(text, (480, 854))
    assert "\n" not in str(caught.value)


def test_calibration_keeps_what_steps_are_given() -> None:
    view = View(64, 96)
    steps = fixed_steps(load_weights("lite0"), view)
    samples = record(steps, describe(steps, "n", "t", "int8", view))
    for step in steps:
        assert len(samples[step.name]) >= 7
        for arrays in samples[step.name]:
            assert [x.shape for x in arrays] == [tuple(x.shape) for x in step.inputs.values()]
    frames = [arrays[0] for arrays in samples["query"]]
    assert frames[0].max() > 200
    assert np.abs(frames[0] - frames[-1]).mean() > 1, "frames lie apart"


@pytest.mark.parametrize("damage", ["", "{}", "[]", '{"view": 3}'])
def test_damaged_manifest(tmp_path: Path, damage: str) -> None:
    with pytest.raises(ModelNotFound, match=r"has no model.json"):
        load_exported(tmp_path)
    (tmp_path / "model.json").write_text(damage)
    with pytest.raises(ModelNotFound, match=r"model.json is damaged"):
        load_exported(tmp_path)


def test_what_a_target_cannot_do(tmp_path: Path) -> None:
    network = load_weights("lite0")
    with pytest.raises(InputError, match="fp32 or fp16, not int8"):
        export_fixed(network, tmp_path / "m", target="ncnn", view=VIEW, precision="int8")
    with pytest.raises(InputError, match="holds 1 object"):
        export_fixed(network, tmp_path / "m", target="ncnn", view=View(96, 160, 2))
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("target", TARGETS)
def test_missing_packages_are_named(target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mobilevos.export.model.find_spec", lambda name: None)
    packages = " and ".join(TARGETS[target].converter.values())
    message = f"Exporting to {target} needs {packages}; add it with pip install 'mobilevos[export-{target}]'."
    with pytest.raises(RuntimeUnavailable, match=f"^{re.escape(message)}$"):
        export_fixed(load_weights("lite0"), tmp_path / "m", target=target, view=VIEW)
    assert not (tmp_path / "m").exists()
    Manifest("n", target, "fp32", VIEW, {}).save(tmp_path)
    (package,) = TARGETS[target].runner.values()
    monkeypatch.setattr("mobilevos.runtimes.fixed.loading.find_spec", lambda name: None)
    with pytest.raises(RuntimeUnavailable, match=f"^Running {target} needs {package}; .* pip install {package}.$"):
        load_exported(tmp_path)


@pytest.mark.parametrize("target", TARGETS)
def test_extras_bring_the_packages(target: str) -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    needed = extras[f"export-{target}"]
    assert "mobilevos[train]" in needed
    named = {re.split("[>=]", each)[0] for each in (*needed, *extras["train"])}
    assert named >= {*TARGETS[target].converter.values(), *TARGETS[target].runner.values()}


QUICK, SLOW = ("openvino", "mnn", "ncnn"), ("executorch", "litert")


@pytest.mark.parametrize(
    ("target", "precision"),
    [
        *((t, p) for t in QUICK for p in TARGETS[t].precisions if p != "int8"),
        *(pytest.param(t, "int8", marks=pytest.mark.slow) for t in QUICK if "int8" in TARGETS[t].precisions),
        *(pytest.param(t, p, marks=pytest.mark.slow) for t in SLOW for p in TARGETS[t].precisions),
    ],
)
def test_same_masks_as_pytorch(target: str, precision: str, tmp_path: Path) -> None:
    """Convert, load again, follow the sample."""
    needed = {*TARGETS[target].converter, *TARGETS[target].runner}
    if (target, precision) == ("openvino", "int8"):
        needed.add("nncf")
    if missing := [module for module in sorted(needed) if not find_spec(module)]:
        pytest.skip(f"{', '.join(missing)} not installed")
    network, view = load_weights("lite0"), View(144, 256)
    manifest = export_fixed(network, tmp_path / "m", target=target, view=view, precision=precision)
    assert Manifest.load(tmp_path / "m") == manifest
    assert not list((tmp_path / "m").glob(".part*"))
    parity = compare(load_exported(tmp_path / "m", 1), TorchRuntime(network), Clip.load(None, None, 20), view)
    assert parity.frames == 19
    assert parity.iou >= (0.97 if precision == "int8" else 0.99)
    (path,) = (tmp_path / "m").glob(f"query{TARGETS[target].suffix}")
    path.unlink()
    with pytest.raises(ModelNotFound, match="is missing; export the model again"):
        load_exported(tmp_path / "m", 1)


@pytest.mark.slow
def test_executorch_rounds_convolutions_behind_their_activations() -> None:
    """All but those that decide; what ReLU and ReLU6 cut off takes nothing of int8's range."""
    pytest.importorskip("executorch")
    from mobilevos.export.targets.executorch_int8 import quantised

    aten, view = torch.ops.aten, View(64, 96)
    steps = fixed_steps(load_weights("lite0"), view)
    samples = record(steps, describe(steps, "n", "executorch", "int8", view))
    in_float = []
    for step in steps:
        graph = quantised(step.module, tuple(step.inputs.values()), samples[step.name][:1]).graph
        convolutions = [node for node in graph.nodes if node.target == aten.conv2d.default]
        for conv in convolutions:
            source, weight = conv.args[:2]
            source = source.args[0] if source.target == aten.pad.default else source
            if not ("dequantize" in source.name and "dequantize" in weight.name):
                in_float.append([*conv.meta["nn_module_stack"].values()][-1][0])
        cut = [node for node in graph.nodes if str(node.target).startswith(("aten.relu", "aten.hardtanh"))]
        assert sum(node.args[0] in convolutions for node in cut) > len(convolutions) / 3
    assert in_float == ["network.key", "network.decoder.logits"]


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_core_ml_has_the_structure(precision: str, tmp_path: Path) -> None:
    coremltools = pytest.importorskip("coremltools")
    view = View(96, 160)
    manifest = export_fixed(load_weights("lite0"), tmp_path, target="coreml", view=view, precision=precision)
    kinds = set()
    for step, signature in manifest.steps.items():
        spec = coremltools.utils.load_spec(str(tmp_path / f"{step}.mlpackage"))
        shapes = {x.name: list(x.type.multiArrayType.shape) for x in spec.description.input}
        assert shapes == signature.inputs
        assert {x.name for x in spec.description.output} == set(signature.outputs)
        (block,) = spec.mlProgram.functions["main"].block_specializations.values()
        kinds |= {operation.type for operation in block.operations}
    assert {"conv", "matmul", "softmax", "sigmoid"} <= kinds
    with pytest.raises(RuntimeUnavailable, match="Core ML runs on Apple systems alone"):
        load_exported(tmp_path)


def test_int8_onnx_runs_in_the_tracker(
    tmp_path: Path, sample_frames: list[np.ndarray], sample_truth: np.ndarray
) -> None:
    pytest.importorskip("onnx")
    from mobilevos.evaluation import jaccard
    from mobilevos.export.onnx_int8 import export_onnx_int8
    from mobilevos.tracker import Tracker

    export_onnx_int8(load_weights("lite0"), tmp_path, View(144, 256))
    import onnx

    assert "QuantizeLinear" in {node.op_type for node in onnx.load(tmp_path / "query.onnx").graph.node}
    masks = []
    for model in (str(tmp_path), "lite0"):
        tracker = Tracker(model, threads=1, size=192)
        masks.append([tracker.start(sample_frames[0], sample_truth[0]), *map(tracker.step, sample_frames[1:8])])
    scores = [jaccard(a == i, b == i) for a, b in zip(*masks, strict=True) for i in (1, 2)]
    assert np.mean(scores) > 0.95
    assert np.mean(scores) < 1
