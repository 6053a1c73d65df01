"""Other people's libraries that talk on standard output, where a command's own answer goes."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from tempfile import TemporaryFile


@contextmanager
def silence() -> Iterator[None]:
    """Nothing that the block prints on either stream is seen, from C++ neither."""
    _flush()
    with TemporaryFile() as log:
        kept = [os.dup(stream) for stream in (1, 2)]
        try:
            for stream in (1, 2):
                os.dup2(log.fileno(), stream)
            yield
        finally:
            _flush()
            for stream, copy in zip((1, 2), kept, strict=True):
                os.dup2(copy, stream)
                os.close(copy)


def _flush() -> None:
    """Python's streams and C's: what waits in them would come out at the end of the program."""
    sys.stdout.flush()
    sys.stderr.flush()
    with suppress(OSError, TypeError, AttributeError):  # where C's own library is not that of the process
        ctypes.CDLL(None).fflush(None)
