"""Clips cut into short overlapping pieces: more starts, less luck."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from ..errors import InputError
from .davis import Sequence
from .images import read_labels
from .scores import VOID

LENGTH, EVERY = 30, 10
LEAST = 3
"""Annotated frames of a piece: its first starts the tracker, and neither it nor the last is scored."""


def cut(sequence: Sequence, every: int = EVERY, length: int = LENGTH) -> list[Sequence]:
    """Cut pieces of ``length`` frames from every ``every``-th frame of a clip.

    A clip shorter than ``length`` gives what is left of it from each of those starts. The objects in a piece's first
    annotated frame start its tracker; where that frame shows none, the first later one that does takes its place.

    Args:
        sequence: from `find_sequences`.
        every: frames between starts, at least 1.
        length: frames of a piece, at least 3.

    Returns:
        The pieces that have three annotated frames from their start on, named ``<clip>@<start>``.

    Raises:
        InputError: ``every`` or ``length`` is too small, or a mask is unreadable.
    """
    if every < 1 or length < LEAST:
        raise InputError(f"Pieces of {length} frames from every {every}. start make no sense; give at least 3 and 1.")
    count = len(sequence.frames)
    void = _void(sequence)
    pieces = []
    for start in range(0, count - length + 1 if count >= length else count, every):
        reach = slice(start, start + length)
        annotations = sequence.annotations[reach]
        first = next((i for i, path in enumerate(annotations) if path and _ids(path) - void), len(annotations))
        annotations = (None,) * first + annotations[first:]
        piece = replace(
            sequence, name=f"{sequence.name}@{start}", frames=sequence.frames[reach], annotations=annotations
        )
        if len(piece.annotated) >= LEAST:
            pieces.append(piece)
    return pieces


def _void(sequence: Sequence) -> set[int]:
    """Values that show no object of a clip: 255 does in a binary clip, elsewhere it is void (see `ClipScores`)."""
    first = sequence.annotations[sequence.annotated[0]]
    assert first is not None
    return {0} if _ids(first) - {0} == {VOID} else {0, VOID}


def _ids(path: Path) -> set[int]:
    return {int(value) for value in np.unique(read_labels(path))}
