"""Fine-tuning as docs/training.md says, command by command, with a short run."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from PIL import Image

from command import mobilevos
from mobilevos import sample
from mobilevos.video.masks import palette_image

PAGE = Path(__file__).parents[2] / "docs" / "training.md"
SHORT = "--steps 2 --batch 1 --size 64 --workers 0"


@pytest.mark.slow
def test_the_page_is_enough(tmp_path: Path) -> None:
    for clip, mask in (("clip.mp4", "first.png"), ("other.mp4", "other-first.png")):
        shutil.copy(sample.clip_path(), tmp_path / clip)
        palette_image(next(iter(sample.truth()))).save(tmp_path / mask)
    section = PAGE.read_text().split("\n## ")[1]
    commands = [line.strip() for line in section.splitlines() if re.match(r" *mobilevos ", line)]
    assert len(commands) == 8
    for command in commands:
        done = mobilevos(*shlex.split(command.replace("--steps 2000", SHORT))[1:], cwd=tmp_path)
        assert done.returncode == 0, f"{command}: {done.stderr}"
    with Image.open(tmp_path / "preview.png") as preview:
        preview.load()
    assert len(list((tmp_path / "with-mine" / "masks").glob("*.png"))) == 56
