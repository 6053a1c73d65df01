"""Detections as supervision uses them."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import supervision as sv

from command import environment
from mobilevos import sample
from mobilevos.integrations.supervision import to_detections
from mobilevos.tracker import ObjectState
from mobilevos.video.reader import open_frames
from mobilevos.video.sink import ObjectName
from mobilevos.video.writer import VideoWriter
from waiting import PATIENCE


def scene() -> np.ndarray:
    labels = np.zeros((40, 60), np.uint8)
    labels[4:24, 3:28] = 7
    labels[10:15, 10:18] = 0
    labels[20:36, 40:55] = 2
    return labels


def test_fields_and_annotators() -> None:
    labels = scene()
    objects = {2: ObjectState("visible", 0.75, 240), 7: ObjectState("visible", 0.5, 460), 9: ObjectState("lost", 0, 0)}
    names = {2: ObjectName("a", "fish"), 7: ObjectName("b", "diver"), 9: ObjectName("c", "fish")}
    found = to_detections(labels, objects, names, index=4)
    assert found.tracker_id.tolist() == [2, 7]
    assert found.class_id.tolist() == [0, 1]
    assert found.data["class_name"].tolist() == ["fish", "diver"]
    assert found.data["state"].tolist() == ["visible", "visible"]
    assert found.confidence.tolist() == [0.75, 0.5]
    assert found.xyxy.tolist() == [[40, 20, 55, 36], [3, 4, 28, 24]]
    assert found.area.tolist() == [240, 460]
    assert found.metadata == {"frame": 4}
    for mask, object_id in zip(found.mask, (2, 7), strict=True):
        np.testing.assert_array_equal(mask, labels == object_id)
    painter = sv.MaskAnnotator(color_lookup=sv.ColorLookup.TRACK, opacity=1)
    drawn = painter.annotate(np.zeros((40, 60, 3), np.uint8), found)
    np.testing.assert_array_equal(drawn.any(axis=2), labels > 0)
    compact = found.to_compact_masks()
    np.testing.assert_array_equal(np.asarray(compact.mask), found.mask)


def test_nobody_visible_can_be_merged() -> None:
    nobody = to_detections(np.zeros((40, 60), np.uint8))
    assert (len(nobody), nobody.mask.shape, nobody.tracker_id.shape) == (0, (0, 40, 60), (0,))
    merged = sv.Detections.merge([nobody, to_detections(scene())])
    assert merged.tracker_id.tolist() == [2, 7]


def test_the_example(tmp_path: Path, sample_frames: list[np.ndarray]) -> None:
    example = Path(__file__).parents[2] / "examples" / "supervision_masks.py"
    with VideoWriter(tmp_path / "clip.mp4", Fraction(24), sample_frames[0].shape[:2]) as writer:
        for frame in sample_frames[:8]:
            writer.write(frame)
    arguments = [sys.executable, example, tmp_path / "clip.mp4", sample.mask_path(), tmp_path / "out.mp4"]
    subprocess.run([*map(str, arguments)], env=environment(), check=True, timeout=PATIENCE)
    assert sum(1 for _ in open_frames(tmp_path / "out.mp4")) == 8
