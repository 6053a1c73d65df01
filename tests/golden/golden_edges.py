"""Cases of sizes and places that chance would hardly draw."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from golden_packing import packed, packed_shares

VIEWS = (
    (0, 0, 32, 32, 16, 16),  # pixels are averaged, and that is all
    (0, 0, 32, 16, 16, 16),  # in one direction alone
    (0, 0, 16, 32, 16, 16),
    (0, 0, 16, 16, 16, 16),  # as it is, from the corner
    (0, 0, 18, 21, 16, 16),  # height comes first
    (0, 0, 18, 20, 16, 16),  # width does
)


BLOCK, CORNER, BESIDE = [3, 0, 20, 20, 24, 24], [7, 1, 0, 0, 1, 1], [9, 2, 20, 50, 20, 20]
"""Shapes of a scene."""
LIVES: tuple[tuple[tuple[int, int], list[list[Any]]], ...] = (
    (  # what is refused; and an object of one pixel
        (60, 80),
        [
            ["step", [BLOCK]],
            ["add", [BLOCK], [3]],
            ["remove", 3],
            ["start", [BLOCK, CORNER], [3, 7]],
            ["step_in", [60, 81], [BLOCK]],
            ["step_in", [61, 80], [BLOCK]],
            ["step", [BLOCK]],
            ["add", [CORNER], [7]],
            ["remove", 7],
            ["remove", 3],
            ["step", [BLOCK]],
            ["add", [BESIDE], [9]],
            ["step", [BESIDE]],
        ],
    ),
    (  # one leaves for longer than it may to count as hidden
        (60, 80),
        [["start", [BLOCK, BESIDE], [3, 9]], *[["step", [BLOCK]]] * 32],
    ),
    (  # in one frame an object is added where another is, then where it is
        (60, 80),
        [
            ["start", [BLOCK, BESIDE], [3]],
            ["step", [BLOCK, BESIDE]],
            ["add", [BLOCK], [3]],
            ["step", [BLOCK, BESIDE]],
            ["add", [[9, 0, 26, 26, 12, 12]], [9]],
            ["add", [BESIDE], [9]],
            ["step", [BLOCK, BESIDE]],
            ["step", [BESIDE]],
            ["remove", 3],
            ["add", [BLOCK], [3]],
        ],
    ),
    (  # what is given is finer than what is seen
        (400, 620),
        [
            ["start", [[3, 0, 31, 40, 5, 420], [9, 2, 60, 40, 300, 3], CORNER], [3, 7, 9]],
            ["step", [[3, 0, 34, 40, 9, 420], [9, 2, 60, 60, 300, 9]]],
            ["add", [[3, 0, 34, 40, 9, 420]], [3]],
        ],
    ),
)


def edge_cases() -> Iterator[tuple[str, Any]]:
    """Kind and what is given, of each."""
    rng = np.random.default_rng(0)
    for region in VIEWS:
        rgb = rng.integers(0, 256, (region[3], region[2], 3), dtype=np.uint8)
        yield "view", {"region": [*region], "frame": packed(rgb)}
    masks = packed_shares(rng.integers(100, 256, (1, 4, 4), dtype=np.uint8))
    for size, calls in LIVES:
        yield "life", {"mode": "fast", "size": [*size], "calls": calls}
    labels = np.zeros((16, 16), np.uint8)
    labels[0, :2] = 3, 5  # all that is seen of two objects is in the first cell
    yield "view_of_masks", {"region": [0, 0, 16, 16, 16, 16], "labels": packed(labels), "ids": [3, 5]}
    # Middles of the target's cells lie just on the borders.
    yield "transfer", {"region": [10, 10, 26, 26, 16, 16], "target": [0, 0, 32, 32, 32, 32], "masks": masks}
