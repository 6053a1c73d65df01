"""Operations that a piece of PyTorch code really performs."""

import sys
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def counted(work: Callable[[], T]) -> tuple[T, float | None]:
    """Do the work and count the multiply-accumulate operations of its convolutions, matrix products and attention.

    Returns:
        What ``work`` returns, and the count in thousand millions; None if PyTorch is not in use.
    """
    if "torch" not in sys.modules:
        return work(), None
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        result = work()
    return result, counter.get_total_flops() / 2e9
