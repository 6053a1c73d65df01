"""Projects of the page as masks for segment."""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mobilevos import Tracker, sample
from mobilevos.errors import InputError
from mobilevos.segment import segment
from mobilevos.video.project_file import ProjectFile


def runs_of(labels: np.ndarray) -> list[int]:
    flat = labels.ravel()
    starts = np.flatnonzero(np.diff(flat, prepend=flat[0] + 1))
    lengths = np.diff(np.append(starts, flat.size))
    return np.stack([lengths, flat[starts]], axis=1).ravel().tolist()


def write(path: Path, masks: list[dict[str, Any]], size: tuple[int, int] = (480, 270), **changes: Any) -> Path:
    head = {"format": "mobilevos project", "version": 1, "video": {"width": size[0], "height": size[1]}}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.json", json.dumps({**head, "masks": masks, **changes}))
    return path


def test_given_masks_are_read_and_found_ones_are_not(tmp_path):
    truth = sample.truth()
    masks = [{"frame": i, "given": given, "runs": runs_of(truth[i])} for i, given in ((7, True), (1, False), (0, True))]
    project = ProjectFile(write(tmp_path / "p.mobilevos", masks))
    assert project.frames == [0, 7]
    assert np.array_equal(project[7], truth[7])
    assert project.objects(0) == [1, 2]


def test_segment_starts_from_a_project_and_takes_its_corrections(tmp_path):
    truth = sample.truth()
    masks = [{"frame": i, "given": True, "runs": runs_of(truth[i])} for i in (2, 4)]
    project = write(tmp_path / "p.mobilevos", masks)
    segment(sample.clip_path(), project, tmp_path / "out", tracker=Tracker(mode="fast"), outputs=["masks"])
    assert not (tmp_path / "out" / "masks" / "00001.png").exists()
    assert np.array_equal(np.array(Image.open(tmp_path / "out" / "masks" / "00004.png")), truth[4])


@pytest.mark.parametrize(
    ("masks", "changes"),
    [
        ([{"frame": 0, "given": True, "runs": [5, 1]}], {}),
        ([{"frame": 0, "given": True, "runs": [480 * 270, 256]}], {}),
        ([{"frame": 0, "given": True, "runs": [480 * 270 + 1, 0, -1, 1]}], {}),
        ([{"frame": 0, "given": True, "runs": "x"}], {}),
        ([{"frame": "one"}], {}),
        ([], {"version": 2}),
        ([], {"format": "another"}),
        ([], {"video": None}),
    ],
)
def test_what_is_no_project_is_one_sentence(tmp_path, masks, changes):
    with pytest.raises(InputError, match=r"p\.mobilevos (is damaged|was saved by a newer)"):
        ProjectFile(write(tmp_path / "p.mobilevos", masks, **changes))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no archive"])
def test_a_damaged_archive_is_one_sentence(tmp_path, content):
    (tmp_path / "p.mobilevos").write_bytes(content)
    with pytest.raises(InputError, match="damaged"):
        ProjectFile(tmp_path / "p.mobilevos")


def test_a_project_of_another_size_is_refused(tmp_path):
    project = write(tmp_path / "p.mobilevos", [{"frame": 0, "given": True, "runs": [16, 1]}], size=(4, 4))
    with pytest.raises(InputError, match=r"p\.mobilevos"):
        segment(sample.clip_path(), project, tmp_path / "out", tracker=Tracker(mode="fast"))
