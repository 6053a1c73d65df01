"""Names as people give them: paths, ``file://`` addresses, and addresses that are no paths."""

import glob
import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mobilevos.errors import InputError

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_LOCAL_HOSTS = ("", "localhost")


def is_address(name: str) -> bool:
    """It begins as ``https://`` does, and nothing on disk has that name."""
    return bool(_ADDRESS.match(name)) and not os.path.exists(name)  # Path.exists() raises on long ones


def is_elsewhere(name: str) -> bool:
    """It is an address, and not one of this machine's files."""
    parts = urlsplit(name)
    return is_address(name) and (parts.scheme.lower() != "file" or parts.netloc.lower() not in _LOCAL_HOSTS)


def bare(url: str) -> str:
    """A URL without what may be a secret: its query, user and password."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def local_path(name: str | Path) -> Path:
    """What a path, or a ``file://`` address, names on this machine; it need not exist.

    Raises:
        InputError: an address of something elsewhere.
    """
    text = str(name)
    if isinstance(name, Path) or not is_address(text):
        return Path(name)
    if is_elsewhere(text):
        raise InputError(f"{text} is an address and not a path; download it and give the file's path.")
    typed = text.partition("://")[2].removeprefix(urlsplit(text).netloc)  # with any # and ?, which file names may have
    paths = [Path(re.sub(r"^/([A-Za-z]:)", r"\1", path)) for path in (unquote(typed), typed)]
    return next((path for path in paths if path.exists()), paths[0])


def existing_path(name: str | Path) -> Path:
    """The same of something that is read: a ``file://`` address must lead to something.

    Raises:
        InputError: an address of something elsewhere, or of nothing.
    """
    path = local_path(name)
    if path != Path(name) and not path.exists() and not glob.has_magic(str(path)):
        raise InputError(f"{name} does not exist; give the path of a file or folder.")
    return path


def ffmpeg_name(path: Path) -> str:
    """A path as FFmpeg takes it: by itself ``12:30.mp4`` would be an address of the protocol 12."""
    return f"file:{path}"
