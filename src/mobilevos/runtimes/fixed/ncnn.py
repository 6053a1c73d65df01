"""ncnn: Tencent's runtime for phones."""

from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np

from mobilevos.engine.runtime import Float
from mobilevos.errors import OutputError
from mobilevos.runtimes.fixed.files import Graph
from mobilevos.runtimes.fixed.manifest import Signature


class NcnnFiles:
    """See ``Files``."""

    runner = MappingProxyType({"ncnn": "ncnn"})
    suffix = ".param"

    def open(self, path: Path, signature: Signature, threads: int) -> Graph:
        """See ``Files``. In float32, so that figures of all machines agree; phones may compute in half precision."""
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
