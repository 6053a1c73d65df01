"""Shares of hand-made masks."""

import json
from pathlib import Path

import error_shares as command
import numpy as np
import pytest
from davis_layout import write_clip

from mobilevos.evaluation.error_shares import ClipErrors, Shares
from mobilevos.evaluation.scores import ObjectMasks


def boxes(*columns: tuple[int, int]) -> np.ndarray:
    """(20, 100) label map: object 1, 2, ... in all rows of columns from..to."""
    labels = np.zeros((20, 100), np.uint8)
    for label, (left, right) in enumerate(columns, 1):
        labels[:, left:right] = label
    return labels


def masks(pred: np.ndarray, truth: np.ndarray, ids: tuple[int, ...] = (1, 2)) -> ObjectMasks:
    return {label: (pred == label, truth == label) for label in ids}


def errors_of(*frames: ObjectMasks) -> ClipErrors:
    errors = ClipErrors()
    for index, frame in enumerate(frames, 1):
        errors.add(index, frame)
    return errors


def test_shares_of_one_object() -> None:
    # Truth 40..60, prediction 30..50: of the union 30..60, 37..40 and 57..60 lie at the border.
    shares = errors_of(masks(boxes((30, 50)), boxes((40, 60)), (1,))).shares
    assert shares == pytest.approx(Shares(border=20, other=0, background=100 * 7 / 30, missed=100 * 7 / 30))


def test_taken_from_and_given_to_another_object() -> None:
    # Object 1 takes columns 40..50 of object 2, 3 of which lie at the border of both.
    found = errors_of(masks(boxes((20, 50), (50, 60)), boxes((20, 40), (40, 60))))
    first, second = 7 / 30, 7 / 20
    assert found.shares.other == pytest.approx(50 * (first + second))
    assert found.shares.border == pytest.approx(50 * (3 / 30 + 3 / 20))
    assert found.shares.background == found.shares.missed == 0
    assert found.switches == 0


def test_nothing_anywhere_is_no_mistake() -> None:
    found = errors_of(masks(boxes(), boxes(), (1,)), masks(boxes((0, 50)), boxes((0, 50)), (1,)))
    assert found.shares == Shares(0, 0, 0, 0)
    assert not found.lost


def test_switches_count_frames_of_objects() -> None:
    truth = boxes((10, 30), (60, 80))
    swapped = boxes((60, 80), (10, 30))
    one_took_the_other = np.where(truth == 2, 1, 0).astype(np.uint8)
    found = errors_of(masks(truth, truth), masks(swapped, truth), masks(one_took_the_other, truth))
    assert found.switches == pytest.approx(100 * 3 / 6)


def test_an_empty_mask_is_no_switch() -> None:
    assert errors_of(masks(boxes(), boxes((10, 30)))).switches == 0


def test_lost_for_good() -> None:
    there, gone, away = boxes((10, 30)), boxes((70, 90)), boxes()
    pairs = [(there, there), (gone, there), (there, there), (gone, there), (away, away), (gone, there)]
    assert errors_of(*(masks(*pair, (1,)) for pair in pairs)).lost == {1: 4}
    assert not errors_of(*(masks(*pair, (1,)) for pair in pairs[:3])).lost


def test_command_adds_up_to_what_j_lacks(
    tmp_path: Path, sample_frames: list[np.ndarray], sample_truth: np.ndarray, capsys: pytest.CaptureFixture[str]
) -> None:
    write_clip(tmp_path / "sea", "reef", sample_truth[:6], sample_frames[:6])
    command.main(tmp_path / "sea", candidate="lite0:64", as_json=True)
    clip = json.loads(capsys.readouterr().out)["clips"]["sea/reef"]
    assert sum(clip["shares"].values()) == pytest.approx(100 - clip["J"])
    assert 0 < clip["J"] < 100
    command.main(tmp_path / "sea", candidate="lite0:64")
    header, _, line = capsys.readouterr().out.splitlines()
    assert header.count("|") == line.count("|")
    assert line.startswith("| sea/reef | ")
