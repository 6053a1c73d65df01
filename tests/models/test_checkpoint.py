"""Weights on disk: round trip, and refusal of everything else in one sentence."""

import json
import pickle
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import load_file, save_file  # noqa: E402

from mobilevos.errors import ModelNotFound, OutputError  # noqa: E402
from mobilevos.models import SPECS, build, load_weights  # noqa: E402
from mobilevos.models.checkpoint import load_network, save_network  # noqa: E402


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, lively_network: Callable[[str], Any]) -> Path:
    path = tmp_path_factory.mktemp("saved") / "lite0.safetensors"
    save_network(lively_network("lite0"), path)
    return path


@pytest.mark.parametrize("name", SPECS)
def test_round_trip(tmp_path: Path, name: str) -> None:
    network = build(name)
    save_network(network, tmp_path / "a.safetensors")
    back = load_network(tmp_path / "a.safetensors")
    assert back.spec == SPECS[name]
    assert not any(module.training for module in back.modules())
    expected = network.state_dict()
    assert back.state_dict().keys() == expected.keys()
    for key, tensor in back.state_dict().items():
        assert tensor.dtype == expected[key].dtype, key
        assert torch.equal(tensor, expected[key].half().to(tensor.dtype)), key


def test_size(saved: Path) -> None:
    assert saved.stat().st_size < 8e6


def test_saving_twice_changes_nothing(saved: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.safetensors"
    save_network(load_network(saved), again)
    expected = load_file(saved)
    for key, tensor in load_file(again).items():
        assert torch.equal(tensor, expected[key]), key


def test_unwritable_path_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="could not be written") as caught:
        save_network(build("lite0"), tmp_path / "nowhere" / "a.safetensors")
    assert "\n" not in str(caught.value)


def refused(path: Path) -> None:
    with pytest.raises(ModelNotFound) as caught:
        load_network(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_file(tmp_path: Path) -> None:
    refused(tmp_path / "none.safetensors")


@pytest.mark.parametrize("keep", [0, 7, 200, 100_000, -1])
def test_truncated_file(saved: Path, tmp_path: Path, keep: int) -> None:
    (tmp_path / "cut.safetensors").write_bytes(saved.read_bytes()[:keep])
    refused(tmp_path / "cut.safetensors")


class Harmful:
    """Unpickling it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("dump", [lambda thing, path: path.write_bytes(pickle.dumps(thing)), torch.save])
def test_a_pickle_is_refused_and_never_run(tmp_path: Path, dump: Callable[[Any, Path], Any]) -> None:
    dump({"a": Harmful(tmp_path / "ran")}, tmp_path / "a.safetensors")
    refused(tmp_path / "a.safetensors")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "spec",
    [
        None,
        "no json",
        "[]",
        json.dumps({**asdict(SPECS["lite0"]), "colour": 1}),
        json.dumps({**asdict(SPECS["lite0"]), "backbone": "vgg"}),
        json.dumps({**asdict(SPECS["lite0"]), "value_dim": -1}),
        json.dumps({**asdict(SPECS["lite0"]), "decoder_widths": [1, 2]}),
        json.dumps(asdict(replace(SPECS["lite0"], key_dim=32))),
        json.dumps(asdict(SPECS["resnet18"])),
    ],
)
def test_a_wrong_spec_is_refused(saved: Path, tmp_path: Path, spec: str | None) -> None:
    path = tmp_path / "wrong.safetensors"
    save_file(load_file(saved), str(path), None if spec is None else {"spec": spec})
    refused(path)


def test_weights_by_file_name_or_model(saved: Path) -> None:
    assert torch.equal(load_weights(str(saved)).key.weight, load_network(saved).key.weight)
    assert load_weights("lite0").spec == SPECS["lite0"]
    for name in ("lite9", "stcn"):
        with pytest.raises(ModelNotFound, match=f"no trained weights of '{name}'; give a .safetensors file or one of"):
            load_weights(name)


def test_a_folder_holds_the_rounded_weights(tmp_path: Path, lively_network: Callable[[str], Any]) -> None:
    """All of them: also those that the exporter merges because they are equal."""
    pytest.importorskip("onnx")
    from mobilevos.export.onnx import export_onnx

    for name in ("mobilenetv2-aspp", "resnet18"):
        network = lively_network(name)
        equal = [tensor for key, tensor in network.state_dict().items() if key.endswith("bn2.bias")]
        assert len(equal) > 3
        for tensor in equal:
            tensor.fill_(0.125)
        export_onnx(network, tmp_path / name)
        back = load_network(tmp_path / name)
        assert back.spec == network.spec
        assert not back.training
        for key, tensor in back.state_dict().items():
            expected = network.state_dict()[key]
            assert torch.equal(tensor, expected.half().to(tensor.dtype)) or key.endswith("num_batches_tracked"), key


def test_files_from_before_decoders_saw_rivals(saved: Path, tmp_path: Path) -> None:
    """Their networks judge one object as they did, and take no notice of others."""
    tensors = load_file(saved)
    old = tmp_path / "old.safetensors"
    names = ["decoder.prior16.weight", "decoder.prior4.weight"]
    own = {name: tensors[name][:, :1].contiguous() for name in names}
    save_file({**tensors, **own}, str(old), {"spec": json.dumps(asdict(SPECS["lite0"]))})
    state = load_network(old).state_dict()
    for name in names:
        assert torch.equal(state[name][:, :1], own[name].float())
        assert not state[name][:, 1:].any()
