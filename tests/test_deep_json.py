"""JSON with more brackets than Python can follow is damage like any other, wherever it is read."""

import re
import shutil
from pathlib import Path

import pytest

from mobilevos import MobileVOSError, json_text
from mobilevos.batch.history import entries
from mobilevos.batch.options import check_same
from mobilevos.batch.store import parsed
from mobilevos.evaluation.piece_cache import PieceCache
from mobilevos.formats.names import read_names
from mobilevos.json_text import parse_json
from mobilevos.runtimes.fixed.manifest import MANIFEST, Manifest
from mobilevos.training.log import LOG, resume_log
from mobilevos.video.output_folder import OutputFolder
from mobilevos.video.sinks import read_states
from mobilevos.weights.store import model_card, model_folder

DEEP = "[" * 100_000


@pytest.mark.parametrize("text", [DEEP, DEEP.encode()])
def test_what_cannot_be_followed_is_a_bad_value(text: str | bytes) -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        parse_json(text)


def test_all_json_is_read_in_one_place() -> None:
    """But for the tables of the engine, which are part of it."""
    package = Path(json_text.__file__).parent
    sources = [path for path in package.rglob("*.py") if path.parent != package / "engine"]
    assert [path.name for path in sources if re.search(r"\bjson\.loads?\b", path.read_text())] == ["json_text.py"]


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    path = tmp_path / "deep.json"
    path.write_text(DEEP)
    return path


@pytest.mark.parametrize("name", ["network.json", "card.json"])
def test_models(tmp_path: Path, name: str) -> None:
    shutil.copytree(model_folder("lite0"), tmp_path / "model")
    (tmp_path / "model" / name).write_text(DEEP)
    with pytest.raises(MobileVOSError, match="damaged"):
        model_card(tmp_path / "model")


def test_what_users_give(deep: Path) -> None:
    deep.with_name(MANIFEST).write_text(DEEP)
    for read in (
        lambda: read_names(deep),
        lambda: check_same(DEEP, {}, "out"),
        lambda: Manifest.load(deep.parent),
        lambda: PieceCache(deep),
    ):
        with pytest.raises(MobileVOSError):
            read()


def test_what_earlier_runs_left(deep: Path) -> None:
    assert read_states(deep) == {}
    assert list(entries([DEEP.encode()])) == []
    assert parsed(DEEP.encode()) is None
    deep.with_name(LOG).write_text(DEEP)
    assert resume_log(deep.parent, 0) == {}
    deep.with_name("summary.json").write_text(DEEP)
    OutputFolder(deep.parent, [], {"overlay.mp4": False}).clear()
