"""Files from anywhere: what they may claim, and what reading damaged ones raises."""

import zipfile
import zlib
from pathlib import Path

from mobilevos.errors import InputError

MOST_PIXELS = 1 << 27
"""Of a frame; 16K video has 15360 x 8640."""
MOST_BYTES = 1 << 30
"""That a file unpacks to."""
DAMAGE = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, OSError, RuntimeError, SyntaxError),
    *(TypeError, ValueError, zipfile.BadZipFile, zlib.error),
)
"""Whatever the standard library, NumPy and Pillow raise on the way through content that is not what it says it is."""


def check_pixels(height: int, width: int, what: str) -> None:
    """Refuse a size that no frame has, before anything of that size is made.

    Raises:
        InputError: it is negative, or has more than ``MOST_PIXELS``.
    """
    if min(height, width) < 0 or height * width > MOST_PIXELS:
        raise InputError(f"{what} is said to have {width}x{height} pixels, too many for a frame; export it again.")


def unpacked(path: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    """A file of an archive.

    Raises:
        InputError: it unpacks to more than ``MOST_BYTES``.
        zipfile.BadZipFile, or another of ``DAMAGE``: the archive is damaged or lacks it.
    """
    if archive.getinfo(name).file_size > MOST_BYTES:
        raise InputError(f"{path} unpacks to more than a gigabyte; split it.")
    return archive.read(name)
