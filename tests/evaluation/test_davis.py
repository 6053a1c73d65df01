"""Layouts in which DAVIS, and sets that imitate it, come."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mobilevos.errors import InputError
from mobilevos.evaluation import find_sequences

DEV = Path(__file__).parents[3] / "shared" / "data" / "dev"


def make_clip(root: Path, images: str, masks: str, frames=5, annotated=None, suffix=".jpg") -> None:
    for folder in (images, masks):
        (root / folder).mkdir(parents=True)
    for index in range(frames):
        Image.new("RGB", (16, 12)).save(root / images / f"{index:05d}{suffix}")
    for index in range(frames) if annotated is None else annotated:
        Image.fromarray(np.full((12, 16), 255, np.uint8)).save(root / masks / f"{index:05d}.png")


def make_set(root: Path, *clips: str, folder: str = "480p") -> Path:
    for clip in clips:
        make_clip(root, f"JPEGImages/{folder}/{clip}", f"Annotations/{folder}/{clip}")
    return root


def write_list(root: Path, name: str, *lines: str) -> None:
    path = root / "ImageSets" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")


def names(root: Path, split: str | None = None) -> list[str]:
    return [sequence.name for sequence in find_sequences(root, split)]


@pytest.mark.parametrize("folder", ["480p", "Full-Resolution", "."])
def test_folders(tmp_path: Path, folder: str) -> None:
    first, second = find_sequences(make_set(tmp_path, "dog", "bear", folder=folder))
    assert (first.name, second.name) == ("bear", "dog")
    assert [path.name for path in first.frames] == [f"{index:05d}.jpg" for index in range(5)]
    assert [path.stem for path in first.annotations] == [path.stem for path in first.frames]
    assert first.annotated == [0, 1, 2, 3, 4]


def test_480p_is_preferred_among_resolutions(tmp_path: Path) -> None:
    make_set(make_set(tmp_path, "bear"), "bear", folder="1080p")
    assert find_sequences(tmp_path)[0].frames[0].parent == tmp_path / "JPEGImages" / "480p" / "bear"
    make_set(tmp_path / "other", "bear", folder="720p")
    make_set(tmp_path / "other", "bear", folder="1080p")
    with pytest.raises(InputError, match="not 1080p, 720p"):
        find_sequences(tmp_path / "other")


def test_lists(tmp_path: Path) -> None:
    make_set(tmp_path, "bear", "cow", "dog")
    assert names(tmp_path) == ["bear", "cow", "dog"]
    with pytest.raises(InputError, match=r"no list train\.txt \(lists found: none\)"):
        names(tmp_path, "train")
    pairs = [f"/JPEGImages/480p/dog/{i:05d}.jpg /Annotations/480p/dog/{i:05d}.png" for i in range(5)]
    write_list(tmp_path, "480p/val.txt", *pairs)
    write_list(tmp_path, "480p/train.txt", "cow", "", "bear")
    assert names(tmp_path) == ["dog"]
    assert names(tmp_path, "train") == ["cow", "bear"]
    write_list(tmp_path, "2017/val.txt", "cow")
    write_list(tmp_path, "2016/val.txt", "bear")
    assert names(tmp_path) == ["cow"]
    with pytest.raises(InputError, match=r"lists found: train, val"):
        names(tmp_path, "test-dev")
    write_list(tmp_path, "2017/val.txt", "cow", "eel")
    with pytest.raises(InputError, match="Sequence eel has no folder"):
        names(tmp_path)


def test_sparse_annotations(tmp_path: Path) -> None:
    make_clip(tmp_path, "JPEGImages/fly", "Annotations/fly", frames=12, annotated=[2, 5, 10])
    (sequence,) = find_sequences(tmp_path)
    assert len(sequence.frames) == len(sequence.annotations) == 12
    assert sequence.annotated == [2, 5, 10]
    assert sequence.annotations[5] is not None
    assert sequence.annotations[5].name == "00005.png"


def test_numbers_sort_as_numbers(tmp_path: Path) -> None:
    make_set(tmp_path, "bear")
    for folder in ("JPEGImages", "Annotations"):
        for path in sorted((tmp_path / folder / "480p" / "bear").iterdir()):
            path.rename(path.with_stem(str(4 * int(path.stem))))
    (sequence,) = find_sequences(tmp_path)
    assert [path.stem for path in sequence.frames] == ["0", "4", "8", "12", "16"]


def test_hidden_files_are_no_clips(tmp_path: Path) -> None:
    make_set(tmp_path, "bear")
    for folder in ("JPEGImages", "Annotations"):
        (tmp_path / folder / ".DS_Store").touch()
        (tmp_path / folder / "480p" / ".cache").mkdir()
        (tmp_path / folder / "480p" / "bear" / "._00000.png").touch()
    assert find_sequences(tmp_path)[0].annotated == [0, 1, 2, 3, 4]


def test_unusable_sets(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a folder"):
        find_sequences(tmp_path / "nowhere")
    with pytest.raises(InputError, match="no folder JPEGImages"):
        find_sequences(tmp_path)
    (tmp_path / "JPEGImages" / "480p").mkdir(parents=True)
    with pytest.raises(InputError, match="no folder Annotations"):
        find_sequences(tmp_path)
    (tmp_path / "Annotations").mkdir()
    with pytest.raises(InputError, match="not nothing"):
        find_sequences(tmp_path)
    (tmp_path / "Annotations" / "480p").mkdir()
    with pytest.raises(InputError, match="No sequence was found"):
        find_sequences(tmp_path)


def test_unusable_clips(tmp_path: Path) -> None:
    make_set(tmp_path, "bear")
    masks = tmp_path / "Annotations" / "480p" / "bear"
    (masks / "00004.png").rename(masks / "00009.png")
    with pytest.raises(InputError, match=r"00009\.png has no image"):
        find_sequences(tmp_path)
    for name in ("00009", "00003", "00002"):
        (masks / f"{name}.png").unlink()
    with pytest.raises(InputError, match="bear has 2 annotated frames; at least 3"):
        find_sequences(tmp_path)


@pytest.mark.skipif(not DEV.is_dir(), reason="development data is not beside the repository")
def test_development_set() -> None:
    sequences = find_sequences(DEV)
    assert [sequence.name for sequence in sequences] == ["hike", "mallard-fly", "soccerball", "tennis"]
    assert sum(len(sequence.annotated) for sequence in sequences) == 268
