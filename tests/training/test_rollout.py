"""Training runs the network as the tracker does, and spoils masks only where it is told to."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.nn.functional import avg_pool2d  # noqa: E402

from mobilevos.models.network import aggregate, beside_others, upsample  # noqa: E402
from mobilevos.models.target_model import solve  # noqa: E402
from mobilevos.training.mistakes import Mishaps  # noqa: E402
from mobilevos.training.rollout import Prediction, object_slots, rollout  # noqa: E402

SIDE = 64


@pytest.fixture(scope="module", params=["lite0", "lite0-2"])
def network(request: pytest.FixtureRequest, lively_network: Callable[[str], Any]) -> Any:
    return lively_network(request.param)


@pytest.fixture(scope="module")
def clips(sample_frames: list[np.ndarray], sample_truth: np.ndarray) -> tuple["torch.Tensor", "torch.Tensor"]:
    """Two clips of four frames and their first label maps: with both fish, and with the second alone."""
    rows, columns = slice(None, 256, 4), slice(96, 352, 4)
    frames = torch.from_numpy(np.stack([frame[rows, columns] for frame in sample_frames[:8]]).copy())
    first = torch.from_numpy(np.stack([sample_truth[t][rows, columns] for t in (0, 4)]).astype(np.int64))
    first[1][first[1] == 1] = 255
    return frames.permute(0, 3, 1, 2).unflatten(0, (2, 4)), first


def generators(*seeds: int) -> list["torch.Generator"]:
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def run(
    network: Any,
    frames: "torch.Tensor",
    first: "torch.Tensor",
    seeds: tuple[int, ...] = (10, 20),
    infinite: bool = False,
    **odds: float,
) -> list[Prediction]:
    """Of clips with a generator each."""
    present, rngs = object_slots(first), generators(*seeds)
    odds = {"mistakes": 0.0, "prior_drop": 0.0, **odds}
    mishaps = Mishaps([rngs[clip] for clip in present.nonzero()[:, 0].tolist()], **odds)
    with torch.no_grad():
        return list(rollout(network, frames, first, present, mishaps=mishaps, infinite=infinite))


def test_object_slots() -> None:
    labels = torch.zeros(3, SIDE, SIDE, dtype=torch.uint8)
    labels[0, 0, 0], labels[0, 1, 1], labels[1, 5, 5], labels[2, 9, 9] = 1, 3, 2, 255
    expected = [[True, False, True], [False, True, False], [False, False, False]]
    assert object_slots(labels).tolist() == expected


@pytest.mark.parametrize("infinite", [False, True])
def test_equals_inference_frame_by_frame(
    network: Any, clips: tuple["torch.Tensor", "torch.Tensor"], infinite: bool
) -> None:
    """Soft masks fed back as memory and prior; the memory holds first and previous frame, or every frame."""
    frames, first = clips
    outputs = run(network, frames, first, infinite=infinite)
    assert [tuple(said.logits.shape) for said in outputs] == [(2, 3, SIDE, SIDE)] * 3
    for clip, ids in ((0, [1, 2]), (1, [2])):
        masks = avg_pool2d(torch.stack([first[clip] == i for i in ids]).float(), 4)
        with torch.no_grad():
            features = network.query(frames[clip, :1])
            keys, values = [features["key"].flatten(2)], [network.memorise(features, masks)]
            classifier = solve(network.evidence(features, masks)) if network.target else None
            for t in (1, 2, 3):
                now = network.query(frames[clip, t : t + 1])
                key, value, said = torch.cat(keys, 2), torch.cat(values, 2), outputs[t - 1]
                scores = network.scores(now, classifier)
                own = network.decoder.logits(network.embed(now, key, value, beside_others(masks), scores))
                fine = aggregate(upsample(own)[:, 0]).softmax(0)[1:]
                torch.testing.assert_close(fine, said.logits[clip].softmax(0)[ids], rtol=1e-2, atol=2e-3)
                masks = network.read(now, key, value, masks, classifier)
                kept = None if infinite else 1
                keys = [*keys[:kept], now["key"].flatten(2)]
                values = [*values[:kept], network.memorise(now, masks)]
        assert len(keys) == (4 if infinite else 2)
    assert outputs[-1].logits[1].softmax(0)[1].max() < 1e-3  # the slot that clip 1 does not hold


def test_memories_differ_from_the_third_frame_on(network: Any, clips: tuple["torch.Tensor", "torch.Tensor"]) -> None:
    finite, infinite = (run(network, *clips, infinite=choice) for choice in (False, True))
    apart = [(one.logits - two.logits).abs().max() for one, two in zip(finite, infinite, strict=True)]
    assert apart[0] == apart[1] == 0
    assert apart[2] > 0.01


def test_embeddings_are_what_the_logits_are_made_of(network: Any, clips: tuple["torch.Tensor", "torch.Tensor"]) -> None:
    for said in run(network, *clips):
        assert said.embedding.shape == (3, network.decoder.width, SIDE // 4, SIDE // 4)
        with torch.no_grad():
            own = upsample(network.decoder.logits(said.embedding))[:, 0]
        for row, (clip, slot) in enumerate([(0, 0), (0, 1), (1, 1)]):
            assert torch.equal(own[row], said.logits[clip, 1 + slot])


@pytest.mark.parametrize("option", ["prior_drop", "mistakes"])
def test_options_matter(network: Any, clips: tuple["torch.Tensor", "torch.Tensor"], option: str) -> None:
    plain, other = run(network, *clips), run(network, *clips, **{option: 1.0})
    assert (plain[-1].logits - other[-1].logits).abs().max() > 0.1
    again = run(network, *clips, **{option: 1.0})
    assert all(torch.equal(one.logits, two.logits) for one, two in zip(other, again, strict=True))


def test_no_mishaps_are_mishaps_that_never_happen(network: Any, clips: tuple["torch.Tensor", "torch.Tensor"]) -> None:
    frames, first = clips
    with torch.no_grad():
        bare = list(rollout(network, frames, first, object_slots(first)))
    assert all(torch.equal(one.logits, two.logits) for one, two in zip(bare, run(network, *clips), strict=True))


def test_what_goes_wrong_in_a_clip_does_not_depend_on_the_others(
    network: Any, clips: tuple["torch.Tensor", "torch.Tensor"]
) -> None:
    frames, first = clips
    odds = {"mistakes": 0.7, "prior_drop": 0.5}
    together = run(network, frames, first, **odds)
    swapped = run(network, frames.flip(0), first.flip(0), (20, 10), **odds)
    for row, seed in ((0, 10), (1, 20)):
        alone = run(network, frames[[row]], first[[row]], (seed,), **odds)
        for t in range(3):
            for other in (alone[t].logits[0], swapped[t].logits[1 - row]):
                expected = together[t].logits[row].softmax(0)
                torch.testing.assert_close(other.softmax(0), expected, rtol=1e-2, atol=2e-3)
        reseeded = run(network, frames[[row]], first[[row]], (seed + 1,), **odds)
        assert max((a.logits - b.logits).abs().max() for a, b in zip(alone, reseeded, strict=True)) > 0.1


def test_objects_draw_from_their_own_generators() -> None:
    masks = torch.zeros(4, SIDE, SIDE)
    masks[:, 20:44, 16:40] = 1
    one, two = generators(1, 2)
    mixed = Mishaps([one, two, one, two], 0.8, 0.5)
    apart = [Mishaps([rng, rng], 0.8, 0.5) for rng in generators(1, 2)]
    spoilt = 0
    for _ in range(10):
        both = mixed.spoil(masks)
        kept = mixed.kept_priors()
        assert kept.shape == (4, 1, 1, 1)
        assert kept.dtype == torch.bool
        for place, alone in enumerate(apart):
            assert torch.equal(alone.spoil(masks[:2]), both[place::2])
            assert torch.equal(alone.kept_priors(), kept[place::2])
        spoilt += (both[0::2] != both[1::2]).any().item()
    assert spoilt > 5  # so the two generators did draw different things


def test_priors_are_withheld_as_often_as_asked_for() -> None:
    rng = torch.Generator().manual_seed(1)
    for probability in (0.0, 0.2, 1.0):
        dropped = ~Mishaps([rng] * 1000, 0.0, probability).kept_priors()
        assert dropped.float().mean().item() == pytest.approx(probability, abs=0.04)


def test_mistakes_spoil_the_share_asked_for() -> None:
    masks = torch.zeros(400, SIDE, SIDE)
    masks[:, 20:44, 16:40] = 1
    for probability in (0.0, 0.3, 1.0):
        spoilt = Mishaps(generators(1) * 400, probability, 0.0).spoil(masks)
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
    Mishaps(generators(1) * 20, 1.0, 0.0).spoil(masks).sum().backward()
    assert masks.grad is not None
    assert (masks.grad.flatten(1).sum(1) > 0).all()
