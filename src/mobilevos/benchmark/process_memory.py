"""Memory of this process, as far as the operating system tells without another package."""

import sys
from pathlib import Path

_STATM = Path("/proc/self/statm")


def peak_mb() -> float | None:
    """Largest resident memory so far, MiB; None on Windows."""
    if sys.platform == "win32":
        return None
    import resource

    unit = 2**20 if sys.platform == "darwin" else 2**10  # macOS counts bytes, Linux KiB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def resident_mb() -> float | None:
    """Resident memory now, MiB; where only the peak is known, the peak."""
    if sys.platform == "win32" or not _STATM.exists():
        return peak_mb()
    import resource

    return int(_STATM.read_text().split()[1]) * resource.getpagesize() / 2**20
