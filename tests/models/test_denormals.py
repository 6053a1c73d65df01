"""Numbers that are nearly zero are zero where that is asked for, and nowhere else."""

import sys

import pytest

torch = pytest.importorskip("torch")

from mobilevos.models.denormals import denormals_are_zero  # noqa: E402


def least() -> tuple[float, float]:
    """Half of the least numbers of full precision, as Python and PyTorch reckon them."""
    return sys.float_info.min / 2, float(torch.tensor(torch.finfo(torch.float32).tiny) / 2)


def test_they_are_zero_within() -> None:
    with denormals_are_zero():
        assert least() == (0, 0)
        with denormals_are_zero():
            assert least() == (0, 0)
        assert least() == (0, 0)
    assert min(least()) > 0


def test_they_come_back_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), denormals_are_zero():
        raise ZeroDivisionError
    assert min(least()) > 0
