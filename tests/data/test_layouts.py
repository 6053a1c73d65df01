"""Official layouts of data sets, and the user's own folders."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mobilevos.data.layouts import find
from mobilevos.data.loader import batches
from mobilevos.data.mix import ClipMix
from mobilevos.errors import InputError

rng = np.random.default_rng(0)
SCENE = rng.integers(0, 256, (48, 64, 3), dtype=np.uint8)
BINARY = np.zeros((48, 64), np.uint8)
BINARY[12:36, 16:48] = 255
SOFT = np.asarray(Image.fromarray(BINARY).resize((16, 12)).resize((64, 48), Image.Resampling.BICUBIC))
IDS = BINARY // 255
IDS[20:30, 30:44] = 2


def save(path: Path, array: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)


def clip(root: Path, name: str, mask: np.ndarray, frames: int = 4, step: int = 1, masks: int | None = None) -> None:
    for t in range(frames):
        save(root / f"JPEGImages/{name}/{t * step:05}.jpg", SCENE)
        if masks is None or t < masks:
            save(root / f"Annotations/{name}/{t * step:05}.png", mask)


def names(root: Path, year: str, split: str, text: str) -> None:
    path = root / f"ImageSets/{year}/{split}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def davis_2017(root: Path) -> None:
    for level in ("480p", "Full-Resolution"):
        clip(root, f"{level}/bear", IDS)
        clip(root, f"{level}/bike-packing", IDS)
        clip(root, f"{level}/dogs-jump", IDS)
    names(root, "2016", "train", "bear\n")
    names(root, "2017", "train", "bear\ndogs-jump\n\n")
    names(root, "2017", "val", "bike-packing\n")


def davis_2016(root: Path) -> None:
    for name in ("bear", "blackswan"):
        clip(root, f"480p/{name}", BINARY)
    line = "/JPEGImages/480p/{0}/00000.jpg /Annotations/480p/{0}/00000.png\n"
    names(root, "480p", "train", line.format("bear"))
    names(root, "480p", "val", line.format("blackswan"))


def davis_test_dev(root: Path) -> None:
    clip(root, "480p/aerobatics", IDS, masks=1)
    names(root, "2017", "test-dev", "aerobatics\n")


def youtube_vos(root: Path) -> None:
    clip(root / "train", "0043f083b5", IDS, step=5)
    clip(root / "train", "00f88c4f0a", IDS, step=5)
    for split in ("valid", "test", "valid_all_frames", "test_all_frames"):
        clip(root / split, "0062f687f1", IDS, step=5, masks=1)


def own_clips(root: Path) -> None:
    clip(root, "cat", IDS)
    clip(root, "dog", BINARY)


def own_clip(root: Path) -> None:
    clip(root, ".", SOFT)


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (davis_2017, ["bear", "dogs-jump"]),
        (davis_2016, ["bear"]),
        (youtube_vos, ["0043f083b5", "00f88c4f0a"]),
        (own_clips, ["cat", "dog"]),
        (own_clip, ["Annotations"]),
    ],
)
@pytest.mark.parametrize("depth", [".", "DAVIS/2017/trainval"])
def test_training_videos_are_found(
    tmp_path: Path, build: Callable[[Path], None], expected: list[str], depth: str
) -> None:
    build(tmp_path / depth)
    videos = find(tmp_path).videos
    assert [video.folder.name for video in videos] == expected
    for video in videos:
        assert "Full-Resolution" not in video.folder.parts
        assert len(video.images) == len(video.masks) == 4
        assert [path.stem for path in video.images] == [path.stem for path in video.masks]
    batch = next(batches(ClipMix.from_folder(tmp_path, size=32), 4, workers=0))
    assert batch["frames"].shape == (4, 3, 3, 32, 32)
    assert 1 in batch["labels"]


def test_nothing_of_a_held_out_split_is_used(tmp_path: Path) -> None:
    davis_test_dev(tmp_path / "DAVIS-test")
    davis_test_dev(tmp_path / "plain")
    clip(tmp_path / "YouTube/valid", "0062f687f1", IDS)
    save(tmp_path / "HRSOD/HRSOD_test/a.jpg", SCENE)
    save(tmp_path / "HRSOD/HRSOD_test_mask/a.png", BINARY)
    with pytest.raises(InputError, match="Found no training data"):
        find(tmp_path)


def duts(root: Path) -> None:
    for number in range(3):
        save(root / f"DUTS-TR/DUTS-TR-Image/ILSVRC2012_test_0000000{number}.jpg", SCENE)
        save(root / f"DUTS-TR/DUTS-TR-Mask/ILSVRC2012_test_0000000{number}.png", SOFT)


def ecssd(root: Path) -> None:
    for number in range(3):
        save(root / f"ECSSD/images/000{number}.jpg", SCENE)
        save(root / f"ECSSD/ground_truth_mask/000{number}.png", BINARY)


def hrsod(root: Path) -> None:
    for number in range(3):
        save(root / f"HRSOD_train/{number}_f.jpg", SCENE)
        save(root / f"HRSOD_train_mask/{number}_f.png", SOFT)


def side_by_side(root: Path) -> None:
    for number in range(21):
        save(root / f"HRSOD_small/{number}.jpg", SCENE)
        save(root / f"HRSOD_small/{number}.png", SOFT)
    save(root / "HRSOD_small/._0.png", SOFT)
    save(root / "HRSOD_small/lonely.png", SOFT)


def fss(root: Path) -> None:
    for name in ("abacus", "zucchini"):
        for number in range(1, 4):
            save(root / f"fss/{name}/{number}.jpg", SCENE)
            save(root / f"fss/{name}/{number}.png", np.stack([SOFT] * 3, axis=-1))


def own_stills(root: Path) -> None:
    for number in range(3):
        save(root / f"mine/images/{number}.webp", SCENE)
        save(root / f"mine/masks/{number}.png", IDS)


@pytest.mark.parametrize(
    ("build", "name", "count"),
    [
        (duts, "duts-tr", 3),
        (ecssd, "ecssd", 3),
        (hrsod, "hrsod_train", 3),
        (side_by_side, "hrsod_small", 21),
        (fss, "fss", 6),
        (own_stills, "mine", 3),
    ],
)
@pytest.mark.parametrize("depth", [".", "data/static"])
def test_stills_are_found(tmp_path: Path, build: Callable[[Path], None], name: str, count: int, depth: str) -> None:
    build(tmp_path / depth)
    (found,) = find(tmp_path).stills
    assert found.name == name
    assert len(found.pairs) == count
    for image, mask in found.pairs:
        assert image.stem == mask.stem
        assert (image.suffix, mask.suffix) in ((".jpg", ".png"), (".webp", ".png"))
        assert np.asarray(Image.open(image)).ndim == 3
    batch = next(batches(ClipMix.from_folder(tmp_path, size=32), 4, workers=0))
    assert batch["frames"].shape == (4, 3, 3, 32, 32)
    assert 1 in batch["labels"]


def test_all_sets_side_by_side(tmp_path: Path) -> None:
    for build in (duts, ecssd, hrsod, side_by_side, fss, own_stills):
        build(tmp_path / "static")
    davis_2017(tmp_path / "DAVIS/2017/trainval")
    davis_test_dev(tmp_path / "DAVIS/2017/test-dev")
    youtube_vos(tmp_path / "YouTube")
    found = find(tmp_path)
    assert sorted(s.name for s in found.stills) == [
        "duts-tr", "ecssd", "fss", "hrsod_small", "hrsod_train", "mine",
    ]  # fmt: skip
    assert [video.folder.name for video in found.videos] == ["0043f083b5", "00f88c4f0a", "bear", "dogs-jump"]


def test_unpadded_numbers_are_in_order_of_time(tmp_path: Path) -> None:
    for t in (1, 2, 10, 11):
        save(tmp_path / f"JPEGImages/a/{t}.jpg", SCENE)
        save(tmp_path / f"Annotations/a/{t}.png", IDS)
    (video,) = find(tmp_path).videos
    assert [path.stem for path in video.masks] == ["1", "2", "10", "11"]
    assert [path.stem for path in video.images] == ["1", "2", "10", "11"]


def test_bad_folders_are_explained(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere is not a folder"):
        find(tmp_path / "nowhere")
    with pytest.raises(InputError, match="Found no training data"):
        find(tmp_path)
    (tmp_path / "set/images").mkdir(parents=True)
    (tmp_path / "set/masks").mkdir()
    with pytest.raises(InputError, match=r"masks has no masks, expected files named like the images in images/"):
        find(tmp_path)
    save(tmp_path / "set/masks/a.png", IDS)
    with pytest.raises(InputError, match=r"masks/a\.png has no image of the same name in .*images"):
        find(tmp_path)


def test_masks_without_their_frames_are_explained(tmp_path: Path) -> None:
    own_clips(tmp_path)
    (tmp_path / "JPEGImages/dog/00002.jpg").unlink()
    with pytest.raises(InputError, match=r"dog/00002\.png has no image of the same name"):
        find(tmp_path)
    (tmp_path / "JPEGImages/dog").rename(tmp_path / "JPEGImages/hound")
    with pytest.raises(InputError, match=r"Annotations/dog holds masks but their frames are missing; put them in "):
        find(tmp_path)
    (tmp_path / "JPEGImages").rename(tmp_path / "Frames")
    with pytest.raises(InputError, match=r"Annotations/cat holds masks .*JPEGImages/cat\."):
        find(tmp_path)
