"""Numbers that are nearly zero, which processors reckon with many times as slowly as with others."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def denormals_are_zero() -> Iterator[None]:
    """Within the block, in this thread, results too small for full precision are 0; then it is as it was before.

    It holds for all arithmetic of the thread, PyTorch's and others'.
    """
    as_they_are = sys.float_info.min / 2 > 0
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(not as_they_are)
