"""Soft aggregation against its definition."""

import pytest

torch = pytest.importorskip("torch")

from mobilevos.models.network import aggregate  # noqa: E402


def by_definition(logits: "torch.Tensor") -> "torch.Tensor":
    """STM, eq. 4: p_0 = prod(1 - p_k), then the softmax of log(p / (1 - p)) over background and objects."""
    alone = torch.sigmoid(logits.double())
    every = torch.cat([(1 - alone).prod(0, keepdim=True), alone])
    odds = every / (1 - every)
    return odds / odds.sum(0)


def random_logits(objects: int, scale: float = 3.0) -> "torch.Tensor":
    return scale * torch.randn(objects, 8, 9, generator=torch.Generator().manual_seed(objects))


@pytest.mark.parametrize("objects", [1, 2, 3, 7])
def test_equals_the_definition(objects: int) -> None:
    logits = random_logits(objects)
    expected = by_definition(logits)
    torch.testing.assert_close(aggregate(logits.double()).softmax(0), expected, rtol=1e-6, atol=1e-9)
    torch.testing.assert_close(aggregate(logits).softmax(0), expected.float(), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("scale", [1.0, 30.0, 1000.0])
def test_probabilities_sum_to_one_however_sure_the_network_is(scale: float) -> None:
    probability = aggregate(random_logits(3, scale)).softmax(0)
    assert probability.isfinite().all()
    torch.testing.assert_close(probability.sum(0), torch.ones(8, 9))


def test_a_single_object_gets_sigmoid_of_twice_its_logit() -> None:
    logits = torch.linspace(-8, 8, 64).view(1, 8, 8)
    torch.testing.assert_close(aggregate(logits).softmax(0)[1:], torch.sigmoid(2 * logits), rtol=1e-3, atol=1e-6)


def test_objects_may_come_in_any_order() -> None:
    logits, order = random_logits(4), [2, 0, 3, 1]
    rows = [0] + [1 + i for i in order]
    torch.testing.assert_close(aggregate(logits[order]), aggregate(logits)[rows])


def test_an_absent_slot_changes_nothing() -> None:
    logits = random_logits(2)
    with_slot = aggregate(torch.cat([logits, torch.full((1, 8, 9), -20.0)])).softmax(0)
    torch.testing.assert_close(with_slot[:3], aggregate(logits).softmax(0), rtol=1e-4, atol=1e-5)
    assert with_slot[3].max() < 1e-4


def test_batches_are_independent() -> None:
    one, two = random_logits(2), random_logits(2, 5.0)
    together = aggregate(torch.stack([one, two]))
    torch.testing.assert_close(together, torch.stack([aggregate(one), aggregate(two)]))


def test_gradients_are_right() -> None:
    logits = random_logits(3)[:, :2, :2].double().requires_grad_()
    assert torch.autograd.gradcheck(lambda x: aggregate(x).softmax(0), logits)
