"""ncnn: Tencent's runtime for phones, through its converter pnnx."""

from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING

from mobilevos.errors import OutputError
from mobilevos.export.targets.base import Samples
from mobilevos.runtimes.fixed.ncnn import NcnnFiles

if TYPE_CHECKING:
    from mobilevos.export.steps import Step


class Ncnn(NcnnFiles):
    """See ``Target``. Arrays have no batch axis there, so a graph is for one object; fp16 is how weights are stored.

    Its int8 is made by command-line tools that the Python package does not have.
    """

    precisions = ("fp32", "fp16")
    converter = MappingProxyType({"pnnx": "pnnx"})
    most_objects = 1

    def convert(self, step: "Step", path: Path, precision: str, samples: Samples) -> None:
        """See ``Target``. Weights go to a ``.bin`` beside it."""
        import pnnx

        with TemporaryDirectory(dir=path.parent) as folder:  # it writes nine files
            stem = Path(folder) / step.name
            pnnx.export(step.module, f"{stem}.pt", tuple(step.inputs.values()), fp16=precision == "fp16")
            if not stem.with_suffix(".ncnn.param").is_file():
                raise OutputError(f"ncnn cannot convert {step.name}; try another --to.")
            for suffix in (".param", ".bin"):
                stem.with_suffix(f".ncnn{suffix}").replace(path.with_suffix(suffix))
