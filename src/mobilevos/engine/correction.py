"""What a click changes in a mask: what is around it. The rest was good enough for whoever clicked there."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mobilevos.engine.candidates import Candidate, Mask
from mobilevos.engine.cells import Cells, connected, grown, pieces
from mobilevos.engine.prompt_maps import Click
from mobilevos.engine.region import Region

_GONE = 0.5
"""A piece of which more than this share is to go, goes as a whole: whoever says "not this" means such pieces."""


def corrected(mask: Mask, drawn: Candidate, click: Click) -> Mask:
    """A mask (H, W) in which a click took what it means from a drawing of the whole object.

    A positive click adds the part of the drawing that hangs together with it. A negative one takes away what hangs
    together with it and is not in the drawing, and those pieces of the mask of which little is left there.

    Args:
        mask: (H, W) bool, as it was.
        drawn: what the network makes of it with all clicks.
        click: the newest one, pixels of the frame.
    """
    region = drawn.region
    before = region.view_masks(mask[None].astype(np.float32))[0] > 0.5
    after = drawn.logits > 0
    positive = click[2]
    changed = connected(after & ~before if positive else before & ~after, _near(region, click))
    result = mask.copy()
    inside = result[region.top : region.bottom, region.left : region.right]
    painted = region.paint(drawn.probabilities[None], [1]) > 0
    here = _pixels(grown(changed, 1), region)
    if positive:
        inside |= painted & here
        return result
    inside &= painted | ~here
    left = np.zeros_like(before)
    gone = np.zeros_like(before)
    for piece in pieces(before):
        goes = np.count_nonzero(piece & after) < (1 - _GONE) * np.count_nonzero(piece)
        (gone if goes else left)[piece] = True
    inside &= ~_pixels(grown(gone, 1) & ~left, region)
    return result


def keeping(mask: Mask, drawn: Candidate, clicks: Sequence[Click]) -> Candidate:
    """What a negative click made of a mask, with the places of earlier positive clicks that lay in the mask.

    Where one of them is lost, what of the mask is nearer to it than to the negative click stays.

    Args:
        mask: (H, W) bool, as it was.
        drawn: what became of it.
        clicks: all of them, pixels of the frame; the newest one is the negative one.
    """
    *earlier, (x, y, _) = clicks
    after = drawn.painted(mask.shape)
    lost = [(x, y) for x, y, positive in earlier if positive and mask[int(y), int(x)] and not after[int(y), int(x)]]
    if not lost:
        return drawn
    rows, columns = np.ogrid[0.5 : mask.shape[0], 0.5 : mask.shape[1]]
    nearest = np.min([(columns - x) ** 2 + (rows - y) ** 2 for x, y in lost], axis=0)
    return replace(drawn, pixels=after | (mask & (nearest < (columns - x) ** 2 + (rows - y) ** 2)))


def _near(region: Region, click: Click) -> Cells:
    """The cells about a click."""
    at = np.zeros(region.grid, bool)
    at[region.cell(click[0], click[1])] = True
    return grown(at, 1)


def _pixels(cells: Cells, region: Region) -> Mask:
    """Pixels (*box_size) whose middle lies in some cells."""
    row, column = (
        ((np.arange(side) + 0.5) * count / side).astype(int)
        for side, count in zip(region.box_size, region.grid, strict=True)
    )
    return cells[row[:, None], column]
