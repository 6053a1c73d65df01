"""Smaller forms of the page's files, as browsers take them."""

import gzip
import threading
from collections import defaultdict
from importlib.util import find_spec

COMPRESSIBLE = frozenset({".html", ".css", ".js", ".mjs", ".json", ".webmanifest", ".wasm", ".onnx", ".svg", ".txt"})
"""Suffixes of files that become smaller; pictures and videos are compressed already."""
CODINGS = {"br": ".br", "gzip": ".gz"} if find_spec("brotli") else {"gzip": ".gz"}
"""Endings of the compressed files, by HTTP's names of their codings; the best one first."""
_WHILE_ASKED, _FOR_GOOD = 6, 9
"""Efforts. Brotli's 9 makes ONNX Runtime 3 % smaller than its 6, in 1.5 s instead of 0.35 s, and takes 5 ms for the
smallest file: too long for somebody who waits."""
_kept: dict[tuple[str, str], bytes] = {}
_making: defaultdict[tuple[str, str], threading.Lock] = defaultdict(threading.Lock)


def chosen_coding(accepted: str) -> str | None:
    """The best of our codings that a request's ``Accept-Encoding`` allows; None where it allows none."""
    allowed = set()
    for each in accepted.split(","):
        name, _, quality = each.partition(";")
        if quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            allowed.add(name.strip().lower())
    return next((coding for coding in CODINGS if coding in allowed or "*" in allowed), None)


def compressed(content: bytes, coding: str) -> bytes:
    """Content in a coding of ``CODINGS``, as small as is reasonable."""
    return _packed(content, coding, _FOR_GOOD)


def compressed_once(content: bytes, coding: str, tag: str) -> bytes:
    """Content in a coding of ``CODINGS``, for somebody who waits; the same ``tag`` and coding are made only once."""
    with _making[tag, coding]:  # many may ask at once
        if (tag, coding) not in _kept:
            _kept[tag, coding] = _packed(content, coding, _WHILE_ASKED)
        return _kept[tag, coding]


def _packed(content: bytes, coding: str, effort: int) -> bytes:
    if coding == "br":
        import brotli

        packed: bytes = brotli.compress(content, quality=effort)
        return packed
    return gzip.compress(content, 6, mtime=0)
