"""Encoders may not take the machine from everything else."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def ordinary_priority() -> Iterator[None]:
    """Undo what SVT-AV1 does to root's processes: real-time priority for its caller, who keeps it for good.

    A browser that inherits it hangs, as its processes wait for one another without an end.
    """
    try:
        yield
    finally:
        if hasattr(os, "sched_setscheduler"):
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
