"""Logit distillation against a plain implementation, its scale, and its edges."""

import math

import pytest

torch = pytest.importorskip("torch")

from mobilevos.errors import InputError  # noqa: E402
from mobilevos.losses import logit_distillation_loss  # noqa: E402
from mobilevos.models.network import aggregate  # noqa: E402

CLIPS, SLOTS, SIDE = 3, 3, 4


def example() -> tuple["torch.Tensor", "torch.Tensor", "torch.Tensor"]:
    """Logits of student and teacher in double precision and the pixels that count: none in the last clip."""
    rng = torch.Generator().manual_seed(0)
    student, teacher = torch.randn(2, CLIPS, SLOTS, SIDE, SIDE, generator=rng, dtype=torch.double)
    valid = torch.rand(CLIPS, SIDE, SIDE, generator=rng) < 0.6
    valid[2] = False
    return student, teacher, valid


def plain(student: "torch.Tensor", teacher: "torch.Tensor", temperature: float, valid: "torch.Tensor") -> float:
    """The same, pixel by pixel."""
    total = 0.0
    for clip in range(CLIPS):
        pixels = []
        for y in range(SIDE):
            for x in range(SIDE):
                if valid[clip, y, x]:
                    p, q = ([math.exp(v / temperature) for v in z[clip, :, y, x].tolist()] for z in (teacher, student))
                    p, q = [v / sum(p) for v in p], [v / sum(q) for v in q]
                    pixels.append(sum(a * math.log(a / b) for a, b in zip(p, q, strict=True)))
        total += temperature * sum(pixels) / max(1, len(pixels))
    return total / CLIPS


@pytest.mark.parametrize("temperature", [0.1, 1.0, 4.0])
def test_equals_the_plain_implementation(temperature: float) -> None:
    student, teacher, valid = example()
    everywhere = torch.ones_like(valid)
    loss = logit_distillation_loss(student, teacher, temperature).item()
    assert loss == pytest.approx(plain(student, teacher, temperature, everywhere), rel=1e-10)
    assert logit_distillation_loss(student, teacher, temperature, everywhere).item() == loss
    masked = logit_distillation_loss(student, teacher, temperature, valid).item()
    assert masked == pytest.approx(plain(student, teacher, temperature, valid), rel=1e-10)
    assert masked != pytest.approx(loss, rel=0.01)


def test_only_the_student_learns_and_only_where_valid() -> None:
    student, teacher, valid = example()
    student.requires_grad_()
    teacher.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: logit_distillation_loss(x, teacher.detach(), 0.5, valid), student)
    logit_distillation_loss(student, teacher, valid=valid).backward()
    assert teacher.grad is None
    counts = valid[:, None].expand_as(student)
    assert (student.grad[~counts] == 0).all()
    assert (student.grad[counts] != 0).any()


def test_the_teacher_is_the_minimum() -> None:
    student, teacher, _ = example()
    same = teacher.clone().requires_grad_()
    loss = logit_distillation_loss(same + 3.0, teacher)  # probabilities know no offset
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=1e-12)
    assert same.grad.abs().max() < 1e-12
    losses = [logit_distillation_loss(teacher + share * (student - teacher), teacher).item() for share in (0, 0.3, 1)]
    assert losses == sorted(losses)
    assert losses[2] > 0.1


def test_gradients_are_the_difference_of_probabilities_at_any_temperature() -> None:
    """They reach 1 where student and teacher contradict each other, and do not fade as the temperature falls."""
    student = torch.tensor([0.0, 2.0]).view(1, 2, 1, 1).requires_grad_()
    for temperature in (0.02, 0.1, 0.5):
        (gradient,) = torch.autograd.grad(logit_distillation_loss(student, -student, temperature), student)
        expected = torch.tensor([-1.0, 1.0]) * math.tanh(1 / temperature)
        torch.testing.assert_close(gradient.flatten(), expected)


@pytest.mark.parametrize("kind", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize(("student", "teacher"), [(50, -50), (-50, 50), (50, 50), (0, 50)])
def test_sure_logits_give_finite_losses(kind: "torch.dtype", student: int, teacher: int) -> None:
    def logits(value: int) -> "torch.Tensor":
        return torch.tensor([-value, value, -20.0], dtype=kind).view(1, 3, 1, 1).repeat(1, 1, SIDE, SIDE)

    followed = logits(student).requires_grad_()
    loss = logit_distillation_loss(followed, logits(teacher))
    loss.backward()
    assert loss.dtype == torch.float32
    assert loss.isfinite()
    assert followed.grad.isfinite().all()
    assert loss.item() == pytest.approx(100.0 if student * teacher < 0 else 0, abs=0.1)


def test_absent_slots_cost_nothing() -> None:
    """Slots without object stand at -20; the loss is that of the objects alone."""
    rng = torch.Generator().manual_seed(0)
    own, led = 4 * torch.randn(2, 2, 1, SIDE, SIDE, generator=rng)
    absent = torch.full_like(own, -20.0)
    both = [aggregate(torch.cat([logits, absent], 1)) for logits in (own, led)]
    alone = [aggregate(logits) for logits in (own, led)]
    expected = logit_distillation_loss(*alone).item()
    assert expected > 0.1
    assert logit_distillation_loss(*both).item() == pytest.approx(expected, rel=1e-4)


def test_parts_of_a_batch_average_to_the_batch() -> None:
    student, teacher, valid = example()
    parts = [logit_distillation_loss(student[i : i + 1], teacher[i : i + 1], 0.1, valid[i : i + 1]) for i in range(3)]
    whole = logit_distillation_loss(student, teacher, 0.1, valid).item()
    assert torch.stack(parts).mean().item() == pytest.approx(whole, rel=1e-14)
    assert parts[2].item() == 0


LOGITS = torch.zeros(2, 3, 4, 4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((LOGITS, LOGITS, 0.0), "above 0, not 0.0"),
        ((LOGITS, LOGITS, math.nan), "above 0, not nan"),
        ((LOGITS, LOGITS[:, :2]), r"not \(2, 3, 4, 4\) and \(2, 2, 4, 4\)"),
        ((LOGITS[0], LOGITS[0]), r"must both be \(B, K \+ 1, H, W\)"),
        ((LOGITS, LOGITS, 0.1, torch.ones(2, 4, 5)), r"must be \(2, 4, 4\) .* not \(2, 4, 5\)"),
    ],
)
def test_senseless_input(arguments: tuple, message: str) -> None:
    with pytest.raises(InputError, match=message):
        logit_distillation_loss(*arguments)
