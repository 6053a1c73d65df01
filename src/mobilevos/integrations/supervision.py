"""Masks as `supervision.Detections`, for Roboflow's annotators, zones and counters."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from mobilevos.formats.extras import needed
from mobilevos.tracker import ObjectState
from mobilevos.video.sink import ObjectName, Result, Seen


def to_detections(
    labels: np.ndarray,
    objects: Mapping[int, ObjectState] | None = None,
    names: Mapping[int, ObjectName] | None = None,
    *,
    index: int | None = None,
) -> Any:
    """The visible objects of a frame.

    Args:
        labels: (H, W) uint8 label map, as `mobilevos.Tracker.step` gives it.
        objects: `mobilevos.Tracker.objects`, for states and confidences; None: all are visible, confidence 1.
        names: of the objects and their classes.
        index: of the frame, for ``metadata``.

    Returns:
        ``supervision.Detections`` of n objects in order of their ids: ``xyxy`` (n, 4) float32, half open; ``mask``
        (n, H, W) bool; ``confidence`` (n,); ``class_id`` (n,), which counts the classes in ``names`` from 0;
        ``tracker_id`` (n,), the ids; ``data`` with ``class_name`` and ``state``. None visible: arrays of length 0.

    Raises:
        RuntimeUnavailable: supervision is not installed.
    """
    detections = needed("supervision", "supervision").Detections
    pieces = Result(0, "", None, labels).pieces
    called = {i: (names or {}).get(i, ObjectName(f"object {i}")) for i in pieces}
    known = {i: _seen(objects, i) for i in pieces}
    kinds = list(dict.fromkeys(name.kind for _, name in sorted({**(names or {}), **called}.items())))
    boxes = [(p.columns.start, p.rows.start, p.columns.stop, p.rows.stop) for p in pieces.values()]
    return detections(
        xyxy=np.array(boxes, np.float32).reshape(-1, 4),
        mask=np.array([piece.whole(labels.shape) for piece in pieces.values()], bool).reshape(-1, *labels.shape),
        confidence=np.array([known[i].score for i in pieces], np.float32),
        class_id=np.array([kinds.index(called[i].kind) for i in pieces], int),
        tracker_id=np.array(list(pieces), int),
        data={
            "class_name": np.array([called[i].kind for i in pieces], str),
            "state": np.array([known[i].state for i in pieces], str),
        },
        metadata={} if index is None else {"frame": index},
    )


def _seen(objects: Mapping[int, ObjectState] | None, object_id: int) -> Seen:
    state = (objects or {}).get(object_id)
    return Seen(0, "visible", 1.0) if state is None else Seen(state.area, state.state, state.score)
