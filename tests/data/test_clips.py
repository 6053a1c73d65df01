"""Clips cut from real video."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mobilevos.data.clips import RealClips
from mobilevos.errors import InputError


@pytest.fixture
def root(data_root: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(data_root / "clips", tmp_path / "clips"))


def test_samples_have_the_promised_form(data_root: Path) -> None:
    clips = RealClips(data_root / "clips")
    assert len(clips) == 2
    counts, moved = set(), []
    for seed in range(30):
        clip = clips.sample(np.random.default_rng(seed), frames=4, size=64, max_objects=2)
        assert clip.frames.shape == (4, 64, 64, 3)
        assert clip.labels.shape == (4, 64, 64)
        assert clip.frames.dtype == clip.labels.dtype == np.uint8
        assert clip.objects == tuple(range(1, len(clip.objects) + 1))
        assert set(np.unique(clip.labels)) <= {0, 255, *clip.objects}
        assert all((clip.labels[0] == label).any() for label in clip.objects)
        counts.add(len(clip.objects))
        moved.append((clip.labels[0] != clip.labels[-1]).mean())
    assert counts == {1, 2}
    assert np.median(moved) > 0.01


def test_one_frame_is_enough(data_root: Path) -> None:
    assert RealClips(data_root / "clips").sample(np.random.default_rng(0), frames=1).frames.shape[0] == 1


def test_same_seed_same_clip(data_root: Path) -> None:
    clips = RealClips(data_root / "clips")
    first, second = (clips.sample(np.random.default_rng(3), size=64) for _ in range(2))
    np.testing.assert_array_equal(first.frames, second.frames)
    np.testing.assert_array_equal(first.labels, second.labels)


def test_large_frames_are_decoded_small_and_stay_aligned(tmp_path: Path) -> None:
    for t in range(3):
        mask = np.zeros((401, 601), np.uint8)
        mask[100:320, 150 + 20 * t : 400] = 255
        for part, name, array in (("JPEGImages", "jpg", mask), ("Annotations", "png", mask)):
            folder = tmp_path / part / "big"
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(array).convert("RGB" if name == "jpg" else "L").save(folder / f"{t}.{name}")
    clips = RealClips(tmp_path)
    for seed in range(12):
        clip = clips.sample(np.random.default_rng(seed), size=64)
        bright = clip.frames.mean(axis=3) > clip.frames.mean(axis=3).mean()
        known = clip.labels < 255
        assert (bright == (clip.labels == 1))[known].mean() > 0.93


def test_only_training_clips_of_a_benchmark_are_used(root: Path) -> None:
    lists = root / "ImageSets/480p"
    lists.mkdir(parents=True)
    (lists / "train.txt").write_text("/JPEGImages/480p/ball/00000.jpg /Annotations/480p/ball/00000.png\n")
    assert len(RealClips(root)) == 1
    shutil.rmtree(lists)
    (root / "ImageSets/2017").mkdir()
    (root / "ImageSets/2017/train.txt").write_text("pair\n")
    assert len(RealClips(root)) == 1


def test_layout_without_a_level_and_frames_without_masks(root: Path) -> None:
    for part in ("JPEGImages", "Annotations"):
        for clip in ("ball", "pair"):
            (root / part / "480p" / clip).rename(root / part / clip)
        (root / part / "480p").rmdir()
    for t in range(0, 12, 2):
        (root / f"Annotations/pair/{t:05}.png").unlink()
    clips = RealClips(root)
    assert len(clips) == 2
    assert all(len(clips.sample(np.random.default_rng(s), frames=7, size=48).objects) == 1 for s in range(9))


def test_bad_folders_are_explained(root: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Found no clip"):
        RealClips(tmp_path / "nowhere")
    with pytest.raises(InputError, match="longest video has 12 annotated frames, expected at least 13"):
        RealClips(root).sample(np.random.default_rng(0), frames=13)
    (root / "JPEGImages/480p/ball/00003.jpg").unlink()
    with pytest.raises(InputError, match=r"00003\.png has no frame"):
        RealClips(root)


def test_sizes_that_differ_name_both_files(root: Path) -> None:
    for path in (root / "JPEGImages/480p").glob("*/*.jpg"):
        Image.new("RGB", (100, 96)).save(path)
    with pytest.raises(InputError, match=r"\.jpg is 100 x 96 .*\.png is 128 x 96"):
        RealClips(root).sample(np.random.default_rng(0), size=96)


def test_smoothed_masks_are_refused(root: Path) -> None:
    for path in (root / "Annotations/480p").glob("*/*.png"):
        Image.fromarray(np.arange(96 * 128, dtype=np.uint16).reshape(96, 128).astype(np.uint8)).save(path)
    with pytest.raises(InputError, match="anti-aliasing"):
        RealClips(root).sample(np.random.default_rng(0))
