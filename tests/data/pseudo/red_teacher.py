"""Graphs of the teacher's form that see what is red."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

_FLOAT = TensorProto.FLOAT


def _save(path: Path, nodes: list, inputs: dict, outputs: dict, constants: dict) -> None:
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info(name, _FLOAT, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info(name, _FLOAT, shape) for name, shape in outputs.items()],
        [onnx.numpy_helper.from_array(np.array(value), name) for name, value in constants.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)


def save_teacher(made: Path) -> Path:
    """Write them to a folder: every mask is the red channel, its IoU is the first x of the prompt."""
    _save(
        made / "encoder.onnx",
        [
            helper.make_node("AveragePool", ["input"], ["small"], kernel_shape=[16, 16], strides=[16, 16]),
            helper.make_node("Slice", ["small", "zero", "one", "one"], ["red"]),
            helper.make_node("Expand", ["red", "shape"], ["output"]),
        ],
        {"input": [1, 3, 1024, 1024]},
        {"output": [1, 256, 64, 64]},
        {"zero": np.int64([0]), "one": np.int64([1]), "shape": np.int64([1, 256, 64, 64])},
    )
    _save(
        made / "sam.onnx",
        [
            helper.make_node("Slice", ["image_embeddings", "zero", "one", "one"], ["red"]),
            helper.make_node("Resize", ["red", "", "scales"], ["low_res_masks"], mode="nearest"),
            helper.make_node("Slice", ["point_coords", "zero", "one", "two"], ["x"]),
            helper.make_node("Slice", ["x", "zero", "one", "one"], ["first"]),
            helper.make_node("Reshape", ["first", "flat"], ["iou_predictions"]),
            helper.make_node("Identity", ["point_labels"], ["kinds"]),
            helper.make_node("Identity", ["mask_input"], ["given"]),
            helper.make_node("Identity", ["has_mask_input"], ["has"]),
            helper.make_node("Identity", ["orig_im_size"], ["size"]),
        ],
        {
            "image_embeddings": [1, 256, 64, 64],
            "point_coords": [1, "n", 2],
            "point_labels": [1, "n"],
            "mask_input": [1, 1, 256, 256],
            "has_mask_input": [1],
            "orig_im_size": [2],
        },
        {"low_res_masks": [1, 1, 256, 256], "iou_predictions": [1, 1]},
        {
            "zero": np.int64([0]),
            "one": np.int64([1]),
            "two": np.int64([2]),
            "flat": np.int64([1, 1]),
            "scales": np.float32([1, 1, 4, 4]),
        },
    )
    return made
