"""Memory of this process, as far as the operating system tells without another package."""

import sys
from pathlib import Path

_PROC = Path("/proc/self")


def peak_mb() -> float | None:
    """Largest resident memory so far, MiB; None on Windows."""
    if sys.platform == "win32":
        return None
    status = _PROC / "status"
    if status.exists():  # the resource usage of a child process would begin with its parent's
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 2**10
    import resource

    unit = 2**20 if sys.platform == "darwin" else 2**10  # macOS counts bytes, Linux KiB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def resident_mb() -> float | None:
    """Resident memory now, MiB; where only the peak is known, the peak."""
    statm = _PROC / "statm"
    if sys.platform == "win32" or not statm.exists():
        return peak_mb()
    import resource

    return int(statm.read_text().split()[1]) * resource.getpagesize() / 2**20
