"""The sample clip: its files agree with one another and with the code that renders them."""

import subprocess
import sys
from itertools import pairwise

import av
import numpy as np
from PIL import Image

from mobilevos import sample
from mobilevos.evaluation import boundary_f, jaccard
from mobilevos.sample.render import FRAMES, HEIGHT, WIDTH, render, write


def decode() -> np.ndarray:
    with av.open(str(sample.clip_path())) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def test_files_agree() -> None:
    frames, truth = decode(), sample.truth()
    assert frames.shape == (FRAMES, HEIGHT, WIDTH, 3)
    assert truth.shape == (FRAMES, HEIGHT, WIDTH)
    assert truth.dtype == np.uint8
    mask = Image.open(sample.mask_path())
    assert mask.mode == "P"
    np.testing.assert_array_equal(np.asarray(mask), truth[0])


def test_package_data_is_small() -> None:
    folder = sample.clip_path().parent
    assert sample.clip_path().stat().st_size < 400_000
    assert (folder / "truth.npz").stat().st_size < 100_000


def test_both_objects_are_in_every_frame_and_move() -> None:
    truth = sample.truth()
    assert set(np.unique(truth)) == {0, 1, 2}
    for label in (1, 2):
        inside = truth == label
        assert inside.sum(axis=(1, 2)).min() > 500
        assert all(jaccard(now, later) > 0.6 for now, later in pairwise(inside))
        assert jaccard(inside[0], inside[-1]) == 0


def test_truth_against_itself_is_perfect() -> None:
    for labels in sample.truth()[::8]:
        for label in (1, 2):
            assert jaccard(labels == label, labels == label) == 1
            assert boundary_f(labels == label, labels == label) == 1


def test_rendering_gives_the_same_clip() -> None:
    count = 0
    for (frame, labels), stored, truth in zip(render(), decode(), sample.truth(), strict=True):
        np.testing.assert_array_equal(labels, truth)
        error = frame.astype(float) - stored
        assert 10 * np.log10(255**2 / (error**2).mean()) > 30  # dB, what the codec leaves
        count += 1
    assert count == FRAMES


def test_objects_stand_out_where_the_truth_says_so() -> None:
    """A shifted truth would separate colours worse than the true one."""
    frames, truth = decode().astype(float), sample.truth()

    def contrast(masks: np.ndarray) -> float:
        return abs(frames[masks].mean(axis=0) - frames[~masks].mean(axis=0)).sum()

    clownfish = truth == 1
    assert contrast(clownfish) > 1.1 * contrast(np.roll(clownfish, 12, axis=2))


def test_write_rebuilds_the_files(tmp_path, monkeypatch) -> None:
    from mobilevos.sample import render as module

    first = list(zip(range(3), render(), strict=False))
    monkeypatch.setattr(module, "render", lambda: (pair for _, pair in first))
    write(tmp_path / "new")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["clip.mp4", "mask.png", "truth.npz"]
    with av.open(str(tmp_path / "new" / "clip.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == 3
    with np.load(tmp_path / "new" / "truth.npz") as packed:
        np.testing.assert_array_equal(packed["labels"], sample.truth()[:3])


def test_command_without_folder() -> None:
    result = subprocess.run([sys.executable, "-m", "mobilevos.sample.render"], capture_output=True, text=True)
    assert result.returncode != 0
    assert "usage" in result.stderr
