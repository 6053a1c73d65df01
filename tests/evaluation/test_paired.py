"""The arithmetic of paired differences."""

import math

import pytest

from mobilevos.evaluation.paired import Difference, weight, weighted_mean


def test_short_clips_count_a_quarter() -> None:
    assert [weight(count) for count in (5, 14, 15, 90)] == [0.25, 0.25, 1, 1]
    assert weighted_mean([10, 20], [1, 0.25]) == 12


@pytest.mark.parametrize(
    ("values", "weights", "spread"),
    [
        ([1, -1], [1, 1], math.sqrt(0.5)),  # -1, 0 and 1 in a quarter, half and quarter of the draws
        ([4, 0], [1, 0.25], math.sqrt(2.36)),  # 0, 3.2 and 4
        ([2, 2, 2], [1, 1, 0.25], 0),
    ],
)
def test_standard_error(values: list[float], weights: list[float], spread: float) -> None:
    found = Difference.of(values, weights)
    assert found.mean == weighted_mean(values, weights)
    assert found.error == pytest.approx(spread, rel=0.03)
    assert Difference.of(values, weights) == found  # the draws are the same each time


def test_one_clip_has_no_standard_error() -> None:
    assert Difference.of([3], [1]) == Difference(3, None)


@pytest.mark.parametrize(
    ("mean", "error", "verdict"),
    [
        (2, 1, "better"),
        (-2, 1, "worse"),
        (1.99, 1, "no difference"),
        (-1.99, 1, "no difference"),
        (0, 0, "no difference"),
        (0.1, 0, "better"),
        (9, None, "no difference"),
    ],
)
def test_verdict(mean: float, error: float | None, verdict: str) -> None:
    assert Difference(mean, error).verdict == verdict
