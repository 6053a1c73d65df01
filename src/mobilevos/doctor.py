"""What ``mobilevos doctor`` finds out about an installation."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from time import perf_counter
from typing import Any

import numpy as np

from mobilevos.errors import MobileVOSError
from mobilevos.runtimes.registry import shipped_models
from mobilevos.tracker import Tracker

PARTS = ("numpy", "onnxruntime", "av", "pillow", "torch", "timm")


def examine() -> dict[str, Any]:
    """Versions, processor, and whether each shipped model runs; nothing is raised, problems are values."""
    findings: dict[str, Any] = {"mobilevos": version("mobilevos"), "python": platform.python_version()}
    findings |= {"platform": platform.platform(), "cores": os.cpu_count()}
    findings |= {part: _version(part) for part in PARTS}
    return findings | {name: _try(name) for name in shipped_models()}


def _version(part: str) -> str:
    try:
        return version(part)
    except PackageNotFoundError:
        return "not installed (only needed to train and export)" if part in ("torch", "timm") else "MISSING"


def _try(model: str) -> str:
    frame = np.random.default_rng(0).integers(0, 256, (480, 854, 3), dtype=np.uint8)
    mask = np.zeros(frame.shape[:2], np.uint8)
    mask[160:320, 300:560] = 1
    begin = perf_counter()
    try:
        tracker = Tracker(model)
        tracker.start(frame, mask)
        ready = perf_counter()
        for _ in range(10):
            tracker.step(frame)
    except MobileVOSError as error:
        return f"FAILS: {error}"
    return f"works, ready in {ready - begin:.2f} s, {100 * (perf_counter() - ready):.1f} ms a frame at 480p"
