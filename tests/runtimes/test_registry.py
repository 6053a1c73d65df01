"""Finding and opening models; every mistake is one sentence."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from command import mobilevos
from mobilevos import sample
from mobilevos.errors import Advice, InputError, MobileVOSError, ModelNotFound, RuntimeUnavailable
from mobilevos.runtimes import RUNTIMES, load_runtime
from mobilevos.weights.store import GRAPHS, model_folder, shipped_models


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the shipped model."""
    return Path(shutil.copytree(model_folder("lite0"), tmp_path / "model"))


def fails(kind: type[MobileVOSError], words: str, *args: object) -> None:
    with pytest.raises(kind, match=words) as caught:
        load_runtime(*args)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_the_default_model_is_shipped() -> None:
    assert "lite0" in shipped_models()
    assert all((model_folder("lite0") / f"{graph}.onnx").stat().st_size < 8e6 for graph in GRAPHS)


@pytest.mark.parametrize("runtime", ["auto", *RUNTIMES])
def test_a_folder_works_like_a_name(copy: Path, runtime: str) -> None:
    if runtime == "torch":
        pytest.importorskip("torch")
    frame = np.random.default_rng(0).integers(0, 256, (64, 80, 3), dtype=np.uint8)
    by_name, by_folder, by_text = (load_runtime(model, runtime, 1) for model in ("lite0", copy, str(copy)))
    key = by_name.key(by_name.query(frame))
    assert key.shape[1] == 20
    for other in (by_folder, by_text):
        np.testing.assert_array_equal(other.key(other.query(frame)), key)


def test_unknown_models(tmp_path: Path) -> None:
    for model in ("lite9", "", tmp_path, tmp_path / "none", "../weights"):
        fails(ModelNotFound, "There is no model .*lite0", model)


@pytest.mark.parametrize("graph", GRAPHS)
def test_missing_and_damaged_graphs(copy: Path, graph: str) -> None:
    path = copy / f"{graph}.onnx"
    whole = path.read_bytes()
    for damage in (whole[: len(whole) // 2], b"", b"no graph"):
        path.write_bytes(damage)
        fails(ModelNotFound, f"{graph}.onnx is damaged", copy)
    path.unlink()
    fails(ModelNotFound, f"{graph}.onnx is missing", copy)


def test_damaged_weights(copy: Path) -> None:
    pytest.importorskip("torch")
    whole = (copy / "network.json").read_text()
    other = json.loads(whole)
    other["spec"]["backbone"] = "resnet18"
    for damage in ("no json", "[]", whole[:50], json.dumps(other)):
        (copy / "network.json").write_text(damage)
        fails(ModelNotFound, "is damaged, quantised or of another program", copy, "torch")
    (copy / "network.json").unlink()
    fails(ModelNotFound, "is damaged, quantised or of another program", copy, "torch")
    load_runtime(copy, "onnxruntime", 1)


@pytest.mark.parametrize("graph", GRAPHS)
def test_pytorch_refuses_damaged_graphs(copy: Path, graph: str) -> None:
    pytest.importorskip("torch")
    path = copy / f"{graph}.onnx"
    whole = path.read_bytes()
    for damage in (whole[: len(whole) // 2], b"", b"no graph"):
        path.write_bytes(damage)
        fails(ModelNotFound, "is damaged, quantised or of another program", copy, "torch")
    onnx = pytest.importorskip("onnx")
    model = onnx.load_from_string(whole)
    model.graph.node.add(op_type="Identity")  # of nothing
    onnx.save(model, path)
    fails(ModelNotFound, "is damaged, quantised or of another program", copy, "torch")
    model = onnx.load_from_string(whole)
    onnx.save(model, path, save_as_external_data=True, location="weights", size_threshold=0)
    fails(ModelNotFound, "is damaged, quantised or of another program", copy, "torch")
    path.unlink()
    fails(ModelNotFound, "is damaged, quantised or of another program", copy, "torch")


def test_unknown_runtime_and_senseless_threads() -> None:
    fails(InputError, "no runtime 'cuda'; choose one of auto, onnxruntime, torch", "lite0", "cuda")
    fails(InputError, "threads is 0; it must be at least 1", "lite0", "auto", 0)


def test_without_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mobilevos.runtimes.registry.find_spec", lambda name: None)
    fails(RuntimeUnavailable, "PyTorch is not installed; add it with pip install", "lite0", "torch")


def test_the_default_runtime_does_not_load_pytorch() -> None:
    code = "import sys; from mobilevos.tracker import Tracker; Tracker(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def in_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory in which the user has a model of a shipped name."""
    monkeypatch.chdir(folder)
    own = Path(shutil.copytree(model_folder("lite0"), folder / "lite0"))
    (own / "card.json").unlink()
    return own


def test_a_name_is_the_shipped_model_and_a_folder_of_that_name_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = model_folder("lite0")
    own = in_folder(tmp_path, monkeypatch)
    with pytest.warns(Advice, match=r"lite0 is the model inside the package, not the folder .* give \./lite0\.$"):
        assert model_folder("lite0") == shipped
    for path in ("./lite0", "lite0/", str(own), Path("lite0"), own):
        assert model_folder(path).resolve() == own.resolve()
    own.rename(tmp_path / "mine")
    assert model_folder("mine") == Path("mine"), "another name is no shipped model, so it can only be the folder"
    assert model_folder(Path("lite0")) == shipped


def test_the_command_says_which_model_it_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_folder(tmp_path, monkeypatch)
    arguments = ("segment", sample.clip_path(), "-m", sample.mask_path(), "--mode", "fast", "--outputs", "rle")
    done = mobilevos(*arguments, "--model", "lite0", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr == (
        "mobilevos: lite0 is the model inside the package, not the folder of that name here; "
        "for the folder give ./lite0.\n"
    )
    assert not mobilevos(*arguments, "--model", "./lite0", cwd=tmp_path).stderr
    assert not mobilevos("models", cwd=tmp_path).stderr
