"""Parts of a frame that look like the surroundings of what is missing, to be copied into it."""

import numpy as np
from numpy.typing import NDArray

from mobilevos.effects.window import Window

Cells = NDArray[np.bool_]

MOST_PATCHES = 6
"""A hole is patched together from at most so many parts."""
NEAR = 3
"""What surrounds the missing cells up to so many cells away must look alike."""
UNCOVERED = 2000.0
"""A part that covers nothing of what is missing is as bad as one whose colours are off by the root of this."""
FAR = 0.3
"""The same for a part, per cell that it is away: nearby things belong together."""


def alike_shifts(window: Window, missing: Cells) -> list[tuple[int, int]]:
    """Shifts (x, y), in cells of the coarse level, to parts of the frame that continue what surrounds a hole.

    All shifts are compared at once, by correlation in the frequency domain.

    Args:
        window: of the hole.
        missing: (h, w) the window's cells that nothing has filled.
    """
    frame = np.array(window.view.small, np.float32)
    known = window.view.seen == 255
    left = np.zeros(known.shape, bool)
    left[window.cells] = missing
    good = known.copy()
    shifts: list[tuple[int, int]] = []
    while left.any() and len(shifts) < MOST_PATCHES:
        found = _best_shift(frame, known, left, good)
        if found is None:
            break
        shifts.append(found)
        y, x = np.nonzero(left & _seen_through(known, *found))
        frame[y, x] = frame[y + found[1], x + found[0]]  # the next part must go with this one
        good[y, x], left[y, x] = True, False
    return shifts


def _best_shift(frame: NDArray[np.float32], known: Cells, left: Cells, good: Cells) -> tuple[int, int] | None:
    height, width = known.shape
    ring = grown(left, NEAR) & good
    size = 2 * height, 2 * width
    sure, missing, around = (np.fft.rfft2(each.astype(np.float32), size) for each in (known, left, ring))
    square = (frame**2).sum(2)
    cost = np.fft.rfft2(square * ring, size).conj() * sure + around.conj() * np.fft.rfft2(square * known, size)
    for channel in np.moveaxis(frame, 2, 0):
        cost -= 2 * np.fft.rfft2(channel * ring, size).conj() * np.fft.rfft2(channel * known, size)
    difference, overlap, covered = (
        np.fft.irfft2(each, size) for each in (cost, around.conj() * sure, missing.conj() * sure)
    )
    covered = covered / np.count_nonzero(left)
    y, x = (np.fft.fftfreq(2 * side, 1 / (2 * side)) for side in (height, width))
    score = difference / np.maximum(overlap, 1) + UNCOVERED * (1 - covered) + FAR * np.hypot(y[:, None], x)
    score[(overlap < 0.3 * np.count_nonzero(ring)) | (covered < 0.1)] = np.inf
    row, column = divmod(int(score.argmin()), 2 * width)
    return (round(x[column]), round(y[row])) if np.isfinite(score[row, column]) else None


def grown(cells: Cells, reach: int) -> Cells:
    """Cells and those up to so many steps away, side by side."""
    for _ in range(reach):
        padded = np.pad(cells, 1)
        cells = padded[1:-1, 1:-1] | padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]
    return cells


def _seen_through(known: Cells, x: int, y: int) -> Cells:
    """Which cells see something known when they look (x, y) away."""
    height, width = known.shape
    seen = np.zeros_like(known)
    rows, columns = (slice(max(0, -by), min(limit, limit - by)) for by, limit in ((y, height), (x, width)))
    there = slice(rows.start + y, rows.stop + y), slice(columns.start + x, columns.stop + x)
    seen[rows, columns] = known[there]
    return seen
