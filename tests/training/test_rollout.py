"""Training runs the network as the tracker does, and spoils masks only where it is told to."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mobilevos.training.mistakes import with_mistakes  # noqa: E402
from mobilevos.training.rollout import object_slots, rollout  # noqa: E402

SIDE = 64


@pytest.fixture(scope="module")
def network(lively_network: Callable[[str], Any]) -> Any:
    return lively_network("lite0")


@pytest.fixture(scope="module")
def clips(sample_frames: list[np.ndarray], sample_truth: np.ndarray) -> tuple["torch.Tensor", "torch.Tensor"]:
    """Two clips of four frames and their first label maps: with both fish, and with the second alone."""
    rows, columns = slice(None, 256, 4), slice(96, 352, 4)
    frames = torch.from_numpy(np.stack([frame[rows, columns] for frame in sample_frames[:8]]).copy())
    first = torch.from_numpy(np.stack([sample_truth[t][rows, columns] for t in (0, 4)]).astype(np.int64))
    first[1][first[1] == 1] = 255
    return frames.permute(0, 3, 1, 2).unflatten(0, (2, 4)), first


def run(network: Any, frames: "torch.Tensor", first: "torch.Tensor", **options: float) -> list["torch.Tensor"]:
    options = {"prior_drop": 0.0, "mistakes": 0.0, **options}
    rng = torch.Generator().manual_seed(0)
    with torch.no_grad():
        return list(rollout(network, frames, first, object_slots(first), **options, rng=rng))


def test_object_slots() -> None:
    labels = torch.zeros(3, SIDE, SIDE, dtype=torch.uint8)
    labels[0, 0, 0], labels[0, 1, 1], labels[1, 5, 5], labels[2, 9, 9] = 1, 3, 2, 255
    expected = [[True, False, True], [False, True, False], [False, False, False]]
    assert object_slots(labels).tolist() == expected


def test_equals_inference_frame_by_frame(network: Any, clips: tuple["torch.Tensor", "torch.Tensor"]) -> None:
    """First and previous frame in memory, soft masks fed back as memory and prior."""
    frames, first = clips
    outputs = run(network, frames, first)
    assert [tuple(logits.shape) for logits in outputs] == [(2, 3, SIDE, SIDE)] * 3
    for clip, ids in ((0, [1, 2]), (1, [2])):
        masks = torch.stack([first[clip] == i for i in ids]).float()
        with torch.no_grad():
            features = network.query(frames[clip, :1])
            keys, values = [features["key"].flatten(2)], [network.memorise(features, masks)]
            for t in (1, 2, 3):
                now = network.query(frames[clip, t : t + 1])
                masks = network.read(now, torch.cat(keys, 2), torch.cat(values, 2), masks)
                expected = outputs[t - 1][clip].softmax(0)[ids]
                torch.testing.assert_close(masks, expected, rtol=1e-2, atol=2e-3)
                keys, values = [keys[0], now["key"].flatten(2)], [values[0], network.memorise(now, masks)]
    assert outputs[-1][1].softmax(0)[1].max() < 1e-3  # the slot that clip 1 does not hold


@pytest.mark.parametrize("option", ["prior_drop", "mistakes"])
def test_options_matter(network: Any, clips: tuple["torch.Tensor", "torch.Tensor"], option: str) -> None:
    plain, other = run(network, *clips), run(network, *clips, **{option: 1.0})
    assert (plain[-1] - other[-1]).abs().max() > 0.1
    again = run(network, *clips, **{option: 1.0})
    assert all(torch.equal(one, two) for one, two in zip(other, again, strict=True))


def test_mistakes_spoil_the_share_asked_for() -> None:
    masks = torch.zeros(400, SIDE, SIDE)
    masks[:, 20:44, 16:40] = 1
    for probability in (0.0, 0.3, 1.0):
        spoilt = with_mistakes(masks, probability, torch.Generator().manual_seed(1))
        assert spoilt.shape == masks.shape
        assert spoilt.min() >= 0
        assert spoilt.max() <= 1
        share = (spoilt != masks).flatten(1).any(1).float().mean().item()
        assert share == pytest.approx(0.95 * probability, abs=0.08)
    grown, shrunk = ((spoilt - masks).flatten(1).amax(1) > 0), ((spoilt - masks).flatten(1).amin(1) < 0)
    assert 0.4 < grown.float().mean() < 0.8
    assert 0.2 < shrunk.float().mean() < 0.5
    assert not (grown & shrunk).any()


def test_gradients_flow_through_spoilt_masks() -> None:
    masks = torch.full((20, SIDE, SIDE), 0.5, requires_grad=True)
    with_mistakes(masks, 1.0, torch.Generator().manual_seed(1)).sum().backward()
    assert masks.grad is not None
    assert (masks.grad.flatten(1).sum(1) > 0).all()
