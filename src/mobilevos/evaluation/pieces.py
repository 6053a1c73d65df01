"""Clips cut into short overlapping pieces: more starts, less luck."""

from dataclasses import replace

from ..errors import InputError
from ..video.masks import MaskSet
from .davis import Sequence

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
    masks = MaskSet(filter(None, sequence.annotations), snap=True, full_paths=True)
    pieces = []
    for start in range(0, count - length + 1 if count >= length else count, every):
        reach = slice(start, start + length)
        annotations = sequence.annotations[reach]
        first = next((i for i, path in enumerate(annotations) if path and masks.objects(path)), len(annotations))
        annotations = (None,) * first + annotations[first:]
        piece = replace(
            sequence, name=f"{sequence.name}@{start}", frames=sequence.frames[reach], annotations=annotations
        )
        if len(piece.annotated) >= LEAST:
            pieces.append(piece)
    return pieces
