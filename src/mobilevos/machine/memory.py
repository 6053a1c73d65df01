"""How much memory there is to use, and how much a process uses."""

import os
from contextlib import suppress
from pathlib import Path

from mobilevos.machine.cores import groups

PROCESSES = Path("/proc")


def memory_limit() -> int | None:
    """Bytes that control groups, as containers have them, give this process; None for no limit, or none they tell."""
    limits = []
    for folder in groups("memory"):
        for name in ("memory.max", "memory.limit_in_bytes"):
            with suppress(OSError, ValueError):
                limits.append(int((folder / name).read_text()))
    least = min(limits, default=None)
    return None if least is None or least >= 1 << 60 else least  # the first version's word for no limit is a number


def resident(process: int) -> int | None:
    """Bytes of memory that a process keeps; None where the system does not tell."""
    try:
        pages = int((PROCESSES / str(process) / "statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
