"""The segmentation loss against a plain implementation, and its edges."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mobilevos.losses import segmentation_loss  # noqa: E402

CLIPS, OBJECTS, SIDE = 2, 2, 8


def example() -> tuple["torch.Tensor", "torch.Tensor", "torch.Tensor"]:
    """Random logits, a label map with all ids and 255, and the slots held: the second clip has one object."""
    rng = torch.Generator().manual_seed(0)
    logits = 2 * torch.randn(CLIPS, OBJECTS + 1, SIDE, SIDE, generator=rng)
    labels = torch.randint(0, 3, (CLIPS, SIDE, SIDE), generator=rng)
    labels[1][labels[1] == 2] = 0
    labels[0, :2, :3] = 255
    labels[1, 3:] = 255
    return logits, labels, torch.tensor([[True, True], [True, False]])


def plain(logits: np.ndarray, labels: np.ndarray, present: np.ndarray, hardest: float) -> float:
    """The same, pixel by pixel."""
    cross_entropy, dice = [], []
    for clip in range(len(labels)):
        wrong = []
        overlap, predicted, true = np.zeros(OBJECTS), np.zeros(OBJECTS), np.zeros(OBJECTS)
        for y in range(SIDE):
            for x in range(SIDE):
                label = labels[clip, y, x]
                if label == 255:
                    continue
                odds = [math.exp(v) for v in logits[clip, :, y, x]]
                wrong.append(-math.log(odds[label] / sum(odds)))
                for k in range(OBJECTS):
                    probability = odds[k + 1] / sum(odds)
                    predicted[k] += probability
                    true[k] += label == k + 1
                    overlap[k] += probability * (label == k + 1)
        worst = sorted(wrong, reverse=True)[: int(len(wrong) * hardest)]
        cross_entropy.append(sum(worst) / len(worst))
        held = [1 - (2 * overlap[k] + 1) / (predicted[k] + true[k] + 1) for k in range(OBJECTS) if present[clip, k]]
        dice.append(sum(held) / len(held))
    return sum(cross_entropy) / CLIPS + sum(dice) / CLIPS


@pytest.mark.parametrize("hardest", [1.0, 0.5, 0.15])
def test_equals_the_plain_implementation(hardest: float) -> None:
    logits, labels, present = example()
    expected = plain(logits.double().numpy(), labels.numpy(), present.numpy(), hardest)
    assert segmentation_loss(logits.double(), labels, present, hardest).item() == pytest.approx(expected, rel=1e-9)
    assert segmentation_loss(logits, labels.byte(), present, hardest).item() == pytest.approx(expected, rel=1e-5)


def test_predictions_where_the_truth_is_unknown_do_not_count() -> None:
    logits, labels, present = example()
    other = torch.where((labels == 255)[:, None], 50 * torch.randn_like(logits), logits)
    assert not torch.equal(other, logits)
    assert torch.equal(segmentation_loss(other, labels, present), segmentation_loss(logits, labels, present))
    logits.requires_grad_()
    segmentation_loss(logits, labels, present).backward()
    unknown = (labels == 255)[:, None].expand_as(logits)
    assert (logits.grad[unknown] == 0).all()
    assert (logits.grad[~unknown] != 0).all()


def test_the_truth_costs_nothing_and_its_opposite_much() -> None:
    _, labels, present = example()
    known = torch.where(labels == 255, 0, labels)
    perfect = 40.0 * torch.nn.functional.one_hot(known, OBJECTS + 1).permute(0, 3, 1, 2)
    assert segmentation_loss(perfect, labels, present).item() == pytest.approx(0, abs=1e-4)
    assert segmentation_loss(-perfect, labels, present).item() > 1


def test_a_slot_without_object_has_no_dice() -> None:
    logits, labels, present = example()
    fewer = present.clone()
    fewer[0, 1] = False
    assert segmentation_loss(logits, labels, fewer) != segmentation_loss(logits, labels, present)
    unused = logits.clone()
    unused[1, 2] = -30  # the slot that clip 1 does not hold: at such odds it has no cross-entropy either
    alone = segmentation_loss(unused[1:, :2], labels[1:], present[1:, :1])
    assert segmentation_loss(unused[1:], labels[1:], present[1:]).item() == pytest.approx(alone.item(), rel=1e-5)


@pytest.mark.parametrize("hardest", [1.0, 0.3])
def test_unknown_pixels_do_not_dilute(hardest: float) -> None:
    """Padding a clip with unknown pixels, as crops at the border are, changes nothing."""
    logits, labels, present = example()
    padded_logits = torch.nn.functional.pad(logits, (0, 5, 3, 0), value=7.0)
    padded_labels = torch.nn.functional.pad(labels, (0, 5, 3, 0), value=255)
    expected = segmentation_loss(logits, labels, present, hardest).item()
    assert segmentation_loss(padded_logits, padded_labels, present, hardest).item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("hardest", [1.0, 0.3])
def test_parts_of_a_batch_average_to_the_batch(hardest: float) -> None:
    """So several processes, each with an equal part, train with the gradient of the whole."""
    rng = torch.Generator().manual_seed(1)
    logits = torch.randn(4, 4, SIDE, SIDE, generator=rng, dtype=torch.double).requires_grad_()
    labels = torch.randint(0, 4, (4, SIDE, SIDE), generator=rng)
    labels[1, 2:] = 255
    labels[3] = 255
    present = torch.tensor([[True, True, True], [True, False, False], [False, False, False], [True, True, False]])
    whole = segmentation_loss(logits, labels, present, hardest)
    for size in (1, 2):
        parts = zip(logits.split(size), labels.split(size), present.split(size), strict=True)
        mean = torch.stack([segmentation_loss(*part, hardest) for part in parts]).mean()
        assert mean.item() == pytest.approx(whole.item(), rel=1e-14)
        gradients = [torch.autograd.grad(loss, logits, retain_graph=True)[0] for loss in (mean, whole)]
        torch.testing.assert_close(*gradients, rtol=1e-12, atol=1e-15)


def test_a_clip_without_known_pixels_costs_nothing() -> None:
    logits, labels, present = example()
    alone = segmentation_loss(logits[:1], labels[:1], present[:1], 0.5).item()
    labels[1] = 255
    logits.requires_grad_()
    both = segmentation_loss(logits, labels, present, 0.5)
    both.backward()
    assert both.item() == pytest.approx(alone / 2, rel=1e-6)
    assert (logits.grad[1] == 0).all()
    assert (logits.grad[0] != 0).any()


@pytest.mark.parametrize("clips", [[0], [0, 1]])
def test_clips_without_objects_have_cross_entropy_alone(clips: list[int]) -> None:
    logits, labels, present = example()
    present[clips] = False
    labels[clips] = torch.where(labels[clips] == 255, 255, 0)
    loss = segmentation_loss(logits.requires_grad_(), labels, present)
    loss.backward()
    known = torch.where(labels == 255, -100, labels)
    per_clip = [torch.nn.functional.cross_entropy(logits[i : i + 1], known[i : i + 1]).item() for i in range(CLIPS)]
    if len(clips) == CLIPS:
        assert loss.item() == pytest.approx(sum(per_clip) / CLIPS, rel=1e-5)
    else:
        assert sum(per_clip) / CLIPS < loss.item() < sum(per_clip) / CLIPS + 1 / CLIPS
    assert logits.grad.isfinite().all()


def test_no_slot_at_all() -> None:
    logits = torch.zeros(2, 1, SIDE, SIDE, requires_grad=True)
    labels = torch.zeros(2, SIDE, SIDE, dtype=torch.long)
    labels[0, 0] = 255
    loss = segmentation_loss(logits, labels, torch.zeros(2, 0, dtype=torch.bool))
    loss.backward()
    assert loss.item() == 0
    assert (logits.grad == 0).all()


@pytest.mark.parametrize("label", [0, 1, 255])
@pytest.mark.parametrize("logit", [-60.0, 0.0, 60.0])
def test_empty_full_and_unknown_masks_give_finite_losses(label: int, logit: float) -> None:
    labels = torch.full((1, SIDE, SIDE), label)
    logits = torch.tensor([0.0, logit]).view(1, 2, 1, 1).repeat(1, 1, SIDE, SIDE).requires_grad_()
    loss = segmentation_loss(logits, labels, torch.tensor([[True]]), 0.15)
    loss.backward()
    assert loss.isfinite()
    assert logits.grad.isfinite().all()


def test_an_object_that_left_is_learnt_as_nothing() -> None:
    labels, present = torch.zeros(1, SIDE, SIDE, dtype=torch.long), torch.tensor([[True]])
    losses = [
        segmentation_loss(torch.tensor([0.0, v]).view(1, 2, 1, 1).repeat(1, 1, SIDE, SIDE), labels, present).item()
        for v in (-40.0, -4.0, 0.0, 4.0)
    ]
    assert losses == sorted(losses)
    assert losses[0] == pytest.approx(0, abs=1e-6)


def test_fewer_of_the_hardest_pixels_cost_more() -> None:
    logits, labels, present = example()
    losses = [segmentation_loss(logits, labels, present, share).item() for share in (1.0, 0.6, 0.3, 1e-6)]
    assert losses == sorted(losses)
    assert losses[0] < losses[-1]
    logits, labels = logits.double(), labels.long()
    worst = torch.nn.functional.cross_entropy(logits, labels, ignore_index=255, reduction="none").amax((1, 2)).mean()
    absent = torch.zeros_like(present)
    assert segmentation_loss(logits, labels, absent, 1e-6).item() == pytest.approx(worst.item(), rel=1e-9), (
        "at least one"
    )


@pytest.mark.parametrize("hardest", [1.0, 0.4])
def test_gradients_are_right(hardest: float) -> None:
    logits, labels, present = example()
    logits = logits[:, :, :4, :4].double().requires_grad_()
    assert torch.autograd.gradcheck(lambda x: segmentation_loss(x, labels[:, :4, :4], present, hardest), logits)
