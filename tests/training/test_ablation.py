"""The ablation command: differences are taken seed by seed, and runs that are done are not repeated."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("torch")

from mobilevos.training.recipe import Recipe


@pytest.fixture(scope="module")
def ablation() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ablation", Path(__file__).parents[2] / "benchmarks" / "ablation.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_gains_are_paired_by_seed(ablation: ModuleType) -> None:
    plain = [ablation.Scores(segments, 70) for segments in (60.0, 70.0)]
    distilled = [ablation.Scores(segments, 71) for segments in (61.0, 73.0)]
    rows = ablation.table({ablation.PLAIN: plain, ablation.HEADLINE: distilled}).splitlines()
    assert rows[2] == "| no teacher | 2 | 65.0 ± 7.1 |  | 70.0 ± 0.0 |"
    assert rows[3] == "| both terms, omega 0.95 | 2 | 67.0 ± 8.5 | +2.0 ± 1.4 | 71.0 ± 0.0 |"


def test_one_command_writes_the_table(
    ablation: ModuleType, data: Path, dev: Path, init: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = ablation.variants

    def few(recipe: Recipe, teacher: str) -> dict[str, Recipe]:
        rows = every(recipe, teacher)
        return {name: rows[name] for name in (ablation.PLAIN, ablation.FEATURES, ablation.HEADLINE)}

    monkeypatch.setattr(ablation, "variants", few)
    report = tmp_path / "ablation.md"

    def run() -> None:
        ablation.main(
            data=data,
            dev=dev,
            init=str(init),
            teacher=str(init),
            model="lite0",
            out=tmp_path / "runs",
            report=report,
            seeds=1,
            steps=1,
            threads=1,
        )

    run()
    text = report.read_text()
    assert "| no teacher | 1 |" in text
    assert "| both terms, omega 0.95 | 1 |" in text
    assert "1 steps of 4 clips" in text
    states = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("state.pt")}
    assert len(states) == 3
    run()
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("state.pt")} == states
