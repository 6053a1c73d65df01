"""Folders and patterns of images: order, names, orientation, damage. Refusals are in test_reader.py."""

from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from mobilevos.errors import InputError
from mobilevos.video.reader import open_frames

HEIGHT, WIDTH = 48, 64


def save_frames(folder: Path, names: list[str], size: tuple[int, int] = (WIDTH, HEIGHT)) -> Path:
    folder.mkdir()
    for index, name in enumerate(names):
        Image.new("RGB", size, (index * 20, 0, 0)).save(folder / name)
    return folder


def test_folder_comes_in_natural_order_with_its_own_stems(tmp_path: Path) -> None:
    folder = save_frames(tmp_path / "clip", ["f2.png", "f10.png", "f1.webp", "f0003.bmp"])
    (folder / "notes.txt").write_text("not a frame")
    (folder / ".hidden.png").write_text("not a frame")
    source = open_frames(folder)
    assert [source.stem(i) for i in range(4)] == ["f1", "f2", "f0003", "f10"]
    assert (source.name, source.fps, source.frame_count) == ("clip", Fraction(24), 4)
    assert [round(f[0, 0, 0] / 20) for f in source] == [2, 0, 3, 1]


def test_glob_picks_frames(tmp_path: Path) -> None:
    folder = save_frames(tmp_path / "clip", ["left1.png", "left2.png", "right1.png"])
    source = open_frames(f"{folder}/left*.png")
    assert [source.stem(i) for i in range(len(list(source)))] == ["left1", "left2"]
    assert source.name == "clip"


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_exif_orientation_is_applied(tmp_path: Path, suffix: str) -> None:
    folder = tmp_path / "clip"
    folder.mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (WIDTH, HEIGHT)).save(folder / f"0{suffix}", exif=exif)
    source = open_frames(folder)
    assert source.size == (WIDTH, HEIGHT)
    assert next(iter(source)).shape == (WIDTH, HEIGHT, 3)


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_image_damaged_inside_is_refused_when_its_turn_comes(tmp_path: Path, suffix: str) -> None:
    """Opening the folder does not decode it."""
    folder = save_frames(tmp_path / "clip", ["0.png"])
    damaged = folder / f"1{suffix}"
    Image.effect_noise((WIDTH, HEIGHT), 80).save(damaged)
    damaged.write_bytes(damaged.read_bytes()[: damaged.stat().st_size // 2])
    frames = iter(open_frames(folder))
    next(frames)
    with pytest.raises(InputError, match=rf"1\{suffix} is not a readable image"):
        next(frames)


@pytest.mark.parametrize("name", ["Clip [final]", "a[1]", "[ab]", "~"])
def test_the_name_of_a_folder_is_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    save_frames(tmp_path / name, ["1.png", "2.png", "x[3].png"])
    for pattern, stems in {
        f"{name}/*.png": ["1", "2", "x[3]"],
        f"{name}/[12].png": ["1", "2"],
        str(tmp_path / name / "?.png"): ["1", "2"],
        f"{name}/x[[]3*": ["x[3]"],
        f"{name}/x[3]*": ["x[3]"],
    }.items():
        source = open_frames(pattern)
        assert [source.stem(index) for index in range(source.frame_count or 0)] == stems
    assert open_frames(name).frame_count == 3


def test_patterns_of_folders_and_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("take 1", "take 2"):
        save_frames(tmp_path / name, [f"{name[-1]}.png"])
    for pattern in ("~/take */*.png", f"{tmp_path}/take [12]/*.png"):
        source = open_frames(pattern)
        assert [source.file_name(index) for index in range(2)] == ["take 1/1.png", "take 2/2.png"]
    assert open_frames("~/take 1").file_name(0) == "1.png"
