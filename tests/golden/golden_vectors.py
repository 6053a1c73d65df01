"""The recorded cases, and what counts as the same answer."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

VECTORS = Path(__file__).parent / "vectors.jsonl"
SLACK = 3
"""Steps of a probability between processors' and languages' roundings."""
STRAY = 1 / 500
"""Part of a label map's pixels that may lie just on the other side of a border, as may one pixel of any."""


@cache
def recorded() -> list[dict[str, Any]]:
    """Kind, what is given and what Python finds, of each."""
    return [json.loads(line) for line in VECTORS.read_text().splitlines()]


def agree(one: Any, two: Any) -> bool:
    """Whether two answers, unpacked, are the same but for rounding."""
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(agree, one, two))
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(agree(one[name], two[name]) for name in one)
    if isinstance(one, np.ndarray) and isinstance(two, np.ndarray):
        if one.shape != two.shape or one.dtype != two.dtype:
            return False
        if one.dtype != np.uint8:
            return bool(np.abs(one.astype(int) - two).max(initial=0) <= SLACK)
        return np.count_nonzero(one != two) <= (max(1, STRAY * one.size) if one.ndim == 2 else 0)
    if isinstance(one, float) and isinstance(two, float | int):
        return one == pytest.approx(two, abs=2e-3, rel=1e-6)
    return type(one) is type(two) and bool(one == two)
