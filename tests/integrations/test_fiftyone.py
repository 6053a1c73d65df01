"""FiftyOne's labels; fiftyone is in the readers extra, as it brings a database."""

from pathlib import Path

import numpy as np
import pytest

from mobilevos.formats.given import open_marks
from mobilevos.integrations.fiftyone import to_labels, to_sample
from mobilevos.video.masks import save_palette_png

pytestmark = pytest.mark.extras


def masks(folder: Path) -> list[np.ndarray]:
    maps = []
    for index in range(3):
        labels = np.zeros((40, 60), np.uint8)
        labels[4:24, 3 + index : 28 + index] = 1
        labels[10:15, 10:18] = 0
        labels[20:36, 40:55] = 3 * (index != 1)
        save_palette_png(folder / f"{index:05d}.png", labels)
        maps.append(labels)
    return maps


def test_labels_give_the_masks_back(tmp_path: Path) -> None:
    maps = masks(tmp_path)
    marks = open_marks(tmp_path, None)
    for index, labels in enumerate(maps):
        found = to_labels(marks, index).detections
        assert [one.index for one in found] == [i for i in np.unique(labels) if i]
        for one in found:
            whole = one.to_segmentation(frame_size=(60, 40), target=1).mask > 0
            np.testing.assert_array_equal(whole, labels == one.index)


def test_frames_of_a_sample_count_from_one(tmp_path: Path) -> None:
    masks(tmp_path)
    sample = to_sample(tmp_path / "clip.mp4", tmp_path)
    assert sorted(sample.frames.keys()) == [1, 2, 3]
    assert len(sample.frames[2].objects.detections) == 1
