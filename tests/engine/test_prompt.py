"""Masks of clicks and boxes, by the real network on the sample clip."""

from collections.abc import Callable

import numpy as np
import pytest

import mobilevos
from mobilevos.engine.bounds import bounding_box
from mobilevos.errors import InputError, MobileVOSError
from mobilevos.evaluation import jaccard
from mobilevos.prompt import Prompt
from mobilevos.runtimes import Prompter, load_prompter


@pytest.fixture(scope="module")
def network() -> Prompter:
    return load_prompter("lite0", threads=1)


def middle(mask: np.ndarray) -> tuple[int, int]:
    rows, columns = np.nonzero(mask)
    nearest = np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2)
    return int(columns[nearest]), int(rows[nearest])


def box_of(mask: np.ndarray, grown: int = 0) -> tuple[int, int, int, int]:
    rows, columns = bounding_box(mask)
    left, top = columns.start - grown, rows.start - grown
    return left, top, columns.stop + grown - left, rows.stop + grown - top


@pytest.mark.parametrize("fish", [1, 2])
@pytest.mark.parametrize("grown", [0, 10])
def test_a_box_becomes_the_object_in_it(
    network: Prompter, sample_frames: list[np.ndarray], sample_truth: np.ndarray, fish: int, grown: int
) -> None:
    truth = sample_truth[0] == fish
    mask = Prompt(sample_frames[0], network).box(*box_of(truth, grown))
    assert mask.dtype == bool
    assert mask.shape == truth.shape
    assert jaccard(mask, truth) > 0.8


@pytest.mark.parametrize("fish", [1, 2])
def test_clicks_become_the_object(
    network: Prompter, sample_frames: list[np.ndarray], sample_truth: np.ndarray, fish: int
) -> None:
    pytest.importorskip("cv2")
    from mobilevos.data.clicks import next_click

    truth = sample_truth[0] == fish
    prompt = Prompt(sample_frames[0], network)
    for _ in range(4):
        mask = prompt.click(*next_click(prompt.mask, truth))
    assert jaccard(mask, truth) > 0.8


def test_candidates_are_ordered_and_the_first_is_the_mask(
    network: Prompter, sample_frames: list[np.ndarray], sample_truth: np.ndarray
) -> None:
    prompt = Prompt(sample_frames[0], network)
    assert prompt.candidates == []
    assert not prompt.mask.any()
    prompt.click(*middle(sample_truth[0] == 1))
    masks, scores = zip(*prompt.candidates, strict=True)
    assert 1 < len(masks) <= 3
    assert all(0 <= score <= 1 for score in scores)
    np.testing.assert_array_equal(masks[0], prompt.mask)
    assert prompt.confidence == scores[0]
    np.testing.assert_array_equal(prompt.choose(1), masks[1])
    assert prompt.chosen == 1
    np.testing.assert_array_equal(prompt.mask, masks[1])


def test_undo_goes_back_step_by_step(
    network: Prompter, sample_frames: list[np.ndarray], sample_truth: np.ndarray
) -> None:
    prompt = Prompt(sample_frames[0], network)
    x, y = middle(sample_truth[0] == 1)
    first = prompt.click(x, y)
    prompt.click(x, 5, positive=False)
    np.testing.assert_array_equal(prompt.undo(), first)
    assert not prompt.undo().any()
    assert not prompt.undo().any()
    np.testing.assert_array_equal(prompt.click(x, y), first)


def test_a_second_box_replaces_the_first(
    network: Prompter, sample_frames: list[np.ndarray], sample_truth: np.ndarray
) -> None:
    one, other = (box_of(sample_truth[0] == fish) for fish in (1, 2))
    prompt = Prompt(sample_frames[0], network)
    prompt.box(*one)
    np.testing.assert_array_equal(prompt.box(*other), Prompt(sample_frames[0], network).box(*other))


def test_a_given_mask_is_corrected(
    network: Prompter, sample_frames: list[np.ndarray], sample_truth: np.ndarray
) -> None:
    truth = sample_truth[0] == 1
    _, across = bounding_box(truth)
    half = truth.copy()
    half[:, (across.start + across.stop) // 2 :] = False
    prompt = Prompt(sample_frames[0], network, mask=half)
    np.testing.assert_array_equal(prompt.mask, half)
    assert jaccard(prompt.click(*middle(truth & ~half)), truth) > jaccard(half, truth) + 0.1
    np.testing.assert_array_equal(prompt.undo(), half)


def spoilt(truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A mask whose right half is missing, and a piece of the background that it has instead."""
    _, across = bounding_box(truth)
    half = truth.copy()
    half[:, (across.start + across.stop) // 2 :] = False
    piece = np.zeros_like(truth)
    piece[-40:-10, :50] = True
    assert not (piece & truth).any()
    return half, piece


def test_a_correction_leaves_what_is_far_from_the_click_as_it_was(
    network: Prompter, sample_frames: list[np.ndarray], sample_truth: np.ndarray
) -> None:
    """Exactly: a positive click takes nothing away anywhere, and adds what hangs together with it."""
    truth = sample_truth[0] == 1
    half, piece = spoilt(truth)
    given = half | piece
    mask = Prompt(sample_frames[0], network, mask=given).click(*middle(truth & ~half))
    assert not (given & ~mask).any()
    assert jaccard(mask & ~piece, truth) > jaccard(half, truth) + 0.1
    again = Prompt(sample_frames[0], network, mask=mask).click(*middle(piece), positive=False)
    np.testing.assert_array_equal(again[:, 60:], mask[:, 60:])


def test_a_piece_that_is_not_meant_goes_as_a_whole_and_what_is_added_later_stays(
    network: Prompter, sample_frames: list[np.ndarray], sample_truth: np.ndarray
) -> None:
    truth = sample_truth[0] == 1
    half, piece = spoilt(truth)
    prompt = Prompt(sample_frames[0], network, mask=half | piece)
    prompt.click(*middle(piece), positive=False)
    np.testing.assert_array_equal(prompt.mask, half)
    mask = prompt.click(*middle(truth & ~half))
    assert not (mask & piece).any()
    assert not (half & ~mask).any()
    assert jaccard(mask, truth) > jaccard(half, truth) + 0.1
    prompt.undo()
    np.testing.assert_array_equal(prompt.mask, half)


def test_the_tracker_follows_the_mask(
    network: Prompter, sample_frames: list[np.ndarray], sample_truth: np.ndarray
) -> None:
    """It is object 1, when tracking starts and when it corrects."""
    tracker = mobilevos.Tracker(threads=1, mode="fast")
    prompt = mobilevos.Prompt(sample_frames[0], network)
    prompt.box(*box_of(sample_truth[0] == 1))
    assert set(np.unique(tracker.start(sample_frames[0], prompt.mask))) == {0, 1}
    assert jaccard(tracker.step(sample_frames[1]) == 1, sample_truth[1] == 1) > 0.7
    again = mobilevos.Prompt(sample_frames[1], network).box(*box_of(sample_truth[1] == 1))
    np.testing.assert_array_equal(tracker.add(again) == 1, again)


def test_predict_takes_what_the_predictor_of_sam_takes(
    network: Prompter, sample_frames: list[np.ndarray], sample_truth: np.ndarray
) -> None:
    truth = sample_truth[0] == 1
    prompt = Prompt(sample_frames[0], network)
    point, box = middle(truth), box_of(truth)
    masks, scores, logits = prompt.predict(point_coords=np.array([point]), point_labels=np.array([1]))
    assert (masks.shape[1:], masks.dtype, scores.shape) == (truth.shape, bool, masks.shape[:1])
    assert (logits.ndim, len(logits)) == (3, len(masks))
    np.testing.assert_array_equal(masks[0], Prompt(sample_frames[0], network).click(*point))
    corners = np.array([box[0], box[1], box[0] + box[2], box[1] + box[3]])
    masks, scores, _ = prompt.predict(box=corners, multimask_output=False)
    assert (len(masks), len(scores)) == (1, 1)
    np.testing.assert_array_equal(masks[0], Prompt(sample_frames[0], network).box(*box))
    # A negative point may come first.
    masks, *_ = prompt.predict(np.array([[5, 5], point]), np.array([0, 1]))
    assert not masks[0][5, 5]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (lambda p: p.click(480, 5), "the click 480,5 lies outside of the frame, which is 480x270"),
        (lambda p: p.click(-1, 5), "the click -1,5 lies outside of the frame, which is 480x270"),
        (lambda p: p.click(5, float("nan")), "the click 5,nan lies outside of the frame, which is 480x270"),
        (lambda p: p.click(5, 5, positive=False), "negative clicks alone mean no object; begin with a click on it"),
        (lambda p: p.box(480, 0, 10, 10), "the box 480,0,10,10 has no pixel of the frame, which is 480x270"),
        (lambda p: p.box(5, 5, 0, 10), "the box 5,5,0,10 has no pixel of the frame"),
        (lambda p: p.box(5, 5, 10, -3), "the box 5,5,10,-3 has no pixel of the frame"),
        (lambda p: p.box(5, 5, float("nan"), 9), "the box 5,5,nan,9 has no pixel of the frame"),
        (lambda p: p.choose(0), "there is no candidate 0; there are 0, counted from 0"),
        (lambda p: p.predict(), "there is neither a point nor a box; give one"),
        (lambda p: p.predict(np.zeros((2, 3))), r"point_coords must be \(N, 2\) and point_labels \(N,\)"),
        (lambda p: p.predict(np.zeros((2, 2)), np.ones(3)), r"point_coords must be \(N, 2\) and point_labels \(N,\)"),
        (lambda p: p.predict(box=np.zeros(3)), "box must be left, top, right, bottom"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence_and_changes_nothing(
    network: Prompter, sample_frames: list[np.ndarray], said: Callable[[Prompt], object], sentence: str
) -> None:
    prompt = Prompt(sample_frames[0], network)
    with pytest.raises(InputError, match=sentence):
        said(prompt)
    assert not prompt.mask.any()
    assert prompt.candidates == []


@pytest.mark.parametrize(
    ("frame", "mask", "sentence"),
    [
        (np.zeros((9, 9), np.uint8), None, "A frame must be a uint8 RGB array"),
        (np.zeros((90, 90, 3), np.uint8), np.zeros((90, 91), bool), "The mask is 91x90, but the frame is 90x90"),
        (np.zeros((90, 90, 3), np.uint8), np.ones((90, 90)), "A mask must be an integer label map"),
    ],
)
def test_what_is_no_frame_or_mask(network: Prompter, frame: np.ndarray, mask: np.ndarray | None, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        Prompt(frame, network, mask)


@pytest.mark.parametrize("shape", [(1, 1), (3, 700), (700, 3), (17, 33)])
def test_frames_of_odd_shapes(network: Prompter, shape: tuple[int, int]) -> None:
    frame = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    prompt = Prompt(frame, network)
    assert prompt.click(shape[1] // 2, shape[0] // 2).shape == shape
    assert prompt.box(0, 0, shape[1], shape[0]).shape == shape


def test_the_frame_may_change_afterwards(network: Prompter, sample_frames: list[np.ndarray]) -> None:
    frame = sample_frames[0].copy()
    prompt = Prompt(frame, network)
    frame[:] = 0
    np.testing.assert_array_equal(prompt.click(100, 100), Prompt(sample_frames[0], network).click(100, 100))


def test_another_shipped_model_uses_the_head_of_lite0(sample_frames: list[np.ndarray]) -> None:
    ours = mobilevos.Prompt(sample_frames[0], "resnet18", threads=1).click(100, 100)
    np.testing.assert_array_equal(ours, mobilevos.Prompt(sample_frames[0], model="lite0", threads=1).click(100, 100))


def test_a_model_of_yours_without_a_head_says_so(tmp_path: "pytest.TempPathFactory") -> None:
    import shutil

    from mobilevos.weights.store import shipped_folder

    folder = shutil.copytree(shipped_folder("lite0"), tmp_path / "mine")  # type: ignore[operator]
    (folder / "prompt.onnx").unlink()
    with pytest.raises(MobileVOSError, match=r"mine has no prompt\.onnx.*; train one with `mobilevos train-prompt`"):
        mobilevos.Prompt(np.zeros((90, 90, 3), np.uint8), model=str(folder))
    with pytest.raises(MobileVOSError, match=r"lite0\.safetensors has no prompt\.onnx"):
        mobilevos.Prompt(np.zeros((90, 90, 3), np.uint8), model="lite0.safetensors")
