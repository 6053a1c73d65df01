"""The mean of networks."""

from pathlib import Path

import pytest

from command import mobilevos

torch = pytest.importorskip("torch")

from mobilevos.errors import InputError  # noqa: E402
from mobilevos.models import build, load_weights  # noqa: E402
from mobilevos.models.average import average  # noqa: E402
from mobilevos.models.checkpoint import save_network  # noqa: E402


def test_the_mean_of_each_tensor() -> None:
    one, two = build("lite0"), build("lite0")
    one.key.bias.data.fill_(1.0)
    two.key.bias.data.fill_(4.0)
    one.backbone.body.bn1.running_mean.fill_(2.0)
    two.backbone.body.bn1.running_mean.fill_(0.0)
    even, uneven = average([one, two]), average([one, two], [2, 1])
    assert torch.all(even.key.bias == 2.5)
    assert torch.all(uneven.key.bias == 2.0)
    assert torch.all(even.backbone.body.bn1.running_mean == 1.0)
    assert not even.training
    assert torch.all(one.key.bias == 1.0)


def test_what_has_no_mean() -> None:
    network = build("lite0")
    for networks, weights, words in (
        ([network], None, "at least two"),
        ([network, build("mobilenetv2")], None, "differ"),
        ([network, network], [1.0], "as many weights"),
        ([network, network], [1.0, 0.0], "above 0"),
    ):
        with pytest.raises(InputError, match=words):
            average(networks, weights)


def test_the_command(tmp_path: Path) -> None:
    files = []
    for bias in (1.0, 2.0):
        network = build("lite0")
        network.key.bias.data.fill_(bias)
        files.append(tmp_path / f"{bias}.safetensors")
        save_network(network, files[-1])
    done = mobilevos("average", *map(str, files), "-o", str(tmp_path / "mean.safetensors"), "--json")
    assert done.returncode == 0, done.stderr
    assert torch.all(load_weights(str(tmp_path / "mean.safetensors")).key.bias == 1.5)
    refused = mobilevos("average", *map(str, files), "-o", str(tmp_path / "mean.pt"))
    assert refused.returncode == 2
    assert "must end in .safetensors" in refused.stderr
