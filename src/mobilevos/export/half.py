"""ONNX files of half the size: weights stored as float16, widened once when a runtime loads them."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from mobilevos.models.checkpoint import HALF_SUFFIX

SMALLEST = 256
"""Numbers in a tensor that is worth it."""


def halve(path: Path) -> None:
    """Store a graph's larger float32 tensors as float16 with a cast behind each; runtimes fold the casts away.

    Computation stays float32. Tensors with numbers that float16 cannot hold stay as they are.

    Args:
        path: of an ONNX file, which is rewritten.
    """
    model = onnx.load(path)
    tensors, casts = [], []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < SMALLEST or np.abs(values).max() > np.finfo(np.float16).max:
            tensors.append(tensor)
            continue
        half = f"{tensor.name}{HALF_SUFFIX}"
        tensors.append(numpy_helper.from_array(values.astype(np.float16), half))
        casts.append(helper.make_node("Cast", [half], [tensor.name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(tensors)
    model.graph.node.extend(nodes)
    onnx.save(model, path)
