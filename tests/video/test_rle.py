"""The codec against pycocotools, the reference."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pycocotools import mask as coco

from mobilevos.errors import InputError
from mobilevos.video import rle

masks = hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=40), elements=st.integers(0, 1))


def reference(mask: np.ndarray) -> dict[str, object]:
    encoded = coco.encode(np.asfortranarray(mask, np.uint8))
    return {"size": list(encoded["size"]), "counts": encoded["counts"].decode()}


def blob(height: int, width: int, seed: int) -> np.ndarray:
    """Long runs of varied lengths, which take several characters each, and negative differences."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    radius = rng.uniform(0.05, 0.8) * height
    return ((y - rng.uniform(0, height)) ** 2 + (x - rng.uniform(0, width)) ** 2 < radius**2).astype(np.uint8)


@given(masks)
def test_same_string_and_round_trip_as_pycocotools(mask: np.ndarray) -> None:
    encoded = rle.encode(mask)
    assert encoded == reference(mask)
    np.testing.assert_array_equal(rle.decode(encoded), mask.astype(bool))


@given(st.integers(1, 900), st.integers(1, 900), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_large_shapes_match_pycocotools(height: int, width: int, seed: int) -> None:
    mask = blob(height, width, seed)
    encoded = rle.encode(mask)
    assert encoded == reference(mask)
    np.testing.assert_array_equal(rle.decode(encoded), coco.decode(reference(mask)).astype(bool))


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (0, 0), (1, 1)])
def test_masks_of_no_pixel_or_one(size: tuple[int, int]) -> None:
    for mask in (np.zeros(size, np.uint8), np.ones(size, np.uint8)):
        assert rle.encode(mask) == reference(mask)
        np.testing.assert_array_equal(rle.decode(rle.encode(mask)), mask.astype(bool))


@pytest.mark.parametrize("value", [0, 1])
def test_uniform_masks(value: int) -> None:
    mask = np.full((480, 854), value, np.uint8)
    assert rle.encode(mask) == reference(mask)
    assert rle.decode(rle.encode(mask)).all() == bool(value)


def test_all_masks_of_four_pixels() -> None:
    for bits in range(16):
        mask = np.array([bits >> place & 1 for place in range(4)], np.uint8).reshape(2, 2)
        assert rle.encode(mask) == reference(mask)


@pytest.mark.parametrize(
    "counts",
    [
        *("", "1", "~~~~", "l", "oooooooooooooooo1", "\x01", "ö"),
        *("441\x0f", "5w", "57p", "<P", "\\" + "P" * 14 + "5"),  # twelve pixels, if one looks at five bits or 64
    ],
)
def test_damaged_counts_are_refused(counts: str) -> None:
    with pytest.raises(InputError, match="RLE mask"):
        rle.decode({"size": [3, 4], "counts": counts})


def test_encoding_is_vectorised() -> None:
    mask = (np.random.default_rng(0).random((480, 854)) < 0.5).astype(np.uint8)  # 200,000 runs
    start = time.process_time()
    encoded = rle.encode(mask)
    assert time.process_time() - start < 1.0
    assert encoded == reference(mask)


@pytest.mark.parametrize(
    "runs",
    [
        [3],
        [13],
        [6, 7],
        [20, -8],
        [2**59, 2**59],
        [0, 2**34, -(2**34) + 12],
        *([2**k] * (2 ** (64 - k)) + [12] for k in (56, 59)),
    ],
)
def test_runs_that_do_not_add_up_are_refused(runs: list[int]) -> None:
    """Sums begin anew at 2**64: sixteen times 2**60, and 12, are 12."""
    with pytest.raises(InputError, match=r"^the (run lengths|counts) of an RLE mask .*\.$"):
        rle.decode({"size": [3, 4], "counts": compressed(runs)})


@pytest.mark.parametrize("counts", [[5, 7], rle.encode(np.repeat([0, 1], [5, 7])[:, None])["counts"].encode()])
def test_other_forms_of_counts(counts: list[int] | bytes) -> None:
    assert rle.decode({"size": [12, 1], "counts": counts})[:, 0].tolist() == [False] * 5 + [True] * 7  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    "damaged",
    [
        {},
        {"size": [3, 4]},
        {"size": [3], "counts": "57"},
        {"size": "ab", "counts": "57"},
        {"size": [3.5, 4], "counts": "57"},
        {"size": [-3, -4], "counts": "57"},
        {"size": [3, 4], "counts": [5, 8]},
        {"size": [3, 4], "counts": [5, "x"]},
        {"size": [3, 4], "counts": [2**70]},
        {"size": [3, 4], "counts": [2**59] * 32 + [12]},
        {"size": [3, 4], "counts": [13, -1]},
        {"size": [3, 4], "counts": [[5, 7]]},
        {"size": [3, 4], "counts": None},
    ],
)
def test_what_is_no_rle_is_refused(damaged: rle.RLE) -> None:
    with pytest.raises(InputError, match=r"RLE mask .*\.$"):
        rle.decode(damaged)


def compressed(runs: list[int]) -> str:
    """COCO's string, of numbers of any size."""
    text = ""
    for index, run in enumerate(runs):
        rest, more = run - (runs[index - 2] if index > 2 else 0), True
        while more:
            group, rest = rest & 31, rest >> 5
            more = rest != (-1 if group & 16 else 0)
            text += chr(48 + group + 32 * more)
    return text
