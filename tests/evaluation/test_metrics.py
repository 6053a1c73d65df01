"""J and F against the vos_benchmark package, whose figures equal the official DAVIS code."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from vos_benchmark.evaluator import Evaluator

from mobilevos import sample
from mobilevos.errors import InputError
from mobilevos.evaluation import boundary_f, jaccard

DEV = Path(__file__).parents[3] / "shared" / "data" / "dev" / "Annotations"


def oracle(pred: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    evaluator = Evaluator()
    evaluator.objects_in_gt.add(1)  # scores the frame even if both masks are empty
    evaluator.feed_frame(pred.astype(np.uint8), truth.astype(np.uint8))
    j, f = evaluator.conclude()
    return j[1] / 100, f[1] / 100


def assert_official(pred: np.ndarray, truth: np.ndarray) -> None:
    assert (jaccard(pred, truth), boundary_f(pred, truth)) == pytest.approx(oracle(pred, truth), abs=1e-6)


def rectangle(shape: tuple[int, int], rows: slice, cols: slice) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[rows, cols] = True
    return mask


SIZE = (97, 131)
SPECIAL = {
    "empty": np.zeros(SIZE, bool),
    "full": np.ones(SIZE, bool),
    "one pixel": rectangle(SIZE, slice(40, 41), slice(50, 51)),
    "first corner": rectangle(SIZE, slice(0, 1), slice(0, 1)),
    "last corner": rectangle(SIZE, slice(96, None), slice(130, None)),
    "left edge": rectangle(SIZE, slice(20, 60), slice(0, 30)),
    "bottom right": rectangle(SIZE, slice(60, None), slice(90, None)),
    "last row": rectangle(SIZE, slice(96, None), slice(10, 90)),
    "last column": rectangle(SIZE, slice(10, 90), slice(130, None)),
    "inner": rectangle(SIZE, slice(30, 70), slice(40, 90)),
    "inner, shifted": rectangle(SIZE, slice(31, 72), slice(42, 91)),
    "next to the border": rectangle(SIZE, slice(1, 96), slice(1, 130)),
}


@pytest.mark.parametrize("pred", SPECIAL.values(), ids=SPECIAL.keys())
@pytest.mark.parametrize("truth", SPECIAL.values(), ids=SPECIAL.keys())
def test_special_masks(pred: np.ndarray, truth: np.ndarray) -> None:
    assert_official(pred, truth)


@settings(max_examples=150, deadline=None)
@given(
    height=st.integers(1, 150),
    width=st.integers(1, 150),
    seed=st.integers(0, 2**32 - 1),
    density=st.sampled_from([0.001, 0.03, 0.5, 0.97]),
    blocks=st.sampled_from([1, 3, 17]),
)
def test_random_masks(height: int, width: int, seed: int, density: float, blocks: int) -> None:
    rng = np.random.default_rng(seed)

    def draw() -> np.ndarray:
        coarse = rng.random((-(-height // blocks), -(-width // blocks))) < density
        return coarse.repeat(blocks, 0).repeat(blocks, 1)[:height, :width]

    assert_official(draw(), draw())


@pytest.mark.parametrize("shape", [(480, 854), (600, 800), (1080, 1920), (31, 1200)])
def test_disk_radius_at_usual_sizes(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    assert_official(rng.random(shape) < 0.0005, rng.random(shape) < 0.0005)


def test_masks_of_the_sample_clip() -> None:
    truth = sample.truth()
    for now, later in zip(truth[::9], truth[4::9], strict=False):
        for label in (1, 2):
            assert 0 < jaccard(now == label, later == label) < 1
            assert_official(now == label, later == label)


@pytest.mark.skipif(not DEV.is_dir(), reason="development data is not beside the repository")
def test_real_masks() -> None:
    clips = sorted(DEV.iterdir())
    assert clips
    for clip in clips:
        masks = [np.asarray(Image.open(path)) > 0 for path in sorted(clip.iterdir())[::12]]
        for now, later in pairwise(masks):
            assert_official(now, later)


def test_extremes() -> None:
    empty, full, inner = SPECIAL["empty"], SPECIAL["full"], SPECIAL["inner"]
    assert jaccard(empty, empty) == boundary_f(empty, empty) == 1
    assert jaccard(inner, inner) == boundary_f(inner, inner) == 1
    assert jaccard(full, empty) == 0
    assert boundary_f(full, empty) == 1  # a full mask has no boundary either
    assert boundary_f(inner, empty) == boundary_f(empty, inner) == 0


@pytest.mark.parametrize("measure", [jaccard, boundary_f])
def test_unusable_masks(measure) -> None:
    with pytest.raises(InputError, match=r"\(3, 4\) and \(4, 3\)"):
        measure(np.zeros((3, 4), bool), np.zeros((4, 3), bool))
    with pytest.raises(InputError):
        measure(np.zeros((2, 3, 4), bool), np.zeros((2, 3, 4), bool))
