"""COCO run-length encoding of binary masks, as in pycocotools."""

from operator import index
from typing import TypedDict

import numpy as np

from mobilevos.errors import InputError
from mobilevos.video.distrust import DAMAGE, check_pixels


class RLE(TypedDict):
    """``size`` is [H, W]; ``counts`` is COCO's compressed string of column-major run lengths."""

    size: list[int]
    counts: str


def encode(mask: np.ndarray) -> RLE:
    """Encode an (H, W) mask whose non-zero pixels are the object."""
    height, width = mask.shape
    return {"size": [height, width], "counts": compress(run_lengths(mask))}


def run_lengths(mask: np.ndarray) -> np.ndarray:
    """Column-major run lengths, (N,) integers, of an (H, W) mask: background and object in turn."""
    flat = np.asarray(mask, bool).ravel(order="F")
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    runs = np.diff(np.concatenate([[0], changes, [flat.size]]))
    return np.concatenate([[0], runs]) if flat[:1].any() else runs  # they alternate, and the first counts background


def decode(rle: RLE) -> np.ndarray:
    """Decode to an (H, W) boolean mask; ``counts`` may also be bytes, or a list of run lengths (uncompressed RLE).

    Raises:
        InputError: the size is none, or the counts are damaged or do not fill it.
    """
    try:
        height, width = (index(side) for side in rle["size"])
        check_pixels(height, width, "an RLE mask")
        counts = rle["counts"]
        runs = np.array(counts, np.int64) if isinstance(counts, list) else _decompress(counts)
    except InputError:
        raise
    except DAMAGE as error:
        raise _damaged() from error
    # Each is held to the size before they are added, as sums of huge ones begin anew at 2**64.
    if runs.ndim != 1 or ((runs < 0) | (runs > height * width)).any() or runs.sum() != height * width:
        raise InputError(f"the run lengths of an RLE mask do not fill its {width}x{height} pixels; export it again.")
    values = np.arange(len(runs)) % 2 == 1
    return np.repeat(values, runs).reshape((height, width), order="F")


def compress(runs: np.ndarray) -> str:
    """Each run, from the fourth on as the difference to the one two before, in 5-bit groups, lowest first.

    A group's sixth bit says that more follow; the highest bit of the last one is the sign; 48 is added to
    give printable characters. There is one run at least.
    """
    rest = runs.astype(np.int64)
    rest[3:] -= runs[1:-2]
    characters, used = [], []
    pending = np.ones(len(rest), bool)
    while pending.any():
        group = rest & 31
        rest >>= 5
        more = np.where(group & 16, rest != -1, rest != 0)
        characters.append(group + 32 * more + 48)
        used.append(pending)
        pending = pending & more
    return np.stack(characters, 1).astype(np.uint8)[np.stack(used, 1)].tobytes().decode("ascii")


def _damaged() -> InputError:
    return InputError("the counts of an RLE mask are damaged; export it again.")


def _decompress(counts: str | bytes) -> np.ndarray:
    text = counts.encode("ascii", "replace") if isinstance(counts, str) else counts
    codes = np.frombuffer(text, np.uint8).astype(np.int64) - 48
    last = (codes & 32) == 0
    if (codes < 0).any() or (codes > 63).any() or not last[-1]:
        raise _damaged()
    ends = np.flatnonzero(last)
    starts = np.concatenate([[0], ends[:-1] + 1])
    position = np.arange(len(codes)) - np.repeat(starts, ends - starts + 1)
    if position.max() > 6:  # 35 bits; more cannot be a run length
        raise _damaged()
    runs = np.add.reduceat((codes & 31) << (5 * position), starts)
    negative = (codes[ends] & 16) != 0
    runs -= negative * (np.int64(1) << (5 * (ends - starts + 1)))
    runs[1::2] = np.cumsum(runs[1::2])
    runs[2::2] = np.cumsum(runs[2::2])
    return runs
