"""ONNX Runtime for browsers: fetched once from the npm registry, checked, and kept in the user's cache."""

import base64
import hashlib
import io
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

from mobilevos.errors import InputError, RuntimeUnavailable
from mobilevos.machine.cache import cache_folder as cache_folder
from mobilevos.video.files import make_folder, output_error

VERSION = "1.26.0"
"""Later ones are no faster with our models, and larger: 1.30.0 by 1.2 MB, which every first visit would fetch."""
INTEGRITY = "LbRr/8zZt2xilI2smrVQGGKINo0U46i8qJp+UXyMBGfqN7KjnH1BiwCwLwyNIVV4i9CKFv7Sf4PwLKWnT8/bEA=="
"""SHA-512 of the package, in base64, as the registry states it."""
PROCESSOR = "ort-wasm-simd-threaded.wasm"
FILES = (
    "ort.wasm.bundle.min.mjs",
    PROCESSOR,
    "ort.webgpu.bundle.min.mjs",
    "ort-wasm-simd-threaded.asyncify.wasm",
)
"""What the page needs of the package's ``dist`` folder: for processors, and for graphics processors."""
REGISTRY = "https://registry.npmjs.org"
TIMEOUT = 30.0
"""Seconds without an answer after which the registry counts as out of reach."""
_CHUNK = 1 << 20


def installed(folder: Path | None = None, progress: Callable[[int, int | None], None] | None = None) -> Path:
    """The folder with ``FILES``: the given one, or the user's cache, which is filled at the first use.

    Args:
        folder: an unpacked copy of the package, or its ``dist`` folder.
        progress: called with the megabytes fetched and their total, if known.

    Raises:
        InputError: a file is missing in ``folder``.
        RuntimeUnavailable: the package cannot be fetched, or is not the one it should be.
        OutputError: the cache cannot be written.
    """
    if folder is not None:
        for place in (folder, folder / "dist", folder / "package" / "dist"):
            if _complete(place):
                return place
        raise InputError(
            f"{folder} is no copy of onnxruntime-web {VERSION}; it must contain {' and '.join(FILES[:2])}."
        )
    home = cache_folder() / f"onnxruntime-web-{VERSION}"
    if not _complete(home):
        _unpack(_fetched(progress), home)
    return home


def _complete(folder: Path) -> bool:
    return all((folder / name).is_file() for name in FILES)


def _fetched(progress: Callable[[int, int | None], None] | None) -> bytes:
    registry = os.environ.get("npm_config_registry") or REGISTRY  # noqa: SIM112 (npm spells it like this)
    url = f"{registry.rstrip('/')}/onnxruntime-web/-/onnxruntime-web-{VERSION}.tgz"
    received = bytearray()
    try:
        with urlopen(url, timeout=TIMEOUT) as answer:
            total = int(answer.headers.get("Content-Length") or 0) >> 20 or None
            while chunk := answer.read(_CHUNK):
                received += chunk
                if progress is not None:
                    progress(len(received) >> 20, total)
    except (OSError, ValueError) as error:
        raise RuntimeUnavailable(
            f"The page needs onnxruntime-web, but {url} cannot be reached; connect once, "
            "or unpack that file elsewhere and give its folder with --ort."
        ) from error
    if hashlib.sha512(received).digest() != base64.b64decode(INTEGRITY):
        raise RuntimeUnavailable(
            f"What {url} sent is not onnxruntime-web {VERSION}; try again, or use another registry."
        )
    return bytes(received)


def _unpack(package: bytes, home: Path) -> None:
    """Write ``FILES`` to ``home``, all or none; another process may do the same at the same time."""
    make_folder(home.parent)
    try:
        part = Path(tempfile.mkdtemp(prefix=".part", dir=home.parent))
        try:
            with tarfile.open(fileobj=io.BytesIO(package), mode="r:gz") as archive:
                for name in FILES:
                    member = archive.extractfile(f"package/dist/{name}")
                    assert member is not None  # the checksum says so
                    (part / name).write_bytes(member.read())
            part.chmod(0o755)
            if home.exists() and not _complete(home):
                shutil.rmtree(home)
            if not home.exists():
                part.rename(home)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        if not _complete(home):
            raise output_error(home, error) from error
