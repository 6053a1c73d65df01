"""The ablation command: differences are taken seed by seed and clip by clip; what is done is not repeated."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")

from mobilevos.evaluation.scores import Score
from mobilevos.evaluation.selection import ClipResult
from mobilevos.training.recipe import Recipe

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def test_gains_are_paired_by_seed_and_clip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    import ablation

    runs = [one for one in ablation.runs(Recipe(), "lite0", 2, 20, 0) if one.variant != ablation.CONTRASTIVE]
    scores = {(ablation.PLAIN, 0): (50, 60), (ablation.PLAIN, 1): (70, 80)}
    scores |= {(ablation.BOTH, seed): (a + 1, b + 3) for (_, seed), (a, b) in scores.items()}
    clips = [
        ClipResult(
            "dev", str(place), 1.0, {one.point(4): [_score(scores[one.variant, one.seed][place])] for one in runs}
        )
        for place in (0, 1)
    ]
    ends, way = ablation.report(runs, clips).split("\n\n")
    assert "| no teacher | 2 | 65.0 |  |" in ends
    assert re.search(r"\| both terms, omega 0.95 \| 2 \| 67.0 \| \+2.0 ± 0.7, better \|", ends)
    assert "| no teacher |  |  |  | 65.0 |" in way  # no weights were kept on the way


def test_the_teacher_is_all_that_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    import ablation

    runs = list(ablation.runs(Recipe(batch=8), "lite0", 2, 80, 40))
    assert len(runs) == 2 * 3 + 6
    assert len({one.name for one in runs}) == len(runs)
    for one in runs:
        assert one.recipe.steps * 8 == one.clips
        assert one.recipe.seed == one.seed
        assert (one.recipe.distillation is None) == (one.variant == ablation.PLAIN)


@pytest.mark.slow
def test_one_command_writes_the_table(data: Path, dev: Path, init: Path, tmp_path: Path) -> None:
    command = [sys.executable, BENCHMARKS / "ablation.py", dev, "--data", data, "--init", init, "--teacher", init]
    command += ["--out", tmp_path / "runs", "--seeds", "1", "--clips", "8", "--finer-clips", "0", "--threads", "1"]

    def run() -> dict[Path, int]:
        subprocess.run(command, check=True, capture_output=True, timeout=600)
        return {path: path.stat().st_mtime_ns for path in tmp_path.rglob("state.pt")}

    states = run()
    assert len(states) == 3
    text = (tmp_path / "runs" / "table.md").read_text()
    assert "| no teacher | 1 |" in text
    assert "| both terms, omega 0.95 | 1 |" in text
    assert run() == states


def _score(percent: float) -> Score:
    return Score(percent, percent)
