"""Annotators' files with flipped bytes, and with numbers that say something absurd."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from format_scenes import scene, write

import flipping
from flipping import mutated, mutated_text, survives
from mobilevos.errors import InputError
from mobilevos.formats.given import open_marks
from mobilevos.video import rle
from mobilevos.video.project_file import ProjectFile

WRITTEN = ["coco", "rle", "youtube-vis", "cvat", "cvat-polygons", "labelme", "labelme-polygons", "label-studio", "mots"]


def read_all(path: Path) -> None:
    for mask in open_marks(path, None).masks.values():
        mask.read()


def project(path: Path, size: tuple[int, int] = (4, 6), runs: list[int] | None = None) -> Path:
    """A project with one mask, as the page saves it."""
    mask = {"frame": 0, "given": True, "runs": [10, 0, 14, 1] if runs is None else runs}
    video = {"height": size[0], "width": size[1]}
    text = json.dumps({"format": "mobilevos project", "version": 1, "video": video, "masks": [mask]})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.json", text)
    return path


@pytest.mark.skipif(not flipping.memory("VmHWM"), reason="the system does not tell how much memory is used")
def test_what_is_refused_is_watched_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flipping, "MOST_MEMORY", 64 << 20)

    def greedy() -> None:
        assert len(b"x" * (128 << 20)) > 0
        raise InputError("This is refused.")

    with pytest.raises(AssertionError):
        survives(tmp_path / "a.json", b"[1]", greedy, 1)


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITTEN)
def test_annotations(tmp_path: Path, name: str) -> None:
    path, _ = write(name, tmp_path, scene(), pictures=name.startswith("labelme"))
    file = path if path.is_file() else sorted(path.glob("*.json"))[0]
    survives(file, file.read_bytes(), lambda: read_all(path), 80, mutated_text)


@pytest.mark.slow
def test_archives(tmp_path: Path) -> None:
    xml, _ = write("cvat", tmp_path, scene())
    path = tmp_path / "task.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(xml, "annotations.xml")
    survives(path, path.read_bytes(), lambda: read_all(path), 80)


@pytest.mark.slow
@pytest.mark.parametrize("change", [mutated, mutated_text])
def test_projects(tmp_path: Path, change: Callable[[bytes, int], bytes]) -> None:
    """The archive's bytes, and the text in it."""
    path = project(tmp_path / "work.mobilevos")
    if change is mutated:
        survives(path, path.read_bytes(), lambda: read_all(path), 80)
        return
    text, content = tmp_path / "project.json", zipfile.ZipFile(path).read("project.json")

    def packed() -> None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(text, "project.json")
        read_all(path)

    survives(text, content, packed, 80, change)


@pytest.mark.parametrize("side", [20_000, 10**6, 10**12])
def test_frames_that_no_memory_holds(tmp_path: Path, side: int) -> None:
    """They are refused before anything of their size is made."""
    with pytest.raises(InputError, match="pixels"):
        rle.decode({"size": [side, side], "counts": [side * side]})
    with pytest.raises(InputError, match=r"pixels|damaged"):
        ProjectFile(project(tmp_path / "a.mobilevos", (side, side), [side * side, 1]))
    path, _ = write("cvat", tmp_path, scene())
    path.write_text(
        path.read_text().replace('height="40"', f'height="{side}"').replace('width="60"', f'width="{side}"')
    )
    with pytest.raises(InputError, match="pixels"):
        open_marks(path, None)


def test_runs_whose_sum_begins_anew(tmp_path: Path) -> None:
    """Of a project: 2**64 and 24 are 24 in 64 bits."""
    runs = [1 << 62, 0, 1 << 62, 1, 1 << 62, 0, (1 << 62) + 24, 1]
    with pytest.raises(InputError, match="damaged"):
        ProjectFile(project(tmp_path / "a.mobilevos", (4, 6), runs))


@pytest.mark.parametrize("text", ["[" * 100_000, '{"images": ' * 100_000, "NaN", '"\\ud800"', "\0", "\ufeff{}"])
def test_text_that_is_hard_on_parsers(tmp_path: Path, text: str) -> None:
    path = tmp_path / "masks.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError):
        open_marks(path, None)
    with zipfile.ZipFile(tmp_path / "a.mobilevos", "w") as archive:
        archive.writestr("project.json", text)
    with pytest.raises(InputError):
        open_marks(tmp_path / "a.mobilevos", None)


def test_xml_that_grows(tmp_path: Path) -> None:
    """Entities within entities."""
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    path = tmp_path / "cvat.xml"
    path.write_text(f'<!DOCTYPE a [<!ENTITY a0 "{"x" * 100}">{levels}]><annotations>&a11;</annotations>')
    with pytest.raises(InputError):
        open_marks(path, None)


@pytest.mark.parametrize("head", ['<?xml version="1.0" encoding="utf-99"?>', '<?xml version="1.0" encoding="gbk"?>'])
def test_xml_in_unknown_letters(tmp_path: Path, head: str) -> None:
    path = tmp_path / "cvat.xml"
    path.write_text(f"{head}<annotations/>")
    with pytest.raises(InputError):
        open_marks(path, None)


def test_whole_frames_are_read(tmp_path: Path) -> None:
    """The largest that video has: 16K."""
    size = (8640, 15360)
    assert rle.decode({"size": [*size], "counts": [size[0] * size[1]]}).shape == size
    found = ProjectFile(project(tmp_path / "a.mobilevos", size, [size[0] * size[1], 1]))[0]
    assert np.unique(found).tolist() == [1]
