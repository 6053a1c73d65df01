"""Videos that come through a pipe: in a temporary file while the command runs, as a video is read more than once."""

import atexit
import shutil
import stat
import sys
import tempfile
from functools import cache
from pathlib import Path

from mobilevos.errors import InputError
from mobilevos.video.files import output_error

STANDARD_INPUT = "-"
_CHUNK = 1 << 20


def is_piped(path: Path) -> bool:
    """It stands for standard input, or is a named pipe, such as a shell's ``<(...)``."""
    if str(path) == STANDARD_INPUT and not path.exists():
        return True
    try:
        return stat.S_ISFIFO(path.stat().st_mode)
    except OSError:
        return False


def temporary(name: str) -> Path:
    """A path of some name, in a folder of its own that is removed when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="mobilevos-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder / name


@cache
def spooled(path: Path) -> Path:
    """A file with everything that comes through; it is removed when the process ends.

    Raises:
        InputError: standard input is a terminal, or nothing came.
        OutputError: there is no room for it.
    """
    if str(path) == STANDARD_INPUT and sys.stdin.isatty():
        raise InputError("Nothing is piped into standard input (-); give a video file or a folder of frames.")
    kept = temporary("standard input" if str(path) == STANDARD_INPUT else path.name)
    try:
        with kept.open("wb") as file:
            if str(path) == STANDARD_INPUT:
                shutil.copyfileobj(sys.stdin.buffer, file, _CHUNK)
            else:
                with path.open("rb") as source:
                    shutil.copyfileobj(source, file, _CHUNK)
    except OSError as error:
        raise output_error(kept, error) from error
    if not kept.stat().st_size:
        raise InputError(f"Nothing came through {path}; the program before it failed, perhaps.")
    return kept
