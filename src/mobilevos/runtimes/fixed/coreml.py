"""Core ML: Apple's runtime; it runs on Apple systems alone."""

import sys
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

from mobilevos.engine.runtime import Float
from mobilevos.errors import RuntimeUnavailable
from mobilevos.runtimes.fixed.files import Graph
from mobilevos.runtimes.fixed.manifest import Signature


class CoreMlFiles:
    """See ``Files``."""

    runner = MappingProxyType({"coremltools": "coremltools"})
    suffix = ".mlpackage"

    def open(self, path: Path, signature: Signature, threads: int) -> Graph:
        """See ``Files``."""
        if sys.platform != "darwin":
            raise RuntimeUnavailable("Core ML runs on Apple systems alone: checked by its structure, not run here")
        import coremltools

        model = coremltools.models.MLModel(str(path))

        def run(inputs: Sequence[Float]) -> Sequence[Float]:
            outputs = model.predict(dict(zip(signature.inputs, inputs, strict=True)))
            return [outputs[name] for name in signature.outputs]

        return run
