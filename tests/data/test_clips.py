"""Clips cut from real video."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mobilevos.data.clips import RealClips
from mobilevos.data.layouts import find
from mobilevos.errors import Advice, InputError


def videos(root: Path) -> RealClips:
    return RealClips(find(root).videos)


def save(path: Path, array: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)


@pytest.fixture
def root(data_root: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(data_root / "clips", tmp_path / "clips"))


def test_samples_have_the_promised_form(data_root: Path) -> None:
    clips = videos(data_root / "clips")
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
    assert videos(data_root / "clips").sample(np.random.default_rng(0), frames=1).frames.shape[0] == 1


def test_same_seed_same_clip(data_root: Path) -> None:
    clips = videos(data_root / "clips")
    first, second = (clips.sample(np.random.default_rng(3), size=64) for _ in range(2))
    np.testing.assert_array_equal(first.frames, second.frames)
    np.testing.assert_array_equal(first.labels, second.labels)


@pytest.mark.parametrize("scale", [0.5, 1, 2])
def test_large_frames_are_decoded_small_and_stay_aligned(
    tmp_path: Path, scale: float, recwarn: pytest.WarningsRecorder
) -> None:
    """Also where the masks have another size than the frames."""
    for t in range(3):
        mask = np.zeros((401, 601), np.uint8)
        mask[100:320, 150 + 20 * t : 400] = 255
        for part, name, array in (("JPEGImages", "jpg", mask), ("Annotations", "png", mask)):
            folder = tmp_path / part / "big"
            folder.mkdir(parents=True, exist_ok=True)
            image = Image.fromarray(array).convert("RGB" if name == "jpg" else "L")
            if name == "png":
                image = image.resize((round(601 * scale), round(401 * scale)), Image.Resampling.NEAREST)
            image.save(folder / f"{t}.{name}")
    clips = videos(tmp_path)
    for seed in range(12):
        clip = clips.sample(np.random.default_rng(seed), size=64)
        bright = clip.frames.mean(axis=3) > clip.frames.mean(axis=3).mean()
        known = clip.labels < 255
        assert (bright == (clip.labels == 1))[known].mean() > 0.93
    told = {str(one.message) for one in recwarn if one.category is Advice}
    assert len(told) == (scale != 1)


def test_layout_without_a_level_and_frames_without_masks(root: Path) -> None:
    for part in ("JPEGImages", "Annotations"):
        for clip in ("ball", "pair"):
            (root / part / "480p" / clip).rename(root / part / clip)
        (root / part / "480p").rmdir()
    for t in range(0, 12, 2):
        (root / f"Annotations/pair/{t:05}.png").unlink()
    clips = videos(root)
    assert len(clips) == 2
    assert all(len(clips.sample(np.random.default_rng(s), frames=7, size=48).objects) == 1 for s in range(9))


def test_too_short_clips_are_explained(root: Path) -> None:
    with pytest.raises(InputError, match="Found no clip"):
        RealClips([])
    with pytest.raises(InputError, match=r"has 12 annotated frame\(s\), expected at least 13"):
        videos(root).sample(np.random.default_rng(0), frames=13)
    for path in (root / "Annotations/480p").glob("*/*.png"):
        if path.stem != "00004":
            path.unlink()
    with pytest.raises(InputError, match=r"480p/ball, has 1 annotated frame\(s\), expected at least 3"):
        videos(root).sample(np.random.default_rng(0), frames=3)


def test_steps_count_frames_of_the_video(tmp_path: Path) -> None:
    """Masks of every fifth frame, as in YouTube-VOS: a step of 10 frames is at most two masks."""
    for t in range(12):
        frame = np.full((64, 64, 3), 20 * t, np.uint8)
        save(tmp_path / f"JPEGImages/ramp/{5 * t:05}.png", frame)
        save(tmp_path / f"Annotations/ramp/{5 * t:05}.png", np.pad(np.ones((32, 32), np.uint8), 16))
    found = find(tmp_path).videos
    assert found[0].spacing == 5
    steps = {1: set(), 10: set(), 60: set()}
    for longest, seen in steps.items():
        for seed in range(60):
            sample = RealClips(found).sample(np.random.default_rng(seed), frames=2, size=32, max_step=longest)
            seen.add(round(abs(np.diff(sample.frames.mean((1, 2, 3)))[0]) / 20))
    assert max(steps[1]) <= max(steps[10]) <= 3  # the tone drifts a little
    assert max(steps[60]) >= 7


def test_shapes_that_differ_are_refused(root: Path) -> None:
    for path in (root / "JPEGImages/480p").glob("*/*.jpg"):
        Image.new("RGB", (100, 96)).save(path)
    with pytest.raises(InputError, match=r"\.png is 128x96 but its image is 100x96"):
        videos(root).sample(np.random.default_rng(0), size=96)


def test_smooth_edges_of_binary_masks_are_thresholded(root: Path) -> None:
    for path in (root / "Annotations/480p").glob("*/*.png"):
        mask = Image.fromarray(np.where(np.asarray(Image.open(path)) > 0, np.uint8(255), np.uint8(0)))
        mask.resize((64, 48)).resize((128, 96), Image.Resampling.BILINEAR).save(path)
    for seed in range(10):
        clip = videos(root).sample(np.random.default_rng(seed), size=64)
        assert clip.objects == (1,)
        assert set(np.unique(clip.labels)) <= {0, 1, 255}


def test_pictures_are_no_masks(root: Path) -> None:
    for path in (root / "Annotations/480p").glob("*/*.png"):
        ids = Image.fromarray((np.arange(96 * 128) % 256).reshape(96, 128).astype(np.uint8))
        palette = ids.convert("P")
        palette.putdata(ids.tobytes())
        palette.save(path)
    with pytest.raises(InputError, match="looks like a picture, not a mask"):
        videos(root).sample(np.random.default_rng(0))
