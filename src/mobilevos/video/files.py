"""Files that are either complete under their final name or absent."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mobilevos.errors import OutputError


def part_name(path: Path) -> Path:
    """The hidden name next to ``path`` under which it is written until it is complete."""
    return path.with_name(f".{path.stem}.part{path.suffix}")


def discard(path: Path) -> None:
    """Remove ``path`` if it is there; a file that cannot be removed is left."""
    with suppress(OSError):
        path.unlink()


def output_error(path: Path, error: BaseException) -> OutputError:
    """One sentence that says why ``path`` could not be written."""
    code = getattr(error, "errno", None)
    if code in (errno.ENOSPC, errno.EDQUOT):
        return OutputError(f"{path} could not be written because the disk is full; free some space and run again.")
    if code in (errno.EACCES, errno.EPERM, errno.EROFS):
        return OutputError(f"{path} could not be written for lack of permission; choose another output folder.")
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return OutputError(f"{path} could not be written: {reason}.")


def make_folder(path: Path) -> Path:
    """Create ``path`` and its parents where missing.

    Raises:
        OutputError: ``path`` is a file or cannot be created or written to.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise OutputError(f"{path} is a file, not a folder; choose another output folder.") from error
    except OSError as error:
        raise output_error(path, error) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise output_error(path, PermissionError(errno.EACCES, "Permission denied"))
    return path


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Yield a temporary path that becomes ``path`` when the block ends, and vanishes when it raises.

    Raises:
        OutputError: the block or the renaming raised an ``OSError``.
    """
    part = part_name(path)
    try:
        yield part
        part.replace(path)
    except BaseException as error:
        discard(part)
        if isinstance(error, OSError):
            raise output_error(path, error) from error
        raise


@contextmanager
def settled(path: Path) -> Iterator[None]:
    """Whoever else writes ``path`` and closes it within the block: at its end, all of it is on the disk.

    PyAV passes over what FFmpeg is told when it closes a file, which on some disks is where one learns that they are
    full. They tell it to everybody who has the file open, too.

    Raises:
        OSError: it is not.
    """
    handle = os.open(path, os.O_RDWR)
    try:
        yield
        os.fsync(handle)
    finally:
        os.close(handle)
