"""Masks of boxes, by the real network on the sample clip."""

import numpy as np
import pytest

from mobilevos.engine.bounds import bounding_box
from mobilevos.engine.box import Box, mask_of_box
from mobilevos.errors import InputError
from mobilevos.evaluation import jaccard
from mobilevos.runtimes import Runtime, load_runtime


@pytest.fixture(scope="module")
def network() -> Runtime:
    return load_runtime("lite0", threads=1)


def box_of(mask: np.ndarray) -> Box:
    rows, columns = bounding_box(mask)
    return columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start


@pytest.mark.parametrize("fish", [1, 2])
def test_a_box_becomes_the_object_in_it(
    network: Runtime, sample_frames: list[np.ndarray], sample_truth: np.ndarray, fish: int
) -> None:
    truth = sample_truth[0] == fish
    x, y, width, height = box_of(truth)
    mask = mask_of_box(sample_frames[0], (x, y, width, height), network)
    full = np.zeros_like(truth)
    full[y : y + height, x : x + width] = True
    assert not mask[~full].any()
    assert jaccard(mask, truth) > max(0.8, jaccard(full, truth) + 0.1)


def test_a_box_over_the_border_is_cut_off_and_never_empty(network: Runtime, sample_frames: list[np.ndarray]) -> None:
    mask = mask_of_box(sample_frames[0], (-20, -20, 40, 40), network)
    assert mask[:20, :20].any()
    assert not mask[20:].any()
    assert not mask[:, 20:].any()
    assert mask_of_box(sample_frames[0], (479, 269, 1, 1), network)[269, 479]


@pytest.mark.parametrize("box", [(480, 0, 10, 10), (0, 0, 0, 10), (-10, 5, 10, 10), (5, 5, 10, -3)])
def test_a_box_without_a_pixel(network: Runtime, sample_frames: list[np.ndarray], box: Box) -> None:
    with pytest.raises(InputError, match="has no pixel of the frame, which is 480x270"):
        mask_of_box(sample_frames[0], box, network)
