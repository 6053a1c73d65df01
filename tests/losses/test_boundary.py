"""Boundary-aware sampling against a plain search of each pixel's neighbourhood."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

torch = pytest.importorskip("torch")

from mobilevos.errors import InputError  # noqa: E402
from mobilevos.losses import downsample_labels, sample_boundary  # noqa: E402

EVERY = 10**6
MAPS = hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.sampled_from([0, 1, 7, 255]))


def sample(labels: "torch.Tensor", count: int = EVERY, radius: int = 1, seed: int = 0) -> list[int]:
    pixels = sample_boundary(labels, count, radius, torch.Generator().manual_seed(seed))
    assert pixels.dtype == torch.int64
    assert pixels.ndim == 1
    return pixels.tolist()


def near_boundary(labels: np.ndarray, radius: int) -> set[int]:
    """Flat indices of all pixels that sampling may draw."""
    found = set()
    for y, x in np.ndindex(*labels.shape):
        window = labels[max(0, y - radius) : y + radius + 1, max(0, x - radius) : x + radius + 1]
        if labels[y, x] != 255 and ((window != labels[y, x]) & (window != 255)).any():
            found.add(y * labels.shape[1] + x)
    return found


def square(side: int = 20, corner: int = 6, size: int = 8) -> "torch.Tensor":
    labels = torch.zeros(side, side, dtype=torch.long)
    labels[corner : corner + size, corner : corner + size] = 1
    return labels


@settings(max_examples=60, deadline=None)
@given(labels=MAPS, radius=st.integers(1, 4), count=st.integers(1, 30), seed=st.integers(0, 99))
def test_draws_from_the_neighbourhood_of_changes(labels: np.ndarray, radius: int, count: int, seed: int) -> None:
    allowed = near_boundary(labels, radius)
    everything = sample(torch.from_numpy(labels), EVERY, radius, seed)
    assert len(everything) == len(allowed)
    assert set(everything) == allowed
    some = sample(torch.from_numpy(labels), count, radius, seed)
    assert some == everything[:count]


@settings(max_examples=30, deadline=None)
@given(labels=MAPS, count=st.integers(1, 30))
def test_labels_share_the_count(labels: np.ndarray, count: int) -> None:
    """No label gets two pixels more than another that has some left."""
    drawn = labels.ravel()[sample(torch.from_numpy(labels), count, 2)]
    available = labels.ravel()[list(near_boundary(labels, 2))]
    shares = {i: (drawn == i).sum() for i in np.unique(available)}
    short = [shares[i] for i in shares if shares[i] < (available == i).sum()]
    if short:
        assert max(shares.values()) <= min(short) + 1


def test_a_small_object_is_as_well_represented_as_its_surroundings() -> None:
    labels = square(60, 30, 2)
    drawn = labels.flatten()[sample(labels, 8, 6)]
    assert drawn.bincount().tolist() == [4, 4]
    drawn = labels.flatten()[sample(labels, 40, 6)]
    assert drawn.bincount().tolist() == [36, 4]
    assert sorted(labels.flatten()[sample(labels, 2)].tolist()) == [0, 1]


@pytest.mark.parametrize("label", [0, 1, 255])
@pytest.mark.parametrize("shape", [(6, 9), (1, 1)])
def test_no_boundary(label: int, shape: tuple[int, int]) -> None:
    assert sample(torch.full(shape, label)) == []


def test_the_unknown_makes_no_boundary() -> None:
    labels = square()
    labels[labels == 0] = 255
    assert sample(labels, radius=3) == []
    labels[0, 0] = 0  # known, but far from the object
    assert sample(labels, radius=3) == []
    labels = square()
    labels[:, 9:] = 255
    assert sample(labels)
    assert all(pixel % 20 < 9 for pixel in sample(labels, radius=3))


def test_the_border_of_the_image_makes_no_boundary() -> None:
    labels = square()
    labels[:10] = labels[10]  # the object reaches the top, in columns 6 to 13
    drawn = sample(labels, radius=2)
    assert {4, 5, 6, 7} <= set(drawn)
    assert not set(drawn) & {8, 9, 10, 11}


def test_is_random_and_decided_by_the_generator() -> None:
    labels = square()
    torch.manual_seed(0)
    state = torch.get_rng_state()
    draws = [frozenset(sample(labels, 40, 2, seed)) for seed in (*range(40), 0)]
    assert torch.equal(torch.get_rng_state(), state)
    assert draws[0] == draws[-1]
    assert len(set(draws)) == 40
    assert frozenset.union(*draws) == near_boundary(labels.numpy(), 2)


def test_types_and_layouts() -> None:
    labels = square()
    for same in (labels.byte(), labels.int(), labels.bool(), labels.T.contiguous().T):
        assert sample(same, 30, 2) == sample(labels, 30, 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((torch.zeros(2, 4, 4), 5, 1), r"one \(H, W\) map, not \(2, 4, 4\)"),
        ((torch.zeros(4, 4), 0, 1), "at least 1, not 0 and 1"),
        ((torch.zeros(4, 4), 5, 0), "at least 1, not 5 and 0"),
    ],
)
def test_senseless_input(arguments: tuple, message: str) -> None:
    with pytest.raises(InputError, match=message):
        sample_boundary(*arguments, torch.Generator())


@pytest.mark.parametrize("stride", [1, 2, 4, 8])
def test_downsampling_takes_labels_from_the_middle(stride: int) -> None:
    """Each block's label, unmixed; the pixel taken is at most half a pixel from the block's centre."""
    coarse = torch.randint(0, 256, (2, 5, 7), generator=torch.Generator().manual_seed(0)).byte()
    fine = coarse.repeat_interleave(stride, 1).repeat_interleave(stride, 2)
    assert torch.equal(downsample_labels(fine, stride), coarse)
    assert torch.equal(downsample_labels(fine[0], stride), coarse[0])
    rows = torch.arange(5 * stride).view(-1, 1).expand(-1, 7 * stride)
    offset = downsample_labels(rows, stride)[:, 0] - stride * torch.arange(5) - (stride - 1) / 2
    assert offset.abs().max() <= 0.5


def test_downsampling_needs_a_multiple_of_the_stride() -> None:
    with pytest.raises(InputError, match="10 x 8 pixels cannot be divided by the stride 4"):
        downsample_labels(torch.zeros(2, 10, 8), 4)
