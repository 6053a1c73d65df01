"""ncnn: Tencent's runtime for phones, through its converter pnnx."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from mobilevos.errors import OutputError
from mobilevos.export.fixed_runtime import Graph
from mobilevos.export.manifest import Signature
from mobilevos.export.targets.base import Samples
from mobilevos.runtimes.base import Float

if TYPE_CHECKING:
    from mobilevos.export.steps import Step


class Ncnn:
    """See ``Target``. Arrays have no batch axis there, so a graph is for one object; fp16 is how weights are stored.

    Its int8 is made by command-line tools that the Python package does not have.
    """

    precisions = ("fp32", "fp16")
    converter = MappingProxyType({"pnnx": "pnnx"})
    runner = MappingProxyType({"ncnn": "ncnn"})
    suffix = ".param"
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

    def open(self, path: Path, signature: Signature, threads: int) -> Graph:
        """See ``Target``. In float32, so that figures of all machines agree; phones may compute in half precision."""
        import ncnn

        net = ncnn.Net()
        net.opt.num_threads = threads
        net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
        net.opt.use_bf16_storage = False
        if net.load_param(str(path)) or net.load_model(str(path.with_suffix(".bin"))):
            raise OutputError(f"{path} is damaged; export it again.")

        def run(inputs: Sequence[Float]) -> Sequence[Float]:
            extractor = net.create_extractor()
            # A Mat made from an array does not keep it alive: clone, or the numbers are anyone's.
            mats = [ncnn.Mat(x[0]).clone() for x in inputs]
            for index, mat in enumerate(mats):
                extractor.input(f"in{index}", mat)
            return [np.array(extractor.extract(f"out{index}")[1]) for index in range(len(signature.outputs))]

        return run
