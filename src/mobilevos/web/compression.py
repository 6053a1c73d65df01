"""Smaller forms of the page's files, as browsers take them."""

import gzip
import threading
from importlib.util import find_spec

COMPRESSIBLE = frozenset({".html", ".css", ".js", ".mjs", ".json", ".webmanifest", ".wasm", ".onnx", ".svg", ".txt"})
"""Suffixes of files that become smaller; pictures and videos are compressed already."""
CODINGS = {"br": ".br", "gzip": ".gz"} if find_spec("brotli") else {"gzip": ".gz"}
"""Endings of the compressed files, by HTTP's names of their codings; the best one first."""
_kept: dict[tuple[str, str], bytes] = {}
_making = threading.Lock()


def chosen_coding(accepted: str) -> str | None:
    """The best of our codings that a request's ``Accept-Encoding`` allows; None where it allows none."""
    allowed = set()
    for each in accepted.split(","):
        name, _, quality = each.partition(";")
        if quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            allowed.add(name.strip().lower())
    return next((coding for coding in CODINGS if coding in allowed or "*" in allowed), None)


def compressed(content: bytes, coding: str, tag: str | None = None) -> bytes:
    """Content in a coding of ``CODINGS``. With a ``tag``, which must tell all contents apart, it is made only once."""
    if tag is None:
        return _packed(content, coding)
    with _making:  # many may ask at once
        if (tag, coding) not in _kept:
            _kept[tag, coding] = _packed(content, coding)
        return _kept[tag, coding]


def _packed(content: bytes, coding: str) -> bytes:
    if coding == "br":
        import brotli

        packed: bytes = brotli.compress(content, quality=9)
        return packed
    return gzip.compress(content, 6, mtime=0)
