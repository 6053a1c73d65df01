"""tools/pseudo_labels.py as it is run."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from red_teacher import save_teacher

from mobilevos.data.layouts import find

TOOL = Path(__file__).parents[3] / "tools" / "pseudo_labels.py"


def run(videos: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(TOOL), str(videos), *options], capture_output=True, text=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with videos, the teacher, and the output of a first run."""
    place = tmp_path_factory.mktemp("pseudo")
    for name, step in (("right", 2), ("empty", 0), ("left", -2)):
        (place / "videos" / name).mkdir(parents=True)
        for t in range(24):
            frame = np.full((120, 160, 3), (20, 90, 90), np.uint8)
            if step:
                x = 60 + step * (t - 12)
                frame[40:70, x : x + 30] = (240, 60, 60)
            Image.fromarray(frame).save(place / "videos" / name / f"{t:03d}.png")
    facts = {name: {"fps": 10.0, "shots": [[0, 24]]} for name in ("right", "empty", "left")}
    (place / "videos" / "clips.json").write_text(json.dumps(facts | {"dull": "still"}))
    (place / "sam").mkdir()
    save_teacher(place / "sam")
    result = run(place / "videos", "--sam", str(place / "sam"), "-o", str(place / "out"))
    assert result.returncode == 0, result.stderr
    return place


def test_clips_are_written_as_training_reads_them(made: Path) -> None:
    clips = find(made / "out").videos
    assert sorted(clip.folder.name for clip in clips) == ["left_00000", "right_00000"]
    for clip in clips:
        assert len(clip.images) == len(clip.masks) == 24
        for image, mask in zip(clip.images, clip.masks, strict=True):
            red = np.asarray(Image.open(image))[..., 0] > 128
            seen = np.asarray(Image.open(mask))
            assert np.count_nonzero(red & (seen == 1)) / np.count_nonzero(red | (seen > 0)) > 0.9


def test_the_same_command_goes_on_where_it_ended(made: Path) -> None:
    log = made / "out" / "log.jsonl"
    lines = log.read_text().splitlines()
    log.write_text("\n".join(lines[:2]) + "\n" + lines[2][:9])  # ended while it wrote
    first = (made / "out" / "Annotations" / "right_00000").stat().st_mtime_ns
    assert run(made / "videos", "--sam", str(made / "sam"), "-o", str(made / "out")).returncode == 0
    assert (made / "out" / "Annotations" / "right_00000").stat().st_mtime_ns == first
    again = run(made / "videos", "--sam", str(made / "sam"), "-o", str(made / "out"))
    assert again.returncode == 0
    assert not again.stdout
    assert not (made / "out" / ".part").exists() or not any((made / "out" / ".part").iterdir())


def test_a_folder_without_an_index_is_one_sentence(tmp_path: Path) -> None:
    result = run(tmp_path, "--sam", str(tmp_path), "-o", str(tmp_path / "out"))
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert "clips.json" in result.stderr
    assert not (tmp_path / "out").exists()
