"""MNN: Alibaba's runtime for phones."""

import subprocess
import sys
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from mobilevos.errors import OutputError
from mobilevos.export.targets.base import Samples
from mobilevos.runtimes.fixed.mnn import MnnFiles

if TYPE_CHECKING:
    from mobilevos.export.steps import Step

# The wheel's own `mnnconvert` installs a package of its own accord and reports to its makers; its engine does neither.
_CONVERT = "import sys, _tools; _tools.mnnconvert(sys.argv)"


class MNN(MnnFiles):
    """See ``Target``. fp16 and int8 are how weights are stored; int8 computes in whatever the processor is best at."""

    precisions = ("fp32", "fp16", "int8")
    converter = MappingProxyType({"MNN": "MNN", "onnx": "onnx"})
    most_objects = None

    def convert(self, step: "Step", path: Path, precision: str, samples: Samples) -> None:
        """See ``Target``."""
        from mobilevos.export.onnx import write_graph

        graph = path.with_suffix(".onnx")
        write_graph(step.module, step.inputs, list(step.outputs), graph)
        stored = {"fp32": [], "fp16": ["--fp16"], "int8": ["--weightQuantBits", "8"]}[precision]
        command = ["-f", "ONNX", "--modelFile", str(graph), "--MNNModel", str(path), "--bizCode", "mobilevos", *stored]
        done = subprocess.run([sys.executable, "-c", _CONVERT, *command], capture_output=True, text=True, check=False)
        graph.unlink()
        if done.returncode or not path.is_file():
            raise OutputError(f"MNN cannot convert {step.name}: {(done.stderr or done.stdout).strip()[-200:]}")
