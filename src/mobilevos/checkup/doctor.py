"""What ``mobilevos doctor`` finds out about an installation."""

import platform
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from time import perf_counter
from typing import Any

import numpy as np

from mobilevos import __version__
from mobilevos.machine.cores import usable_cores
from mobilevos.runtimes import load_runtime
from mobilevos.tracker import Tracker
from mobilevos.weights.store import shipped_folder, shipped_models

NEEDED = ("numpy", "onnxruntime", "av", "pillow")
OPTIONAL = ("torch", "timm", "opencv-python-headless")


@dataclass(frozen=True)
class ModelCheck:
    """A short run of one model on noise of 480 x 854 pixels."""

    name: str
    error: str | None = None
    """Why it does not run; the figures are None then."""
    ready_s: float | None = None
    """From nothing to the end of the first frame, seconds."""
    frame_ms: float | None = None
    """Milliseconds of each frame after it."""

    def __str__(self) -> str:
        if self.error is not None:
            return f"FAILS: {self.error}"
        return f"works, ready in {self.ready_s:.2f} s, {self.frame_ms:.1f} ms a frame at 480p"


@dataclass(frozen=True)
class Findings:
    """An installation, and what is wrong with it."""

    mobilevos: str
    python: str
    platform: str
    cores: int
    """That this process can keep busy."""
    packages: dict[str, str | None]
    """Version by distribution; None where it is not installed."""
    models: list[ModelCheck]

    @property
    def healthy(self) -> bool:
        """All needed packages are there and every model runs."""
        return all(self.packages[name] for name in NEEDED) and all(model.error is None for model in self.models)

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return {"healthy": self.healthy, **asdict(self)}

    def __str__(self) -> str:
        """One line per finding, for people."""
        lines: list[tuple[str, object]] = [("mobilevos", self.mobilevos), ("python", self.python)]
        lines += [("platform", self.platform), ("cores", self.cores)]
        for name, found in self.packages.items():
            lines.append((name, found or ("MISSING" if name in NEEDED else "not installed; only training needs it")))
        lines += [(model.name, model) for model in self.models]
        width = max(len(name) for name, _ in lines)
        return "\n".join(f"{name:{width}}  {value}" for name, value in lines)


def examine() -> Findings:
    """Look at versions and processor and run each shipped model; nothing is raised, problems are findings."""
    return Findings(
        mobilevos=__version__,
        python=platform.python_version(),
        platform=platform.platform(),
        cores=usable_cores(),
        packages={name: _version(name) for name in (*NEEDED, *OPTIONAL)},
        models=[_check(name) for name in shipped_models()],
    )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _check(model: str) -> ModelCheck:
    frame = np.random.default_rng(0).integers(0, 256, (480, 854, 3), dtype=np.uint8)
    mask = np.zeros(frame.shape[:2], np.uint8)
    mask[160:320, 300:560] = 1
    begin = perf_counter()
    try:
        tracker = Tracker(runtime=load_runtime(shipped_folder(model)))
        tracker.start(frame, mask)
        ready = perf_counter()
        for _ in range(10):
            tracker.step(frame)
    except Exception as error:  # whatever is broken in an installation is what was asked for
        return ModelCheck(model, error=f"{type(error).__name__}: {error}")
    return ModelCheck(model, ready_s=ready - begin, frame_ms=100 * (perf_counter() - ready))
