"""Clicks and boxes in the page's engine give the masks that Python gives."""

from typing import Any

import numpy as np
import pytest
from engine_driver import EngineDriver

from mobilevos.engine.candidates import sparing
from mobilevos.evaluation import jaccard
from mobilevos.prompt import Prompt
from mobilevos.runtimes import Prompter, load_prompter


@pytest.fixture(scope="module")
def network() -> Prompter:
    return load_prompter("lite0", threads=1)


def middle(mask: np.ndarray) -> tuple[int, int]:
    rows, columns = np.nonzero(mask)
    return int(np.median(columns)), int(np.median(rows))


def box_of(mask: np.ndarray, grown: int) -> tuple[int, int, int, int]:
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    left, top = int(columns[0]) - grown, int(rows[0]) - grown
    return left, top, int(np.ptp(columns)) + 1 + 2 * grown, int(np.ptp(rows)) + 1 + 2 * grown


@pytest.mark.parametrize("fish", [1, 2])
def test_clicks_corrections_and_candidates(
    driver: EngineDriver,
    network: Prompter,
    sample_frames: list[np.ndarray],
    sample_truth: np.ndarray,
    fish: int,
) -> None:
    x, y = middle(sample_truth[0] == fish)
    clicks: list[tuple[Any, ...]] = [("click", x, y), ("choose", 0), ("click", 4, 4, False), ("click", x + 9, y)]
    said = [*clicks, ("undo",)]
    names = {"click": "promptClick", "choose": "promptChoose", "undo": "promptUndo"}
    prompt = Prompt(sample_frames[0], network)
    ours = driver.run([("prompt", sample_frames[0]), *((names[name], *given) for name, *given in said)])
    assert ours[0].labels is not None
    assert not ours[0].labels.any()
    for answer, (name, *given) in zip(ours[1:], said, strict=True):
        assert answer.error is None
        assert jaccard(answer.labels > 0, getattr(prompt, name)(*given)) > 0.97


@pytest.mark.parametrize("grown", [0, 12])
def test_a_box(
    driver: EngineDriver,
    network: Prompter,
    sample_frames: list[np.ndarray],
    sample_truth: np.ndarray,
    grown: int,
) -> None:
    box = box_of(sample_truth[0] == 2, grown)
    sent = dict(zip(("x", "y", "width", "height"), box, strict=True))
    _, answer, alone = driver.run(
        [("prompt", sample_frames[0]), ("promptBox", sent), ("boxToMask", sample_frames[0], sent)]
    )
    assert jaccard(answer.labels > 0, Prompt(sample_frames[0], network).box(*box)) > 0.97
    np.testing.assert_array_equal(alone.labels, answer.labels)


def test_a_mask_is_corrected(
    driver: EngineDriver, network: Prompter, sample_frames: list[np.ndarray], sample_truth: np.ndarray
) -> None:
    half = (sample_truth[0] == 1).astype(np.uint8)
    x, y = middle(half)
    half[:, x:] = 0
    before, after = driver.run([("prompt", sample_frames[0], half), ("promptClick", x + 8, y)])
    np.testing.assert_array_equal(before.labels, half)
    ours = Prompt(sample_frames[0], network, half).click(x + 8, y)
    assert jaccard(after.labels > 0, ours) > 0.97


@pytest.mark.parametrize("given", [True, False])
def test_places_of_positive_clicks_stay(driver: EngineDriver, network: Prompter, given: bool) -> None:
    """Where a negative click on the same even area would take all of it."""
    frame, mask = np.full((480, 640, 3), 90, np.uint8), np.zeros((480, 640), np.uint8)
    frame[160:320, 160:320], mask[160:320, 160:320] = (200, 60, 40), 1
    clicks: list[tuple[Any, ...]] = [(239, 240), (235, 225, False) if given else (277, 227, False)]
    _, *answers = driver.run(
        [("prompt", frame, *([mask] if given else [])), *(("promptClick", *click) for click in clicks)]
    )
    prompt = Prompt(frame, network, mask if given else None)
    for answer, click in zip(answers, clicks, strict=True):
        assert jaccard(answer.labels > 0, prompt.click(*click)) > 0.97
    assert prompt.mask[240, 239]
    assert not prompt.mask[clicks[1][1], clicks[1][0]]
    assert jaccard(prompt.mask, mask > 0) > 0.4


def test_others_are_spared(
    driver: EngineDriver, network: Prompter, sample_frames: list[np.ndarray], sample_truth: np.ndarray
) -> None:
    """By the same candidate as in Python."""
    x, y = middle(sample_truth[0] == 1)
    prompt = Prompt(sample_frames[0], network)
    prompt.click(x, y)
    masks = [mask for mask, _ in prompt.candidates]
    for number, mask in enumerate(masks):
        others = np.where(mask, 7, 0).astype(np.uint8)
        _, _, answer = driver.run([("prompt", sample_frames[0]), ("promptClick", x, y), ("promptSpare", others)])
        wanted = masks[sparing(masks, others)]
        assert jaccard(answer.labels > 0, wanted) > 0.97, number


def test_mistakes_are_one_sentence(driver: EngineDriver, sample_frames: list[np.ndarray]) -> None:
    calls = [
        ("prompt", sample_frames[0]),
        ("promptClick", 480, 4),
        ("promptClick", 4, 4, False),
        ("promptBox", {"x": 5, "y": 5, "width": 0, "height": 9}),
        ("promptChoose", 0),
        ("prompt", sample_frames[0], np.zeros((2, 3), np.uint8)),
    ]
    assert [answer.error for answer in driver.run(calls)] == [
        None,
        "The click 480,4 lies outside of the frame, which is 480x270.",
        "Negative clicks alone mean no object; begin with a click on it, a box or a mask.",
        "The box is empty or outside of the frame; draw it around the object.",
        "There is no candidate 0; there are 0, counted from 0.",
        "The mask must have one value for each pixel of the 480x270 frame.",
    ]
