"""From a folder of fixed-shape graphs to a runtime that follows objects."""

from importlib.util import find_spec
from pathlib import Path

from mobilevos.errors import MobileVOSError, ModelNotFound, RuntimeUnavailable
from mobilevos.machine.cores import threads_to_use
from mobilevos.runtimes.fixed.coreml import CoreMlFiles
from mobilevos.runtimes.fixed.executorch import ExecuTorchFiles
from mobilevos.runtimes.fixed.files import Files
from mobilevos.runtimes.fixed.fixed_runtime import FixedRuntime
from mobilevos.runtimes.fixed.litert import LiteRtFiles
from mobilevos.runtimes.fixed.manifest import Manifest
from mobilevos.runtimes.fixed.mnn import MnnFiles
from mobilevos.runtimes.fixed.ncnn import NcnnFiles
from mobilevos.runtimes.fixed.openvino import OpenVinoFiles
from mobilevos.runtimes.fixed.silence import silence
from mobilevos.weights.store import MANIFEST

FILES: dict[str, Files] = {
    "openvino": OpenVinoFiles(),
    "executorch": ExecuTorchFiles(),
    "litert": LiteRtFiles(),
    "mnn": MnnFiles(),
    "ncnn": NcnnFiles(),
    "coreml": CoreMlFiles(),
}
"""Runtimes, by the name that ``mobilevos export --to`` takes."""


def load_exported(folder: str | Path, threads: int | None = None) -> FixedRuntime:
    """Open a folder that ``mobilevos export --to`` wrote. Needs the runtime alone, not PyTorch (but for ExecuTorch).

    Args:
        folder: with ``model.json``.
        threads: CPU threads, at most as many as this process has cores; None takes them all.

    Raises:
        ModelNotFound: the folder is none of ours, or damaged.
        RuntimeUnavailable: the runtime is not installed, or does not exist for this machine.
    """
    folder = Path(folder)
    manifest = Manifest.load(folder)
    if manifest.target not in FILES:
        raise ModelNotFound(
            f"{folder / MANIFEST} names the runtime {manifest.target!r}, which this version does not know."
        )
    files = FILES[manifest.target]
    missing = [package for module, package in files.runner.items() if not find_spec(module)]
    if missing:  # not the extra: PyTorch comes with it, which running does without
        raise RuntimeUnavailable(
            f"Running {manifest.target} needs {' and '.join(missing)}; add it with pip install {' '.join(missing)}."
        )
    graphs = {}
    for name, signature in manifest.steps.items():
        path = folder / f"{name}{files.suffix}"
        if not path.exists():
            raise ModelNotFound(f"The model file {path} is missing; export the model again.")
        try:
            with silence():
                graphs[name] = files.open(path, signature, threads_to_use(threads))
        except MobileVOSError:
            raise
        except Exception as error:  # each runtime has errors of its own
            raise ModelNotFound(f"The model file {path} is damaged; export the model again.") from error
    return FixedRuntime(manifest, graphs)
