"""Names of what belongs to one process of one machine, among those of others."""

import os
import re
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from shutil import rmtree

_OLD = 24 * 3600.0


def host() -> str:
    """This machine's name, without dots."""
    return re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname()) or "host"


def owned(name: str) -> str:
    """``NAME.HOST.PID`` of this process."""
    return f"{name}.{host()}.{os.getpid()}"


def sweep(folders: Iterable[Path]) -> None:
    """Remove folders of such names whose process is gone; of those of other machines, the ones untouched for a day."""
    for folder in folders:
        if _is_left(folder):
            rmtree(folder, ignore_errors=True)


def _is_left(folder: Path) -> bool:
    _, machine, process = (*folder.name.rsplit(".", 2), "", "")[:3]
    if machine == host() and process.isdecimal() and os.name == "posix":  # elsewhere, asking would end it
        return not _lives(int(process))
    newest = 0.0
    for path in (folder, *folder.rglob("*")):
        with suppress(OSError):
            newest = max(newest, path.stat().st_mtime)
    return time.time() - newest > _OLD


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
