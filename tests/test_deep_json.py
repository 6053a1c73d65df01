"""JSON with more brackets than Python can follow is damage like any other, wherever it is read."""

import shutil
from pathlib import Path

import pytest

from mobilevos import MobileVOSError
from mobilevos.batch.history import entries
from mobilevos.batch.options import check_same
from mobilevos.batch.store import parsed
from mobilevos.evaluation.piece_cache import PieceCache
from mobilevos.formats.names import read_names
from mobilevos.runtimes.fixed.manifest import MANIFEST, Manifest
from mobilevos.training.log import LOG, resume_log
from mobilevos.video.output_folder import OutputFolder
from mobilevos.video.sinks import read_states
from mobilevos.weights.store import model_card, model_folder

DEEP = "[" * 100_000


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
