"""The page's engine in a real browser gives the masks that Python gives."""

from typing import Any

import numpy as np
import pytest
from engine_driver import Answer, EngineDriver, run_in_python

from mobilevos.evaluation import jaccard
from mobilevos.tracker import Tracker


def following(frames: list[np.ndarray], truth: np.ndarray, last: int) -> list[tuple[Any, ...]]:
    return [("start", frames[0], truth[0]), *(("step", frame) for frame in frames[1 : last + 1])]


def check_same(driver: EngineDriver, calls: list[tuple[Any, ...]], mode: str) -> list[Answer]:
    got, wanted = driver.run(calls), run_in_python(Tracker(mode=mode, threads=1), calls)
    assert len(got) == len(wanted) == len(calls)
    overlaps: dict[int, list[float]] = {}
    for ours, theirs in zip(got, wanted, strict=True):
        assert ours.error is None
        if theirs.labels is None:
            continue
        for i in theirs.states:
            overlaps.setdefault(i, []).append(jaccard(ours.labels == i, theirs.labels == i))
        assert ours.states == theirs.states
    for scores in overlaps.values():
        assert np.mean(scores) >= 0.99
    return got


@pytest.mark.slow
def test_fifty_frames_of_two_objects(
    driver: EngineDriver, sample_frames: list[np.ndarray], sample_truth: np.ndarray
) -> None:
    found = check_same(driver, following(sample_frames, sample_truth, 50), "fast")[30].labels
    assert all(jaccard(found == i, sample_truth[30] == i) > 0.7 for i in (1, 2))


FINER = ("balanced", "best")


@pytest.mark.parametrize(
    ("mode", "last"), [*((mode, 8) for mode in FINER), *(pytest.param(m, 50, marks=pytest.mark.slow) for m in FINER)]
)
def test_finer_modes(
    driver: EngineDriver, sample_frames: list[np.ndarray], sample_truth: np.ndarray, mode: str, last: int
) -> None:
    driver.run([("setMode", mode)])
    check_same(driver, following(sample_frames, sample_truth, last), mode)


def test_objects_come_and_go(driver: EngineDriver, sample_frames: list[np.ndarray], sample_truth: np.ndarray) -> None:
    """One is added, corrected, all leave the sight and return, one is removed."""
    only = [np.where(sample_truth == i, np.uint8(i), np.uint8(0)) for i in (0, 1, 2)]
    nothing = np.full_like(sample_frames[0], 90)
    check_same(
        driver,
        [
            ("start", sample_frames[0], only[1][0]),
            ("step", sample_frames[1]),
            ("add", only[2][1]),
            ("step", sample_frames[2]),
            ("add", only[1][2]),
            ("step", sample_frames[3]),
            ("step", nothing),
            ("step", nothing),
            ("step", sample_frames[4]),
            ("remove", 1),
            ("step", sample_frames[5]),
            ("remove", 2),
            ("step", sample_frames[6]),
            ("add", only[1][6]),
            ("step", sample_frames[7]),
        ],
        "fast",
    )


def test_an_object_that_leaves_is_occluded(
    driver: EngineDriver, sample_frames: list[np.ndarray], sample_truth: np.ndarray
) -> None:
    nothing = np.full_like(sample_frames[0], 90)
    answers = driver.run([("start", sample_frames[0], sample_truth[0]), *[("step", nothing)] * 2])
    assert answers[0].states == {1: "visible", 2: "visible"}
    assert answers[2].states == {1: "occluded", 2: "occluded"}
    assert not answers[2].labels.any()


def test_a_mode_changes_in_mid_video(
    driver: EngineDriver, sample_frames: list[np.ndarray], sample_truth: np.ndarray
) -> None:
    answers = driver.run(
        [
            ("start", sample_frames[0], sample_truth[0]),
            ("step", sample_frames[1]),
            ("setMode", "balanced"),
            ("step", sample_frames[2]),
        ]
    )
    assert all(jaccard(answers[3].labels == i, sample_truth[2] == i) > 0.8 for i in (1, 2))


def test_mistakes_are_one_sentence(
    driver: EngineDriver, sample_frames: list[np.ndarray], sample_truth: np.ndarray
) -> None:
    frame, mask = sample_frames[0], sample_truth[0]
    assert driver.create(model="nobody")["error"].startswith("nobody/card.json is missing on the server (404)")
    assert driver.create(mode="fast")["backend"] == "wasm"
    errors = [
        answer.error
        for answer in driver.run(
            [
                ("step", frame),
                ("start", frame, mask[:100].copy()),
                ("start", frame, np.zeros_like(mask)),
                ("start", frame, mask),
                ("step", frame[:100].copy()),
                ("remove", 7),
                ("setMode", "quick"),
                ("setEffect", {"name": "sparkle"}),
                ("boxToMask", frame, {"x": 600, "y": 5, "width": 9, "height": 9}),
                ("scribbleToMask", frame, np.zeros_like(mask), np.zeros_like(mask)),
                ("step", frame),
            ]
        )
    ]
    assert errors == [
        "There is no first frame yet; mark an object first.",
        "The mask has 48000 pixels, but the frame is 480x270; they must agree.",
        "The mask has no object: every pixel is 0.",
        None,
        "The frame is 480x100, but the video began at 480x270; every frame must have the same size.",
        "There is no object 7; the objects are 1, 2.",
        "There is no mode quick; choose one of fast, balanced, best.",
        "There is no effect sparkle; choose one of none, cutout, blur, replace, inpaint.",
        "The box is empty or outside of the frame; draw it around the object.",
        "There is no scribble on the object; draw one first.",
        None,
    ]


def test_a_scribble_becomes_a_mask(
    driver: EngineDriver, sample_frames: list[np.ndarray], sample_truth: np.ndarray
) -> None:
    truth = sample_truth[0] == 1
    rows, columns = (np.flatnonzero(truth.any(axis)) for axis in (1, 0))
    middle = int(rows.mean())
    inside, outside = np.zeros((2, *truth.shape), np.uint8)
    inside[middle - 2 : middle + 3, columns[len(columns) // 5] : columns[-len(columns) // 5]] = 1
    inside &= truth
    outside[rows[0] - 12 : rows[0] - 8, columns[0] : columns[-1]] = 1
    outside[rows[-1] + 8 : rows[-1] + 12, columns[0] : columns[-1]] = 1
    (answer,) = driver.run([("scribbleToMask", sample_frames[0], inside, outside)])
    assert jaccard(answer.labels > 0, truth) > 0.65  # its white patch and its fins are for a second scribble
    assert not (answer.labels[outside > 0]).any()
