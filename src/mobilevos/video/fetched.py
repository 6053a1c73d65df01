"""Videos from ``https://`` and ``http://`` addresses: in a temporary file, as a video is read more than once."""

import http.client
import socket
from functools import cache
from pathlib import Path
from typing import BinaryIO
from urllib.error import HTTPError, URLError
from urllib.parse import quote, unquote, urlsplit
from urllib.request import Request, urlopen

from mobilevos.errors import InputError
from mobilevos.video.address import bare
from mobilevos.video.files import output_error
from mobilevos.video.piped import temporary

_CHUNK = 1 << 18
_TIMEOUT = 30.0
"""Seconds without a byte."""
_ATTEMPTS = 4
_BROKEN = (http.client.HTTPException, TimeoutError, ConnectionError)
_PARTIAL = 206


def is_fetchable(name: str) -> bool:
    """It begins with ``https://`` or ``http://``."""
    return urlsplit(name).scheme.lower() in ("http", "https")


@cache
def fetched(url: str) -> Path:
    """A file with what is at an address; it is removed when the process ends.

    A connection that breaks is taken up again where it broke, if the server can do that.

    Raises:
        InputError: nothing is there, there is no way to it, or it is a web page.
        OutputError: there is no room for it.
    """
    kept = temporary(Path(unquote(urlsplit(url).path)).name or "video")
    try:
        with kept.open("wb") as file:
            for _ in range(_ATTEMPTS):
                if _append(url, file):
                    return kept
            size = file.tell() / 1e6
    except OSError as error:
        raise output_error(kept, error) from error
    raise InputError(f"{bare(url)} cannot be fetched: the connection broke off after {size:.1f} MB.")


def _append(url: str, file: BinaryIO) -> bool:
    """Fetch what is missing; False if the connection broke."""
    begin = file.tell()
    # What browsers accept as well: blanks and other letters.
    request = Request(quote(url, safe=":/?#[]@!$&'()*+,;=%~"), headers={"User-Agent": "mobilevos"})
    if begin:
        request.add_header("Range", f"bytes={begin}-")
    try:
        response = urlopen(request, timeout=_TIMEOUT)
    except HTTPError as error:
        raise InputError(f"{bare(url)} cannot be fetched: the server says {error.code} {error.reason}.") from error
    except (URLError, OSError, http.client.HTTPException, ValueError) as error:
        raise InputError(f"{bare(url)} cannot be fetched: {_why(error)}.") from error
    with response:
        if response.headers.get_content_type() == "text/html":
            raise InputError(f"{bare(url)} is a web page and not a video; give the address of the video file itself.")
        if response.status != _PARTIAL:
            file.seek(0)
            file.truncate()
        expected = response.length
        received = 0
        while True:
            try:
                data = response.read(_CHUNK)
            except _BROKEN as error:
                data = getattr(error, "partial", b"")
                file.write(data)
                return False
            if not data:
                return expected is None or received >= expected
            received += len(data)
            file.write(data)


def _why(error: Exception) -> str:
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, socket.gaierror):
        return "its host is not found, or there is no network"
    if isinstance(cause, TimeoutError):
        return "the server does not answer"
    text = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    return " ".join(text.split()).rstrip(".")
