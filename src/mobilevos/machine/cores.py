"""How many processor cores there are to use."""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from math import ceil
from pathlib import Path

PROCESS = Path("/proc/self")
CONTROL_GROUPS = Path("/sys/fs/cgroup")
_FOLDERS = {"cpu": ("cpu", "cpu,cpuacct", "cpuacct,cpu"), "memory": ("memory",)}
"""Of the first version's controllers, which have one each."""


def usable_cores() -> int:
    """Cores that this process can keep busy: those it may run on, and no more than its containers' quota comes to.

    A part of a core counts as one.
    """
    quota = core_quota()
    return len(cores()) if quota is None else min(len(cores()), max(1, ceil(quota)))


def threads_to_use(asked: int | None) -> int:
    """The number of threads asked for, and never more than there are cores.

    Threads that wait for a core they do not have would take it from those that work.

    Args:
        asked: None for what OMP_NUM_THREADS says, by which many programs that share a machine are told their part; if
            that says nothing, all cores.
    """
    usable = usable_cores()
    return min(asked or _told() or usable, usable)


def _told() -> int | None:
    first = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()  # the rest is of threads within threads
    return int(first) if first.isdecimal() and len(first) < 9 else None


def keep_to_quota() -> None:
    """Tell NumPy's linear algebra, before it loads, of a quota: it would start a thread for each core it sees."""
    if "numpy" not in sys.modules and usable_cores() < len(cores()):
        os.environ.setdefault("OPENBLAS_NUM_THREADS", str(usable_cores()))


def cores() -> list[int]:
    """Numbers of the cores that this process may run on; fewer than the machine has, if it was told so."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def core_quota() -> float | None:
    """Cores' worth of time that control groups, as containers have them, give this process; None for no limit.

    Groups are nested, and each limits all within it: the least counts. A process in a container may see a part of the
    nest alone.
    """
    quotas = [quota for folder in groups("cpu") if (quota := _quota_of(folder)) is not None]
    return min(quotas, default=None)


def groups(controller: str) -> Iterator[Path]:
    """Folders of the control groups of this process, each with all around it.

    Args:
        controller: "cpu" or "memory"; in the first version of groups each has its own.
    """
    for mount, inside in _mounts(controller):
        folder = mount
        yield folder
        for name in inside.parts:
            folder /= name
            yield folder


def _mounts(controller: str) -> Iterator[tuple[Path, Path]]:
    """Where groups are mounted, and the path of this process's group in there; both versions of them."""
    paths = {}
    for line in _lines(PROCESS / "cgroup"):
        with suppress(ValueError):
            _, controllers, path = line.split(":", 2)
            if not controllers or controller in controllers.split(","):
                paths["cgroup" if controllers else "cgroup2"] = Path(path)
    for kind, folders in (("cgroup2", ("", "unified")), ("cgroup", _FOLDERS[controller])):
        for folder in folders:
            yield CONTROL_GROUPS / folder, _below(paths.get(kind, Path("/")), Path("/"))
    for line in _lines(PROCESS / "mountinfo"):
        mounted, _, kind = line.partition(" - ")
        kind = kind.partition(" ")[0]
        if kind in paths:
            root, mount = mounted.split()[3:5]
            yield Path(mount), _below(paths[kind], Path(root))


def _below(path: Path, root: Path) -> Path:
    """``path`` as seen from ``root``; the root itself where it lies elsewhere."""
    return path.relative_to(root) if path.is_relative_to(root) and ".." not in path.parts else Path()


def _quota_of(folder: Path) -> float | None:
    with suppress(OSError, ValueError):
        quota, period = (folder / "cpu.max").read_text().split()
        return None if quota == "max" else _share(quota, period)
    with suppress(OSError, ValueError):
        return _share(*((folder / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period")))
    return None


def _share(quota: str, period: str) -> float | None:
    microseconds, of = int(quota), int(period)
    return microseconds / of if microseconds > 0 and of > 0 else None


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return []
