"""The representation loss against its definitions in information theory and contrastive learning, and its edges."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from torch.nn import functional as F  # noqa: E402
from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

from mobilevos.errors import InputError  # noqa: E402
from mobilevos.losses import representation_loss  # noqa: E402

OMEGAS = [0.0, 0.3, 0.95, 1.0]
Example = tuple["torch.Tensor", "torch.Tensor", "torch.Tensor"]


def example(pixels: int = 12, channels: int = 5, classes: int = 3, seed: int = 0) -> Example:
    """Random features of a student and a wider teacher, in double precision, and one-hot labels."""
    rng = torch.Generator().manual_seed(seed)
    student = torch.randn(pixels, channels, generator=rng, dtype=torch.double)
    teacher = torch.randn(pixels, channels + 2, generator=rng, dtype=torch.double)
    return student, teacher, F.one_hot(torch.randint(0, classes, (pixels,), generator=rng), classes)


def correlation(features: np.ndarray) -> np.ndarray:
    """Cosine of each pair of rows; 0 where a row is 0."""
    length = np.linalg.norm(features, axis=1)
    return features @ features.T / np.maximum(np.outer(length, length), 1e-300)


def targets(teacher: np.ndarray, labels: np.ndarray, omega: float) -> np.ndarray:
    return omega * correlation(teacher) + (1 - omega) * (labels @ labels.T)


def entropy(matrix: np.ndarray) -> float:
    """Renyi's of order 2, by its definition on the eigenvalues of the matrix scaled to trace 1."""
    return -math.log2((np.linalg.eigvalsh(matrix / np.trace(matrix)) ** 2).sum())


@pytest.mark.parametrize("omega", OMEGAS)
@pytest.mark.parametrize("seed", range(3))
def test_is_the_conditional_entropy(omega: float, seed: int) -> None:
    """H(C_s, C_target) - H(C_s), and so H(C_target) less the mutual information."""
    student, teacher, labels = example(seed=seed)
    own = correlation(student.numpy())
    target = targets(teacher.numpy(), labels.numpy(), omega)
    loss = representation_loss(student, teacher, labels, omega).item()
    assert loss == pytest.approx(entropy(own * target) - entropy(own), abs=1e-10)
    mutual = entropy(own) + entropy(target) - entropy(own * target)
    assert loss == pytest.approx(entropy(target) - mutual, abs=1e-10)
    assert 0 < loss < math.log2(len(student))


@pytest.mark.parametrize("omega", OMEGAS)
def test_entropies_differ_by_the_traces_where_features_are_zero(omega: float) -> None:
    student, teacher, labels = example()
    student[:2], teacher[1:4], labels[3:5] = 0, 0, 0
    own, target = correlation(student.numpy()), targets(teacher.numpy(), labels.numpy(), omega)
    traces = 2 * math.log2(np.trace(own * target) / np.trace(own))
    assert traces < -0.1
    loss = representation_loss(student, teacher, labels, omega).item()
    assert loss == pytest.approx(entropy(own * target) - entropy(own) - traces, abs=1e-10)


def test_omega_0_is_supervised_contrastive_learning() -> None:
    student, _, labels = example()
    unit, ids = (student / student.norm(dim=1, keepdim=True)).tolist(), labels.argmax(1).tolist()
    attracted = everyone = 0.0
    for i, first in enumerate(unit):
        for j, second in enumerate(unit):
            similarity = sum(a * b for a, b in zip(first, second, strict=True)) ** 2
            everyone += similarity
            attracted += similarity * (ids[i] == ids[j])
    loss = representation_loss(student, None, labels, omega=0).item()
    assert loss == pytest.approx(-math.log2(attracted / everyone), abs=1e-12)


def test_a_student_like_its_teacher_or_pixels_of_one_label() -> None:
    """One label everywhere asks for nothing; C_s * C_s is the least entropy beyond C_s only for hard clusters."""
    student, _, _ = example()
    assert representation_loss(student, None, torch.ones(12, 1), 0).item() == pytest.approx(0, abs=1e-12)
    clusters = F.one_hot(torch.arange(12) % 4).double()
    assert representation_loss(clusters, clusters).item() == pytest.approx(0, abs=1e-12)
    assert representation_loss(clusters, clusters.roll(1, 0)[torch.randperm(12)]).item() > 0.1


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**31), omega=st.sampled_from(OMEGAS), pixels=st.integers(2, 20))
def test_invariances(seed: int, omega: float, pixels: int) -> None:
    student, teacher, labels = example(pixels, seed=seed)
    rng = torch.Generator().manual_seed(seed)
    rotation = torch.linalg.qr(torch.randn(5, 5, generator=rng, dtype=torch.double)).Q
    order = torch.randperm(pixels, generator=rng)
    scale = 10 ** (6 * torch.rand(pixels, 1, generator=rng, dtype=torch.double) - 3)
    sign = torch.randint(0, 2, (pixels, 1), generator=rng) * 2 - 1
    expected = representation_loss(student, teacher, labels, omega).item()
    for same in (
        representation_loss(student @ rotation, teacher, labels, omega),
        representation_loss(student[order], teacher[order], labels[order], omega),
        representation_loss(student * scale * sign, teacher * scale.flip(0), labels, omega),
        representation_loss(student, teacher, F.pad(labels, (1, 2)), omega),
    ):
        assert same.item() == pytest.approx(expected, abs=1e-9)
    assert -1e-12 <= expected <= math.log2(pixels) + 1e-12


@pytest.mark.parametrize("omega", OMEGAS)
def test_gradients_are_right(omega: float) -> None:
    student, teacher, labels = example(7)
    teacher.requires_grad_()
    student.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: representation_loss(x, teacher.detach(), labels, omega), student)
    representation_loss(student, teacher, labels, omega).backward()
    assert (student.grad.norm(dim=1) > 0).all()
    assert teacher.grad is None


DEGENERATE: dict[str, Callable[[Example], Example]] = {
    "no pixel": lambda e: (e[0][:0], e[1][:0], e[2][:0]),
    "one pixel": lambda e: (e[0][:1], e[1][:1], e[2][:1]),
    "zero student": lambda e: (0 * e[0], e[1], e[2]),
    "zero target": lambda e: (e[0], 0 * e[1], 0 * e[2]),
    "all zero": lambda e: (0 * e[0], 0 * e[1], 0 * e[2]),
    "one zero vector": lambda e: (e[0] * (torch.arange(12)[:, None] > 0), e[1], e[2]),
    "nothing in common": lambda e: (torch.eye(12), torch.eye(12), torch.eye(12)),
    "tiny": lambda e: (1e-25 * e[0], 1e-25 * e[1], e[2]),
    "huge": lambda e: (1e18 * e[0], 1e18 * e[1], e[2]),
    "equal features": lambda e: (torch.ones(12, 5), torch.ones(12, 5), e[2]),
}


@pytest.mark.parametrize("omega", OMEGAS)
@pytest.mark.parametrize("case", DEGENERATE)
def test_degenerate_features_give_finite_losses(case: str, omega: float) -> None:
    student, teacher, labels = (x.float() for x in DEGENERATE[case](example()))
    loss = representation_loss(student.requires_grad_(), teacher, labels, omega)
    loss.backward()
    assert loss.shape == ()
    assert loss.isfinite()
    assert student.grad.isfinite().all()
    assert student.grad.shape == student.shape
    if len(student) < 2 or case in ("zero student", "all zero"):
        assert loss.item() == 0
        assert (student.grad == 0).all()


@pytest.mark.parametrize("omega", OMEGAS)
def test_precision(omega: float) -> None:
    """Labels of any type; half-precision features and autocast cost no accuracy beyond the input's rounding."""
    student, teacher, labels = example(40)
    expected = representation_loss(student, teacher, labels, omega).item()
    for kind in (torch.bool, torch.uint8, torch.float16):
        assert representation_loss(student, teacher, labels.to(kind), omega).item() == pytest.approx(
            expected, rel=1e-12
        )
    single = representation_loss(student.float(), teacher.float(), labels, omega)
    assert single.dtype == torch.float32
    assert single.item() == pytest.approx(expected, rel=1e-5)
    with torch.autocast("cpu", torch.bfloat16):
        assert representation_loss(student.float(), teacher.float(), labels, omega).item() == single.item()
    for half in (torch.float16, torch.bfloat16):
        rounded = representation_loss(student.to(half), teacher.to(half), labels, omega)
        exact = representation_loss(student.to(half).double(), teacher.to(half).double(), labels, omega)
        assert rounded.dtype == torch.float32
        assert rounded.item() == pytest.approx(exact.item(), rel=1e-5)


def test_two_pixels_are_enough() -> None:
    """Of the four pairs that are alike to the student, the target has two, or the one of the pixel that it knows."""
    assert representation_loss(torch.ones(2, 1), torch.eye(2)).item() == 1
    assert representation_loss(torch.ones(2, 1), torch.tensor([[1.0], [0.0]])).item() == 2


def test_what_weighs_nothing_may_be_missing() -> None:
    student, teacher, labels = example()
    assert representation_loss(student, None, labels, 0) == representation_loss(student, teacher, labels, 0)
    without = representation_loss(student, teacher).item()
    assert without == pytest.approx(representation_loss(student, teacher, labels, 1.0).item(), rel=1e-14)


STUDENT, TEACHER, LABELS = torch.ones(4, 3), torch.ones(4, 5), torch.ones(4, 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((STUDENT, TEACHER, LABELS, -0.1), "between 0 .* and 1 .*, not -0.1"),
        ((STUDENT, TEACHER, LABELS, 1.1), "between 0 .* and 1 .*, not 1.1"),
        ((STUDENT, TEACHER, LABELS, math.nan), "not nan"),
        ((STUDENT, None), "teacher features a weight of 1 but there are none"),
        ((STUDENT, TEACHER, None, 0.75), "labels a weight of 0.25 but there are none"),
        ((STUDENT, None, None, 0.0), "labels a weight of 1 but there are none"),
        ((STUDENT[0], TEACHER), r"\(pixels, channels\), not \(3,\)"),
        ((STUDENT, TEACHER[:3]), r"teacher features must have one row for each of 4 pixels, not \(3, 5\)"),
        ((STUDENT, TEACHER[:, 0]), r"teacher features must have one row .* not \(4,\)"),
        ((STUDENT, None, LABELS[:, 0], 0.0), r"labels must have one row .* not \(4,\)"),
        ((STUDENT[:0], TEACHER), r"one row for each of 0 pixels"),
    ],
)
def test_senseless_input(arguments: tuple, message: str) -> None:
    with pytest.raises(InputError, match=message):
        representation_loss(*arguments)


OTHERS = ~np.eye(45, dtype=bool)
"""Pairs of two pixels, of the 45 that descend."""


def descend(student: "torch.Tensor", loss: Callable[["torch.Tensor"], "torch.Tensor"]) -> np.ndarray:
    """Correlations after 100 steps of gradient descent on the features."""
    student = student.clone().requires_grad_()
    optimiser = torch.optim.Adam([student], 0.05)
    for _ in range(100):
        optimiser.zero_grad()
        loss(student).backward()
        optimiser.step()
    return correlation(student.detach().numpy())


def test_descent_at_omega_0_separates_the_labels() -> None:
    """The loss is 0 as soon as labels lie in subspaces at right angles: within one they need not become parallel."""
    for channels, together in ((3, 0.95), (8, 0.4)):
        student, _, labels = example(45, channels)
        same = (labels @ labels.T).numpy().astype(bool)
        before = correlation(student.numpy()) ** 2
        after = descend(student, lambda x, y=labels: representation_loss(x, None, y, 0)) ** 2
        assert (after[~same] < 0.01).mean() > 0.95 > 0.9 > (before[~same] < 0.01).mean()
        assert after[same & OTHERS].mean() > max(together, 1.5 * before[same & OTHERS].mean())


def test_descent_at_omega_1_takes_over_the_correlations_of_the_teacher() -> None:
    for channels, likeness in ((3, 0.9), (8, 0.6)):
        student, teacher, labels = example(45, channels)
        teacher = 0.2 * teacher + F.pad(labels, (0, teacher.shape[1] - 3))
        after = descend(student, lambda x, t=teacher: representation_loss(x, t))
        before, wanted = correlation(student.numpy()), correlation(teacher.numpy())[OTHERS] ** 2
        assert np.corrcoef(before[OTHERS] ** 2, wanted)[0, 1] < 0.2
        assert np.corrcoef(after[OTHERS] ** 2, wanted)[0, 1] > likeness


class Largest(TorchDispatchMode):
    """Notes the most elements that any tensor made inside has."""

    elements = 0

    def __torch_dispatch__(self, function, types, arguments=(), keywords=None):  # type: ignore[no-untyped-def]
        result = function(*arguments, **(keywords or {}))
        if isinstance(result, torch.Tensor):
            self.elements = max(self.elements, result.numel())
        return result


def test_cost() -> None:
    """As documented: linear in the pixels at omega 0, without an N x N matrix; else N^2 (Cs + Ct + K) + N Cs^2."""
    pixels, channels, classes = 128, 4, 3
    student, teacher, labels = example(pixels, channels, classes)
    wide = teacher.shape[1]
    expected = {0.0: (classes + 1) * pixels * channels**2}
    expected[0.5] = pixels**2 * (channels + wide + classes) + pixels * channels**2
    for omega, multiplications in expected.items():
        with FlopCounterMode(display=False) as counter:
            representation_loss(student, teacher, labels, omega)
        assert counter.get_total_flops() == 2 * multiplications
    with Largest() as largest:
        representation_loss(student.requires_grad_(), None, labels, 0).backward()
    assert pixels * channels <= largest.elements <= pixels * channels * classes
