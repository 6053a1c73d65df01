"""Arrays in JSON, for Python and for Node: their bytes, compressed, in base64."""

import base64
import zlib
from typing import Any

import numpy as np

FINE = 65535
"""Steps between 0 and 1 in which answers are kept."""


def packed(array: np.ndarray) -> dict[str, Any]:
    """A uint8 or bool array as it is; a float array in 0..1 in `FINE` steps."""
    if array.dtype.kind == "f":
        return {"fine": _text(np.round(array.astype(np.float64) * FINE).astype("<u2")), "shape": list(array.shape)}
    return {"bytes": _text(array.astype(np.uint8)), "shape": list(array.shape)}


def packed_shares(array: np.ndarray) -> dict[str, Any]:
    """A uint8 array that stands for float32 shares of 255."""
    return {"shares": _text(array), "shape": list(array.shape)}


def packed_bits(array: np.ndarray) -> dict[str, Any]:
    """A bool array as it is."""
    return {"bits": _text(array.astype(np.uint8)), "shape": list(array.shape)}


def packed_levels(array: np.ndarray) -> dict[str, Any]:
    """A float32 array of few numbers as it is: the numbers, and which of them each is."""
    levels, which = np.unique(array.astype(np.float32), return_inverse=True)
    if len(levels) > 256:
        return {"floats": _text(array.astype("<f4")), "shape": list(array.shape)}
    text = _text(which.astype(np.uint8))
    return {"levels": [float(str(each)) for each in levels], "bytes": text, "shape": list(array.shape)}


def unpacked(value: Any) -> Any:
    """What was packed, anywhere in lists and dictionaries."""
    if isinstance(value, list):
        return [unpacked(each) for each in value]
    if not isinstance(value, dict):
        return value
    for form, kind in (("bytes", "u1"), ("bits", "?"), ("shares", "u1"), ("fine", "<u2"), ("floats", "<f4")):
        if form in value:
            data = zlib.decompress(base64.b64decode(value[form]))
            array = np.frombuffer(data, kind).reshape(value["shape"])
            if "levels" in value:
                return np.array(value["levels"], np.float32)[array]
            return array.astype(np.float32) / 255 if form == "shares" else array
    return {name: unpacked(each) for name, each in value.items()}


def _text(array: np.ndarray) -> str:
    return base64.b64encode(zlib.compress(np.ascontiguousarray(array).tobytes(), 9)).decode()
