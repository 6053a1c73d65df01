"""From a box around an object to its mask."""

import numpy as np
from numpy.typing import NDArray

from mobilevos.engine.region import around
from mobilevos.engine.runtime import Runtime, fixed_size
from mobilevos.engine.target_model import classifiers, evidence
from mobilevos.errors import InputError

Box = tuple[int, int, int, int]
"""x and y of the upper left corner, width and height, in pixels."""

_SIZE = 384  # the network sees about so many pixels squared
_MARGIN = 0.5  # around the box: with nothing to compare with, the network needs to see some background
_ROUNDS = 10


def mask_of_box(frame: NDArray[np.uint8], box: Box, runtime: Runtime) -> NDArray[np.bool_]:
    """What the network takes for the object in a box.

    The ellipse in the box is shown to the network as if it were the mask of this very frame. It reads back what belongs
    together, and that is the mask of the next round: as probabilities, because what is doubtful then fades away in a
    few rounds, while masks of yes and no hold on to it. With boxes of true masks this comes much closer to those than
    a model of colours and contrast in the manner of GrabCut.

    Args:
        frame: (H, W, 3) uint8 RGB.
        box: around the object, as tight as can be; what lies outside of the frame is cut off.
        runtime: a network, ready to run (`mobilevos.runtimes.load_runtime`).

    Returns:
        (H, W) bool, False outside of the box, never empty.

    Raises:
        InputError: the box has no pixel of the frame.
    """
    height, width = frame.shape[:2]
    x, y, across, down = box
    rows, columns = slice(max(y, 0), min(y + down, height)), slice(max(x, 0), min(x + across, width))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        raise InputError(f"the box {x},{y},{across},{down} has no pixel of the frame, which is {width}x{height}.")
    within, ellipse, mask = np.zeros((3, height, width), bool)
    within[rows, columns] = True
    ellipse[rows, columns] = _ellipse(rows.stop - rows.start, columns.stop - columns.start)
    size = fixed_size(runtime) or _SIZE
    region = around((columns.start, rows.start, columns.stop, rows.stop), (height, width), size, _MARGIN)
    features = runtime.query(region.view(frame))
    key = runtime.key(features)
    inside = region.view_masks(within[None].astype(np.float32))
    found = region.view_masks(ellipse[None].astype(np.float32))
    for _ in range(_ROUNDS):
        guess = found * inside
        known = classifiers([evidence(runtime.descriptor(features), guess)])
        found = runtime.read(features, key, runtime.memorise(features, guess), guess, known)
    mask[region.top : region.bottom, region.left : region.right] = region.paint(found, [1])
    mask &= within
    return mask if mask.any() else ellipse


def _ellipse(height: int, width: int) -> NDArray[np.bool_]:
    """(height, width) bool: the ellipse that touches all four sides."""
    down, across = ((np.arange(side) + 0.5) / side * 2 - 1 for side in (height, width))
    inside: NDArray[np.bool_] = down[:, None] ** 2 + across**2 <= 1
    return inside
