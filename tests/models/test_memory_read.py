"""Affinity and readout against brute force."""

import pytest

torch = pytest.importorskip("torch")

from mobilevos.models.memory_read import affinity, readout  # noqa: E402


def keys(count: int, channels: int = 16, batch: int = 2) -> "torch.Tensor":
    return torch.randn(batch, channels, count, generator=torch.Generator().manual_seed(count), dtype=torch.float64)


def test_affinity_is_the_softmax_of_negative_squared_distances() -> None:
    query, memory = keys(7), keys(11)
    expected = torch.empty(2, 7, 11, dtype=torch.float64)
    for b in range(2):
        for q in range(7):
            distance = torch.tensor([(query[b, :, q] - memory[b, :, n]).square().sum() for n in range(11)])
            weight = torch.exp(-distance / 16**0.5)
            expected[b, q] = weight / weight.sum()
    torch.testing.assert_close(affinity(query, memory), expected)


def test_a_key_finds_itself_in_memory() -> None:
    memory = 10 * keys(20)
    assert torch.equal(affinity(memory, memory).argmax(-1), torch.arange(20).expand(2, -1))


def test_readout_sums_values_by_weight() -> None:
    weights = affinity(keys(7), keys(11))
    value = keys(11, channels=5)
    expected = torch.stack([(value[b][:, None] * weights[b][None]).sum(-1) for b in range(2)])
    torch.testing.assert_close(readout(weights, value), expected)


def test_one_affinity_serves_all_objects() -> None:
    weights, values = affinity(keys(7, batch=1), keys(11, batch=1)), keys(11, channels=5, batch=3)
    expected = torch.cat([readout(weights, values[k : k + 1]) for k in range(3)])
    torch.testing.assert_close(readout(weights, values), expected)


def test_memory_may_come_in_any_order() -> None:
    query, memory, value = keys(7), keys(11), keys(11, channels=5)
    order = torch.randperm(11, generator=torch.Generator().manual_seed(0))
    shuffled = readout(affinity(query, memory[..., order]), value[..., order])
    torch.testing.assert_close(shuffled, readout(affinity(query, memory), value))


def test_far_keys_are_left_out_before_their_weights_are_denormal_numbers() -> None:
    query, memory = (10 * keys(count, channels=64) for count in (30, 40))
    weights = affinity(query.float(), memory.float())
    tiny = torch.finfo(torch.float32).tiny
    distance = (query[:, :, :, None] - memory[:, :, None]).square().sum(1) / 64**0.5
    plain = (-distance).softmax(-1)
    assert (plain < tiny).any(), "such keys are in question"
    assert weights.min() > tiny
    torch.testing.assert_close(affinity(query, memory), plain, atol=1e-12, rtol=0)
