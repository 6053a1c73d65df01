"""A quickened network computes what it did before, and learns from the same gradients."""

import copy
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional as F  # noqa: E402

from mobilevos.models import build  # noqa: E402
from mobilevos.training.quick import _Depthwise, quicken  # noqa: E402


@pytest.fixture(scope="module", params=["lite0", "resnet18"])
def network(request: pytest.FixtureRequest) -> Any:
    torch.manual_seed(0)
    network = build(request.param).eval()
    for norm in (m for m in network.modules() if isinstance(m, torch.nn.BatchNorm2d)):
        for tensor in (norm.weight.data, norm.running_var):
            tensor.uniform_(0.5, 1.5)
        for tensor in (norm.bias.data, norm.running_mean):
            tensor.normal_(0, 0.2)
    return network


def learn(network: Any) -> tuple["torch.Tensor", dict[str, "torch.Tensor"]]:
    network.train()
    torch.manual_seed(1)
    features = network.query(torch.randint(0, 256, (2, 3, 64, 96), dtype=torch.uint8))
    masks = torch.rand(2, 2, 16, 24)
    value = network.encode_value(features, F.interpolate(masks, scale_factor=4))
    logits = network.decode(features, features["key"].flatten(2), value, masks)
    (logits * torch.randn(logits.shape)).sum().backward()
    return logits.detach(), {name: p.grad for name, p in network.named_parameters() if p.grad is not None}


def test_same_outputs_gradients_and_weights(network: Any) -> None:
    quick = copy.deepcopy(network)
    quicken(quick)
    assert {name: tuple(t.shape) for name, t in quick.state_dict().items()} == {
        name: tuple(t.shape) for name, t in network.state_dict().items()
    }
    (logits, gradients), (quick_logits, quick_gradients) = learn(copy.deepcopy(network)), learn(quick)
    torch.testing.assert_close(quick_logits, logits, rtol=1e-3, atol=1e-3)
    assert quick_gradients.keys() == gradients.keys()
    for name, gradient in gradients.items():
        scale = gradient.abs().max() + 1e-2
        assert (quick_gradients[name] - gradient).abs().max() < 0.01 * scale, name


def test_statistics_that_are_learnt_are_left_alone(network: Any) -> None:
    learning = copy.deepcopy(network)
    learning.backbone.learn_statistics = True
    quicken(learning)
    learn(learning)
    before = dict(network.backbone.named_buffers())
    moved = [n for n, b in learning.backbone.named_buffers() if n.endswith("running_mean") and not b.equal(before[n])]
    assert moved


@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize(
    ("stride", "padding", "size"), [(1, 1, (9, 12)), (1, 2, (8, 8)), (2, 0, (13, 9)), (2, 0, (12, 16))]
)
def test_gradients_of_depthwise_convolutions(kernel: int, stride: int, padding: int, size: tuple[int, int]) -> None:
    torch.manual_seed(2)
    x = torch.randn(2, 16, *size, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(16, 1, kernel, kernel, dtype=torch.float64, requires_grad=True)
    bias = torch.randn(16, dtype=torch.float64, requires_grad=True)
    wanted = F.conv2d(x, weight, bias, stride, padding, groups=16)
    own = _Depthwise.apply(x, weight, bias, stride, padding)
    assert torch.equal(own, wanted)
    along = torch.randn_like(wanted)
    for mine, theirs in zip(*(torch.autograd.grad(y, (x, weight, bias), along) for y in (own, wanted)), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-4)
