"""Code for a GPU runs on the CPU, and nothing stays changed afterwards."""

import sys
from importlib import import_module
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
models = pytest.importorskip("torchvision").models
timm = pytest.importorskip("timm")

from mobilevos.benchmark.peers.on_cpu import CudaIsCpu, random_weights, stand_ins  # noqa: E402
from mobilevos.benchmark.peers.settings import Settings, instantiate  # noqa: E402


def test_cuda_is_the_cpu_while_active() -> None:
    with CudaIsCpu():
        made = [
            torch.zeros(2, device="cuda"),
            torch.arange(3, device=torch.device("cuda", 1)),
            torch.ones(2).cuda(non_blocking=True),
            torch.ones(2).to("cuda:0", torch.float64),
            torch.nn.Linear(2, 2).cuda().weight,
            torch.nn.Linear(2, 2, device="cuda").to(torch.device("cuda")).weight,
        ]
    assert {tensor.device.type for tensor in made} == {"cpu"}
    assert made[3].dtype == torch.float64
    if not torch.cuda.is_available():
        with pytest.raises((RuntimeError, AssertionError)):
            torch.zeros(2, device="cuda")


def test_nothing_is_downloaded_or_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a download")

    monkeypatch.setattr("urllib.request.urlopen", refuse)
    changed = (torch.hub, "load_state_dict_from_url"), (torch.nn.Module, "load_state_dict")
    before = [getattr(owner, name) for owner, name in changed]
    with random_weights():
        assert torch.hub.load_state_dict_from_url("https://nowhere.invalid/a.pth") == {}
        network = models.resnet18(pretrained=True)
        network.load_state_dict({"of another network": torch.zeros(1)})
        timm.create_model("resnet18", pretrained=True)
    assert sum(parameter.numel() for parameter in network.parameters()) == 11_689_512
    assert [getattr(owner, name) for owner, name in changed] == before
    with pytest.raises(RuntimeError, match="Missing key"):
        network.load_state_dict({})


def test_modules_that_are_not_needed_need_not_be_there() -> None:
    genuine = import_module("json.decoder")
    with stand_ins("nowhere.at.all", "json.decoder"):
        at_all, nowhere = import_module("nowhere.at.all"), import_module("nowhere")
        assert isinstance(at_all.Config(1, two=2), at_all.Config)
        assert at_all.Registry.instance().is_ready() is not None

        @nowhere.retry(times=5)
        class Kept:
            pass

        assert isinstance(Kept, type)
        assert Kept.__name__ == "Kept"
        assert import_module("json.decoder") is not genuine
    assert import_module("json.decoder") is genuine
    assert not [name for name in sys.modules if name.startswith("nowhere")]
    with pytest.raises(ModuleNotFoundError):
        import_module("nowhere")


def test_settings_are_read_as_their_authors_mean_them(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "model: {width: 8, scale: 1e-6, deep: {width: '${model.width}', list: [{a: 1}]}, other: '${now:%Y}'}\n"
    )
    settings = Settings.read(tmp_path / "a.yaml")
    settings.merge({"model": {"width": 16, "deep": {"more": True}}})
    settings.resolve()
    assert settings.model.deep == {"width": 16, "list": [{"a": 1}], "more": True}
    assert settings.model.deep.list[0].a == 1
    assert settings.model.scale == 1e-6
    assert settings.model.other == "${now:%Y}"
    assert settings.get("absent") is None
    with pytest.raises(AttributeError, match="absent"):
        _ = settings.absent


def test_objects_are_made_from_their_description() -> None:
    made = instantiate({"_target_": "torch.nn.Sequential"})
    assert isinstance(made, torch.nn.Sequential)
    inner = {"_target_": "fractions.Fraction", "numerator": 1, "denominator": 2}
    assert str(instantiate({"a": [inner, 3]})["a"][0]) == "1/2"
