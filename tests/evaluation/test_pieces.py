"""Pieces of clips on disk."""

from pathlib import Path

import numpy as np
import pytest
from davis_layout import write_clip

from mobilevos.errors import InputError
from mobilevos.evaluation import Sequence, find_sequences
from mobilevos.evaluation.pieces import cut


def clip(root: Path, masks: np.ndarray) -> Sequence:
    write_clip(root, "cow", masks)
    return find_sequences(root)[0]


def square(count: int, value: int = 1) -> np.ndarray:
    masks = np.zeros((count, 8, 8), np.uint8)
    masks[:, 2:5, 2:5] = value
    return masks


@pytest.mark.parametrize(
    ("count", "every", "expected"),
    [
        (50, 10, {"cow@0": 30, "cow@10": 30, "cow@20": 30}),
        (49, 10, {"cow@0": 30, "cow@10": 30}),
        (50, 15, {"cow@0": 30, "cow@15": 30}),
        (30, 10, {"cow@0": 30}),
        (29, 10, {"cow@0": 29, "cow@10": 19, "cow@20": 9}),
        (22, 10, {"cow@0": 22, "cow@10": 12}),
        (5, 10, {"cow@0": 5}),
    ],
)
def test_lengths(tmp_path: Path, count: int, every: int, expected: dict[str, int]) -> None:
    sequence = clip(tmp_path, square(count))
    pieces = cut(sequence, every)
    assert {piece.name: len(piece.frames) for piece in pieces} == expected
    for piece in pieces:
        start = int(piece.name.removeprefix("cow@"))
        assert piece.frames[0] == sequence.frames[start]
        assert piece.annotations == sequence.annotations[start : start + len(piece.frames)]


def test_three_annotated_frames_are_needed(tmp_path: Path) -> None:
    sequence = clip(tmp_path, square(60))
    sparse = [path if index % 14 == 0 else None for index, path in enumerate(sequence.annotations)]  # 0, 14, 28, 42, 56
    pieces = cut(Sequence("cow", sequence.frames, tuple(sparse)))
    assert [(piece.name, piece.annotated) for piece in pieces] == [("cow@0", [0, 14, 28])]


@pytest.mark.parametrize("value", [1, 255])
def test_a_piece_starts_where_an_object_is_seen(tmp_path: Path, value: int) -> None:
    masks = square(50, value)
    masks[8:14] = 0
    masks[20:48] = 0
    pieces = cut(clip(tmp_path, masks))
    assert [(piece.name, piece.annotated[0], len(piece.annotated)) for piece in pieces] == [
        ("cow@0", 0, 30),
        ("cow@10", 4, 26),
    ]


def test_void_is_no_object(tmp_path: Path) -> None:
    masks = square(50)
    masks[10:12] = np.where(masks[10:12] == 1, 255, 0)
    assert [piece.annotated[0] for piece in cut(clip(tmp_path, masks))] == [0, 2, 0]


@pytest.mark.parametrize(("every", "length"), [(0, 30), (-1, 30), (10, 2)])
def test_senseless_lengths(tmp_path: Path, every: int, length: int) -> None:
    with pytest.raises(InputError, match="make no sense"):
        cut(clip(tmp_path, square(5)), every, length)
