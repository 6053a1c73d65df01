"""Shapes on a grid: what is near, and what hangs together."""

import numpy as np
from numpy.typing import NDArray

Cells = NDArray[np.bool_]


def grown(mask: Cells, cells: int) -> Cells:
    """All (rows, columns) that is at most so many cells away, across and down."""
    sums = np.pad(np.pad(mask.astype(np.int32), cells).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    side = 2 * cells + 1
    near: Cells = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side] > 0
    return near


def connected(mask: Cells, start: Cells) -> Cells:
    """The parts of a mask (rows, columns), joined by sides or corners, that share a cell with another."""
    labels = _labelled(mask)
    reached: Cells = np.isin(labels, labels[start & mask])
    return reached


def pieces(mask: Cells) -> list[Cells]:
    """The parts of a mask (rows, columns) that no side or corner joins."""
    labels = _labelled(mask)
    return [labels == label for label in np.unique(labels[mask])]


def large_pieces(mask: Cells, share: float) -> list[Cells]:
    """Those of the ``pieces`` that are at least this part of the largest."""
    parts = pieces(mask)
    areas = [np.count_nonzero(part) for part in parts]
    return [part for part, area in zip(parts, areas, strict=True) if area >= share * max(areas)]


def bodies(mask: Cells, thin: int, share: float) -> list[Cells]:
    """The large pieces of a mask (rows, columns), cut where they hang together by at most ``2 * thin`` cells.

    What is thin belongs to the body that is nearest by steps within the mask, to the first of those that are as near.

    Args:
        mask: of all.
        thin: cells that are taken away all around to see what hangs together; beyond the grid a mask may go on.
        share: as of ``large_pieces``, of what is left then and of the pieces of which nothing is.
    """
    whole, cores = large_pieces(mask, share), large_pieces(mask & ~grown(~mask, thin), share)
    cores += [piece for piece in whole if not any((piece & core).any() for core in cores)]
    if len(cores) < 2:
        return whole
    free, before = mask.copy(), None
    while (left := np.count_nonzero(free)) != before:
        before = left
        for core in cores:
            reached = grown(core, 1) & free
            core |= reached
            free &= ~reached
    return cores


def _labelled(mask: Cells) -> NDArray[np.intp]:
    """A number for each cell of a mask (rows, columns), the same for those that hang together; -1 beyond it.

    Numbers grow with where parts begin, line by line.
    """
    edges = np.diff(mask.astype(np.int8), prepend=0, append=0)
    rows, starts = np.nonzero(edges == 1)
    stops = np.nonzero(edges == -1)[1]
    parents = list(range(len(rows)))

    def root(run: int) -> int:
        while parents[run] != run:
            parents[run] = run = parents[parents[run]]
        return run

    above = 0
    runs = list(zip(rows.tolist(), starts.tolist(), stops.tolist(), strict=True))
    for here, (row, start, stop) in enumerate(runs):
        while runs[above][0] < row - 1 or (runs[above][0] == row - 1 and runs[above][2] < start):
            above += 1
        other = above
        while runs[other][0] == row - 1 and runs[other][1] <= stop:
            first, second = sorted((root(other), root(here)))
            parents[second] = first
            other += 1
    labels = np.full(mask.shape, -1)
    labels[mask] = np.repeat([root(run) for run in range(len(runs))], stops - starts)
    return labels
