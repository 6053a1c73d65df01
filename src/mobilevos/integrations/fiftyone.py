"""Masks as FiftyOne's frame labels."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mobilevos.formats.extras import needed
from mobilevos.formats.format import Marks
from mobilevos.formats.given import open_marks
from mobilevos.video.sink import ObjectName, Result, Seen


def to_sample(video: str | Path, masks: str | Path) -> Any:
    """A ``fiftyone.Sample`` of a video with the masks of its frames.

    Args:
        video: the file that FiftyOne shows.
        masks: output folder of `mobilevos segment`, or anything else that can be read.

    Raises:
        RuntimeUnavailable: fiftyone is not installed.
        InputError: the masks cannot be read.
    """
    one, marks = needed("fiftyone", "fiftyone"), open_marks(Path(masks), None)
    sample = one.Sample(filepath=str(Path(video).resolve()))
    for index in sorted(marks.masks):
        sample.frames[index + 1] = one.Frame(objects=to_labels(marks, index))  # frames count from 1
    return sample


def to_labels(marks: Marks, index: int) -> Any:
    """``fiftyone.Detections`` of a frame, in which ``index`` is the object's id; lost objects are left out.

    Raises:
        RuntimeUnavailable: fiftyone is not installed.
    """
    labels = needed("fiftyone.core.labels", "fiftyone")
    (height, width), states = marks.size, marks.states.get(index, {})
    pieces = Result(index, "", None, marks.masks[index].read()).pieces
    found = []
    for object_id, piece in pieces.items():
        left, top, columns, rows = piece.box
        found.append(
            labels.Detection(
                label=_name(marks.names, object_id).kind,
                bounding_box=[left / width, top / height, columns / width, rows / height],
                mask=piece.mask,
                index=object_id,
                confidence=states.get(object_id, Seen(0)).score,
                state=states.get(object_id, Seen(0, "visible")).state,
            )
        )
    return labels.Detections(detections=found)


def _name(names: Mapping[int, ObjectName], object_id: int) -> ObjectName:
    return names.get(object_id, ObjectName(f"object {object_id}"))
