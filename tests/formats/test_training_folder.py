"""Folders of clips to train on and to judge by."""

from pathlib import Path

import numpy as np
from format_scenes import FPS, NAMES, picture, results, scene, write
from PIL import Image

from mobilevos.data.layouts import find
from mobilevos.evaluation.davis import find_sequences
from mobilevos.formats.registry import writer
from mobilevos.video.masks import load_mask
from mobilevos.video.sink import Clip


def test_what_is_written_is_found_by_training_and_evaluation(tmp_path: Path) -> None:
    maps = scene()
    folder, warning = write("training", tmp_path, maps, pictures=True)
    assert warning is None
    other = writer("training", folder, Clip("other", maps[0].shape, FPS, objects=(1, 3), names=NAMES))
    for result in results(maps, pictures=True)[1:4]:
        other.write(result)
    other.close()
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == ["Annotations", "JPEGImages"]
    assert sorted(len(video.images) for video in find(folder).videos) == [3, 6]
    assert [sequence.name for sequence in find_sequences(folder)] == ["clip", "other"]
    for index, labels in enumerate(maps):
        np.testing.assert_array_equal(load_mask(folder / f"Annotations/clip/{index:05d}.png"), labels)
        with Image.open(folder / f"JPEGImages/clip/{index:05d}.jpg") as image:
            assert np.abs(np.asarray(image) - picture(index).astype(float)).mean() < 4
