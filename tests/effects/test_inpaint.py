"""In-painting finds what is behind an object."""

import numpy as np
import pytest
from moving_camera import HEIGHT, WIDTH, clip, psnr

from mobilevos import sample
from mobilevos.effects import Inpaint
from mobilevos.effects.spatial import fill
from mobilevos.errors import InputError
from mobilevos.video.reader import open_frames


def run(effect: Inpaint, frames: list[np.ndarray], masks: list[np.ndarray]) -> list[np.ndarray]:
    results = [effect(frame, mask) for frame, mask in zip(frames, masks, strict=True)]
    return [*(frame for frame in results if frame is not None), *effect.rest()]


def alone(frame: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """A frame filled by itself, smoothly."""
    return fill(frame.astype(np.float32), (mask < 0.01).astype(np.float32))


@pytest.mark.parametrize(("look_ahead", "begin"), [(0, 18), (16, 0)])
def test_what_other_frames_saw_is_found_again(look_ahead: int, begin: int) -> None:
    frames, truth, masks = clip(30)
    results = run(Inpaint(look_ahead), frames, masks)
    assert len(results) == len(frames)
    own = [psnr(r, t, m > 0.5) for r, t, m in zip(results, truth, masks, strict=True)][begin:]
    spatial = [psnr(alone(f, m), t, m > 0.5) for f, t, m in zip(frames, truth, masks, strict=True)][begin:]
    assert np.mean(own) > np.mean(spatial) + 8
    assert np.mean(own) > 30


def test_outside_of_the_hole_nothing_changes() -> None:
    frames, _, masks = clip(6)
    for result, frame, mask in zip(run(Inpaint(2), frames, masks), frames, masks, strict=True):
        assert result.shape == frame.shape
        assert result.dtype == np.uint8
        rows, columns = np.nonzero(mask > 0.3)
        far = np.ones(mask.shape, bool)
        far[max(rows.min() - 8, 0) : rows.max() + 16, max(columns.min() - 8, 0) : columns.max() + 8] = False
        np.testing.assert_array_equal(result[far], frame[far])


def test_nothing_of_the_object_is_left() -> None:
    frames, truth, masks = clip(20)
    result = run(Inpaint(10), frames, masks)[10].astype(int)
    redder = (result[..., 0] - result[..., 1]) - (truth[10][..., 0].astype(int) - truth[10][..., 1])
    assert np.percentile(redder, 99.9) < 60, "a red rim"


def test_the_look_ahead_delays_and_loses_nothing() -> None:
    frames, _, masks = clip(9)
    effect = Inpaint(4)
    given = [effect(frame, mask) for frame, mask in zip(frames, masks, strict=True)]
    assert [frame is None for frame in given] == [True] * 4 + [False] * 5
    assert len(list(effect.rest())) == 4
    assert list(effect.rest()) == []


def test_a_cut_takes_nothing_from_the_other_scene() -> None:
    first, other = clip(10), clip(10, seed=5)
    frames, masks = first[0] + other[0], first[2] + other[2]
    together = run(Inpaint(6), frames, masks)
    apart = run(Inpaint(6), *(other[k] for k in (0, 2)))
    for one, two, mask in zip(together[10:], apart, other[2], strict=True):
        assert psnr(one, two, mask > 0.5) > 25


def test_things_in_front_do_not_fill_the_hole() -> None:
    """The sample's weed is nearer than the reef, and stands in other frames where a fish was: open water."""
    clip_frames, labels = open_frames(sample.clip_path()), sample.truth()
    frames = [frame for frame, _ in zip(clip_frames, range(20), strict=False)]
    masks = [(label > 0).astype(np.float32) for label in labels[: len(frames)]]
    result = run(Inpaint(16), frames, masks)
    for index in (0, 12):
        hole = labels[index] == 2
        unlike = np.abs(result[index] - alone(frames[index], masks[index])).max(2)[hole]
        assert np.percentile(unlike, 99) < 70


def test_what_was_never_seen_stays_the_same() -> None:
    frames, _, masks = clip(1)
    frames, masks = frames * 12, masks * 12  # neither camera nor object moves
    results = run(Inpaint(4), frames, masks)
    for result in results[1:]:
        assert np.abs(result.astype(int) - results[0]).mean() < 0.5
        assert np.abs(result.astype(int) - results[0]).max() <= 24


def test_memory_is_bounded() -> None:
    frames, _, masks = clip(4)
    effect = Inpaint(5)
    held = []
    for t in range(60):
        effect(frames[t % 4], masks[t % 4])
        held.append(len(effect._timeline._past) + len(effect._timeline._ahead))
    assert max(held[30:]) == max(held) <= 14


def test_no_object_no_change() -> None:
    frames, _, _ = clip(3)
    empty = np.zeros((HEIGHT, WIDTH), np.float32)
    for result, frame in zip(run(Inpaint(1), frames, [empty] * 3), frames, strict=True):
        np.testing.assert_array_equal(result, frame)


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (33, 47), (90, 16)])
def test_any_size_and_a_mask_of_everything(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    frames = [rng.integers(0, 255, (*size, 3), np.uint8) for _ in range(4)]
    part = np.zeros(size, np.float32)
    part[: size[0] // 2 + 1, : size[1] // 2 + 1] = 1
    for mask in (part, np.ones(size, np.float32)):
        results = run(Inpaint(1), frames, [mask] * 4)
        assert [result.shape for result in results] == [(*size, 3)] * 4


@pytest.mark.parametrize("options", [{"look_ahead": -1}, {"margin": -2}])
def test_negative_numbers_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(InputError, match="0 or more"):
        Inpaint(**options)
