"""How many processor cores there are to use."""

import os


def usable_cores() -> int:
    """Cores that this process may run on; fewer than the machine has, if it was told so."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
