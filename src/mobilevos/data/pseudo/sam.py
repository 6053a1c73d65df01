"""Segment Anything as a teacher: an image encoder and a prompt decoder in ONNX, as its authors export them."""

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort

from mobilevos.data.types import Floats, Image
from mobilevos.engine.bounds import bounding_box
from mobilevos.errors import ModelNotFound

_SIDE, _MASK_SIDE = 1024, 256
_MEAN, _DEVIATION = np.array([[123.675, 116.28, 103.53], [58.395, 57.12, 57.375]], np.float32)
_NONE, _INSIDE, _TOP_LEFT, _BOTTOM_RIGHT = -1, 1, 2, 3  # what a point of a prompt means
_NOTHING = np.zeros((1, 1, _MASK_SIDE, _MASK_SIDE), np.float32)


class Sam:
    """The two graphs of a folder.

    Args:
        folder: with encoder.onnx (1, 3, 1024, 1024) -> (1, 256, 64, 64), and sam.onnx, the decoder with one mask.
        threads: CPU threads.

    Raises:
        ModelNotFound: a file is missing or damaged.
    """

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self._encode = _encoder(folder / "encoder.onnx", threads)
        self._decoder = _session(folder / "sam.onnx", threads)

    def look(self, frame: Image) -> "View":
        """Encode a frame (H, W, 3), uint8 RGB."""
        scale = _SIDE / max(frame.shape[:2])
        size = round(frame.shape[1] * scale), round(frame.shape[0] * scale)
        image = np.zeros((_SIDE, _SIDE, 3), np.float32)
        image[: size[1], : size[0]] = (cv2.resize(frame, size) - _MEAN) / _DEVIATION
        return View(self._decoder, self._encode(np.ascontiguousarray(image.transpose(2, 0, 1)[None])), frame.shape[:2])


class View:
    """A frame that the teacher has seen, to be asked for masks."""

    def __init__(self, decoder: ort.InferenceSession, embedding: Floats, size: tuple[int, int]) -> None:
        self._decoder, self._embedding, self.size = decoder, embedding, size

    def at(self, x: float, y: float) -> tuple[Floats, float]:
        """The object at a point, px: log-odds (H, W) and the IoU that the teacher expects of them."""
        return self._read([(x, y), (0, 0)], [_INSIDE, _NONE])

    def again(self, mask: Image) -> tuple[Floats, float]:
        """The object that a mask (H, W), bool, shows: by its box and its innermost point; as of `at`."""
        rows, columns = bounding_box(mask)
        deep = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
        y, x = np.unravel_index(deep.argmax(), deep.shape)
        corners = [(columns.start, rows.start), (columns.stop, rows.stop)]
        return self._read([(int(x), int(y)), *corners], [_INSIDE, _TOP_LEFT, _BOTTOM_RIGHT])

    def said(
        self, clicks: Sequence[tuple[float, float, bool]], box: tuple[float, float, float, float] | None = None
    ) -> Floats:
        """Log-odds (H, W) of clicks (x, y, whether it is the object's), px, and a box (left, top, right, bottom)."""
        points = [(x, y) for x, y, _ in clicks] + ([(0.0, 0.0)] if box is None else [box[:2], box[2:]])
        kinds = [int(positive) for *_, positive in clicks] + ([_NONE] if box is None else [_TOP_LEFT, _BOTTOM_RIGHT])
        return self._read(points, kinds)[0]

    def _read(self, points: list[tuple[float, float]], kinds: list[int]) -> tuple[Floats, float]:
        side = max(self.size)
        logits, score = self._decoder.run(
            ["low_res_masks", "iou_predictions"],
            {
                "image_embeddings": self._embedding,
                "point_coords": np.array([points], np.float32) * np.float32(_SIDE / side),
                "point_labels": np.array([kinds], np.float32),
                "mask_input": _NOTHING,
                "has_mask_input": np.zeros(1, np.float32),
                "orig_im_size": np.ones(2, np.float32),  # of a mask that nobody reads
            },
        )
        whole = cv2.resize(logits[0, 0], (side, side))
        return whole[: self.size[0], : self.size[1]], float(score[0, 0])


def _encoder(path: Path, threads: int) -> Callable[[Floats], Floats]:
    """The encoder in OpenVINO where that is installed: with bfloat16, where a processor has it, it is twice as fast."""
    try:
        import openvino
    except ModuleNotFoundError:
        session = _session(path, threads)
        return lambda image: session.run(None, {"input": image})[0]
    try:
        compiled = openvino.Core().compile_model(path, "CPU", {"INFERENCE_NUM_THREADS": threads})
    except RuntimeError as error:
        raise _unusable(path) from error
    return lambda image: compiled(image)[0].copy()


def _session(path: Path, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    try:
        return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's own errors have no common base
        raise _unusable(path) from error


def _unusable(path: Path) -> ModelNotFound:
    return ModelNotFound(f"{path} is missing or is no ONNX model; give the folder of encoder.onnx and sam.onnx.")
