"""MobileVOS as CVAT's tracker: an auto-annotation function, which `cvat-cli` runs on one's own machine.

::

    cvat-cli --server-host URL --auth USER function create-native MobileVOS \\
        --function-module mobilevos.integrations.cvat
    cvat-cli --server-host URL --auth USER function run-agent ID --function-module mobilevos.integrations.cvat

Options of `Function` are given as ``-p mode=str:fast``.
"""

from typing import Any

import numpy as np
from PIL import Image

from mobilevos.engine.bounds import bounding_box
from mobilevos.formats.extras import needed
from mobilevos.runtimes import load_runtime
from mobilevos.tracker import Tracker

_annotation = needed("cvat_sdk.auto_annotation", "cvat")
_masks = needed("cvat_sdk.masks", "cvat")


class Function:
    """Follows each mask by a tracker of its own; all share one network.

    Args:
        model, runtime, threads, mode: as for `mobilevos.Tracker`.

    Raises:
        ModelNotFound, RuntimeUnavailable, InputError: as from `mobilevos.Tracker`.
    """

    spec = _annotation.TrackingFunctionSpec(supported_shape_types=["mask"])

    def __init__(
        self, model: str = "lite0", runtime: str = "auto", threads: int | None = None, mode: str = "best"
    ) -> None:
        self._runtime = load_runtime(model, runtime, threads)
        self._model, self._mode = model, mode
        self._new_tracker()  # what cannot be had is told at once

    def preprocess_image(self, context: object, image: Image.Image) -> np.ndarray:
        """(H, W, 3) uint8 RGB of a frame."""
        return np.asarray(image.convert("RGB"))

    def init_tracking_state(self, context: object, pp_image: np.ndarray, shape: Any) -> Tracker:
        """A tracker that has begun with a frame and a mask."""
        height, width = pp_image.shape[:2]
        mask = _masks.decode_mask(shape.points, image_width=width, image_height=height)
        tracker = self._new_tracker()
        tracker.start(pp_image, mask.astype(np.uint8))
        return tracker

    def track(self, context: object, pp_image: np.ndarray, state: Tracker) -> Any:
        """The mask in the next frame, or None where the object is not seen."""
        mask = state.step(pp_image) > 0
        rows, columns = bounding_box(mask)
        if rows.start == rows.stop:
            return None
        box = (columns.start, rows.start, columns.stop, rows.stop)
        return _annotation.TrackableShape(type="mask", points=_masks.encode_mask(mask, box))

    def _new_tracker(self) -> Tracker:
        return Tracker(self._model, self._runtime, mode=self._mode)


create = Function
