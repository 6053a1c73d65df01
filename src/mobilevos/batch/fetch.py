"""Inputs that lie elsewhere, copied to this machine: readers need a file that they can go back in."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from typing import Any
from urllib.parse import urlsplit

from mobilevos.errors import InputError, MobileVOSError
from mobilevos.formats.extras import needed
from mobilevos.video.address import bare, is_elsewhere
from mobilevos.video.reader import located

_PAUSES = (1.0, 10.0, 60.0)
"""Seconds before each further attempt."""
_PACKAGES = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "http": "aiohttp", "https": "aiohttp"}
_LATER = (408, 425, 429)
"""HTTP's words for "try again"."""


class FetchError(MobileVOSError):
    """A file could not be copied from or to another place, for reasons that may pass."""


def file_system(url: str) -> tuple[Any, str]:
    """The fsspec file system of a URL, and the path in there.

    Raises:
        RuntimeUnavailable: fsspec is not installed.
        InputError: there is no such kind of URL, or the package for it is not installed.
    """
    fsspec = needed("fsspec", "batch")
    scheme = urlsplit(url).scheme
    try:
        return fsspec.core.url_to_fs(url)
    except ImportError as error:
        package = _PACKAGES.get(scheme, f"the package that fsspec wants for {scheme}")
        raise InputError(f"{bare(url)} needs {package}, which is not installed; add it with pip install.") from error
    except ValueError as error:
        raise InputError(f"{bare(url)} is of a kind that fsspec does not know: {error}.") from error


class Fetcher:
    """Copies inputs of one job.

    Args:
        folder: for the copies.
        pulse: called whenever something arrived.
        pauses: seconds before each further attempt.
    """

    def __init__(self, folder: Path, pulse: Callable[[], None], pauses: tuple[float, ...] = _PAUSES) -> None:
        self._folder, self._pulse, self._pauses = folder, pulse, pauses
        self._urls: dict[str, str] = {}

    def __call__(self, name: str) -> Path:
        """The path of an input: that of a copy if it lies elsewhere.

        Raises:
            InputError: it is not there, or not for us.
            FetchError: it did not come in any attempt.
        """
        if not is_elsewhere(name):
            return located(name)
        target = self._folder / str(len(self._urls)) / (Path(urlsplit(name).path).name or "file")
        self._urls[str(target)] = bare(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        system, path = file_system(name)
        from fsspec.callbacks import Callback

        pulse = self._pulse

        class Pulse(Callback):
            def relative_update(self, inc: int = 1) -> None:
                pulse()

        _tried(name, lambda: system.get_file(path, str(target), callback=Pulse()), self._pauses, pulse)
        return target

    def by_url(self, text: str) -> str:
        """A sentence in which copies are called by where they come from."""
        for copy, url in self._urls.items():
            text = text.replace(copy, url)
        return text


@contextmanager
def fetcher(folder: Path, pulse: Callable[[], None]) -> Iterator[Fetcher]:
    """One whose copies are gone afterwards."""
    try:
        yield Fetcher(folder, pulse)
    finally:
        rmtree(folder, ignore_errors=True)


def tried(url: str, work: Callable[[], Any], pulse: Callable[[], None] = lambda: None) -> Any:
    """Do something over the network, again after a while if it fails.

    Raises:
        InputError, FetchError: see `Fetcher`.
    """
    return _tried(url, work, _PAUSES, pulse)


def _tried(url: str, work: Callable[[], Any], pauses: tuple[float, ...], pulse: Callable[[], None]) -> Any:
    waits = iter(pauses)
    while True:
        pulse()
        try:
            return work()
        except Exception as error:  # each file system has its own kinds
            if _is_final(error):
                raise InputError(f"{bare(url)} cannot be fetched: {_why(error)}.") from error
            pause = next(waits, None)
            if pause is None:
                raise FetchError(f"{bare(url)} could not be reached: {_why(error)}.") from error
        time.sleep(pause)


def _is_final(error: Exception) -> bool:
    status = getattr(error, "status", None)
    if isinstance(status, int):
        return 400 <= status < 500 and status not in _LATER
    return isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError)


def _why(error: Exception) -> str:
    status = getattr(error, "status", None)
    if isinstance(status, int):
        return f"the server says {status}"
    if isinstance(error, FileNotFoundError):
        return "it does not exist"
    if isinstance(error, PermissionError):
        return "access is denied"
    text = getattr(error, "strerror", None) or type(error).__name__
    return " ".join(str(text).split()).rstrip(".")
