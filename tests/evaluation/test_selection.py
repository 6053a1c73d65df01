"""The ruler with real trackers on pieces of the sample clip."""

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import selection as command
from candidates import open_candidate
from davis_layout import write_clip

from mobilevos.engine.modes import MODES
from mobilevos.errors import InputError, ModelNotFound
from mobilevos.evaluation import Score, evaluate
from mobilevos.evaluation.paired import Difference
from mobilevos.evaluation.piece_cache import PieceCache
from mobilevos.evaluation.pieces import cut
from mobilevos.evaluation.selection import Candidate, ClipResult, Selection, by_folder, select
from mobilevos.tracker import Tracker


@pytest.fixture(scope="module")
def sea(tmp_path_factory: pytest.TempPathFactory, sample_frames: list[np.ndarray], sample_truth: np.ndarray) -> Path:
    """Two clips: 40 frames give two pieces, 6 give one and count a quarter."""
    root = tmp_path_factory.mktemp("sets") / "sea"
    write_clip(root, "reef", sample_truth[:40], sample_frames[:40])
    write_clip(root, "sand", sample_truth[40:46], sample_frames[40:46])
    return root


def no_tracker() -> Tracker:
    raise AssertionError("the score is known")


def test_pieces_run_through_the_tracker(sea: Path) -> None:
    coarse, small = open_candidate("lite0:fast"), open_candidate("lite0:64")
    seen: list[tuple[int, int]] = []
    found = select(by_folder([sea]), [coarse, small], progress=lambda *at: seen.append(at))
    assert seen == [(done, 6) for done in range(1, 7)]
    reef, sand = found.clips
    assert (reef.weight, len(reef.pieces["lite0:64"])) == (1, 2)
    assert (sand.weight, len(sand.pieces["lite0:64"])) == (0.25, 1)
    pieces = cut(by_folder([sea])["sea"][0])
    assert reef.pieces["lite0:64"] == [evaluate([piece], small.new_tracker).overall for piece in pieces]
    assert found.difference("lite0:64").mean < 0  # half the size sees less
    assert json.loads(json.dumps(found.to_dict())) == found.to_dict()
    assert select(by_folder([sea]), [coarse, small]).to_dict() == found.to_dict()


def test_means_and_differences() -> None:
    def clip(folder: str, weight: float, first: list[float], second: list[float]) -> ClipResult:
        pieces = {"a": [Score(x, x) for x in first], "b": [Score(x, x) for x in second]}
        return ClipResult(folder, f"clip{weight}", weight, pieces)

    found = Selection(
        ("a", "b"), (clip("one", 1, [80, 90], [90, 100]), clip("one", 0.25, [50], [40]), clip("two", 1, [10], [12])), 10
    )
    assert found.mean("a", "one") == (85 + 0.25 * 50) / 1.25
    assert found.mean("b") == (95 + 0.25 * 40 + 12) / 2.25
    assert found.difference("b") == Difference.of([10, -10, 2], [1, 0.25, 1])
    assert found.difference("b", "two") == Difference(2, None)
    assert command.table(found) == [
        ["one/clip1", "2", "1", "85.0", "95.0", "+10.0"],
        ["one/clip0.25", "1", "0.25", "50.0", "40.0", "-10.0"],
        ["two/clip1", "1", "1", "10.0", "12.0", "+2.0"],
        ["one", "3", "1.25", "78.0", "84.0", command.shown(found.difference("b", "one"))],
        ["two", "1", "1", "10.0", "12.0", "+2.0 ± ?, no difference"],
        ["all", "4", "2.25", "47.8", "52.0", command.shown(found.difference("b"))],
    ]


def test_cached_scores_are_not_measured_again(sea: Path, tmp_path: Path) -> None:
    folders = by_folder([sea])
    path = tmp_path / "scores.json"
    tiny = open_candidate("lite0:64")
    first = select(folders, [tiny], every=20, cache=PieceCache(path))
    again = select(folders, [Candidate("x", no_tracker, tiny.key)], every=20, cache=PieceCache(path))
    assert again.mean("x") == first.mean("lite0:64")
    with pytest.raises(AssertionError):
        select(folders, [Candidate("x", no_tracker, "of other weights")], every=20, cache=PieceCache(path))
    with pytest.raises(AssertionError):
        select(folders, [Candidate("x", no_tracker)], every=20, cache=PieceCache(path))


def test_a_changed_mask_is_measured_again(tmp_path: Path, sample_truth: np.ndarray) -> None:
    write_clip(tmp_path / "sea", "reef", sample_truth[:4])
    tiny, cache = open_candidate("lite0:64"), PieceCache(tmp_path / "scores.json")
    select(by_folder([tmp_path / "sea"]), [tiny], cache=cache)
    masks = sorted(tmp_path.glob("sea/Annotations/480p/reef/*.png"))
    masks[2].write_bytes(masks[1].read_bytes())
    with pytest.raises(AssertionError):
        select(by_folder([tmp_path / "sea"]), [Candidate("x", no_tracker, tiny.key)], cache=cache)


def test_two_processes_share_a_cache(tmp_path: Path) -> None:
    one, other = PieceCache(tmp_path / "scores.json"), PieceCache(tmp_path / "scores.json")
    one.put("a", Score(1, 2))
    other.put("b", Score(3, 4))
    kept = PieceCache(tmp_path / "scores.json")
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (Score(1, 2), Score(3, 4), None)


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1}', '{"a": {"J": 1}}'])
def test_a_file_that_is_no_cache(tmp_path: Path, text: str) -> None:
    (tmp_path / "scores.json").write_text(text)
    with pytest.raises(InputError, match="no file of piece scores"):
        PieceCache(tmp_path / "scores.json")


def test_candidates_depend_on_weights_and_size(lively_network: Callable[[str], Any], tmp_path: Path) -> None:
    from mobilevos.models.checkpoint import save_network

    assert open_candidate("lite0").key == open_candidate("lite0:best").key
    assert open_candidate("lite0").key == open_candidate(f"lite0:{MODES['best'].size}").key
    assert open_candidate("lite0").key != open_candidate(f"lite0:{MODES['best'].enlarged}").key
    assert open_candidate("lite0").key != open_candidate("lite0:balanced").key
    assert open_candidate("lite0").key != open_candidate("resnet18").key
    save_network(lively_network("lite0"), tmp_path / "a:b.safetensors")
    assert f"size={MODES['fast'].size}," in str(open_candidate(f"{tmp_path}/a:b.safetensors:fast").key)


def test_weights_from_training_give_pytorchs_masks(
    lively_network: Callable[[str], Any], tmp_path: Path, sample_frames: list[np.ndarray], sample_truth: np.ndarray
) -> None:
    from mobilevos.models.checkpoint import save_network

    path = tmp_path / "net.safetensors"
    save_network(lively_network("lite0"), path)
    trackers = [open_candidate(f"{path}:96").new_tracker(), Tracker(str(path), threads=1, size=96)]
    labels = []
    for tracker in trackers:
        tracker.start(sample_frames[0], sample_truth[0])
        labels.append(tracker.step(sample_frames[1]))
    assert (labels[0] == labels[1]).mean() > 0.99


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("lite9", ModelNotFound, "no model 'lite9'"),
        ("lite0:quick", ModelNotFound, "no model 'lite0:quick'"),
        ("lite0:5", InputError, "internal size is 5"),
        ("missing.safetensors", ModelNotFound, "does not exist"),
    ],
)
def test_unknown_candidates(text: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        open_candidate(text)


def test_nothing_to_compare(sea: Path, tmp_path: Path, sample_truth: np.ndarray) -> None:
    folders = by_folder([sea])
    candidate = Candidate("x", no_tracker)
    for candidates in ([], [candidate, candidate]):
        with pytest.raises(InputError, match="different candidates"):
            select(folders, candidates)
    with pytest.raises(InputError, match="no sequence"):
        select({}, [candidate])
    with pytest.raises(InputError, match="one or more folders"):
        by_folder([])
    write_clip(tmp_path, "rare", sample_truth[:40])
    for index in set(range(40)) - {0, 20, 39}:
        (tmp_path / "Annotations" / "480p" / "rare" / f"{index:05d}.png").unlink()
    with pytest.raises(InputError, match="No piece of sequence rare"):
        select(by_folder([tmp_path]), [candidate])


def test_folders_of_the_same_name(sea: Path, tmp_path: Path, sample_truth: np.ndarray) -> None:
    write_clip(tmp_path / "sea", "reef", sample_truth[:3])
    assert list(by_folder([sea, tmp_path / "sea"])) == [str(sea), str(tmp_path / "sea")]


def test_command(sea: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = partial(command.main, sea, candidates=("lite0:64", "lite0:80"), every=20, cache=tmp_path / "scores.json")
    run(as_json=True)
    printed = json.loads(capsys.readouterr().out)
    assert printed["baseline"] == "lite0:64"
    assert printed["all"]["differences"]["lite0:80"]["verdict"] in ("better", "worse", "no difference")
    run()
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["A = lite0:64", "B = lite0:80", "| clip | pieces | weight | A | B | B - A |"]
    assert len(lines) == 8


@pytest.mark.parametrize("arguments", [["nowhere", "--candidates", "lite0"], ["--candidates", "lite0"]])
def test_a_mistake_is_one_sentence(tmp_path: Path, arguments: list[str]) -> None:
    script = Path(str(command.__file__)).absolute()
    done = subprocess.run([sys.executable, script, *arguments], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert not done.stdout
    assert len(done.stderr.splitlines()) == 1
