"""Two processes, started by torchrun, train as one does on the same batch."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from run_folder import figures, lines  # noqa: E402
from team_member import RECIPE, SPLIT, STEPS, norms, sample  # noqa: E402

from mobilevos.data.mix import ClipMix  # noqa: E402
from mobilevos.training.recipe import Distillation  # noqa: E402
from mobilevos.training.team import Share, Team  # noqa: E402
from waiting import PATIENCE  # noqa: E402


@pytest.fixture(scope="module")
def team(data: Path, teacher: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, list[dict[str, Any]]]:
    """The folder that two processes worked in, what they printed, and what each of them found."""
    out = tmp_path_factory.mktemp("team")
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    script = Path(__file__).with_name("team_member.py")
    done = subprocess.run(
        [sys.executable, *torchrun, str(script), str(data), str(teacher), str(out)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Warning" not in done.stderr
    return out, done.stdout, [torch.load(out / f"{rank}.pt") for rank in (0, 1)]


Members = tuple[Path, str, list[dict[str, Any]]]


@pytest.mark.slow
def test_the_run_equals_that_of_one_process(team: Members, data: Path, teacher: Path, run: Any, tmp_path: Path) -> None:
    out, _, _ = team
    torch.manual_seed(0)
    alone = run(tmp_path, replace(RECIPE, distillation=Distillation(str(teacher))), init=None).weights.parent
    together, expected = figures(out / "run"), figures(alone)
    assert list(together) == list(expected) == list(range(1, STEPS + 1))
    for step, row in together.items():
        del row["iou"], expected[step]["iou"]  # its mean over clips is not that over the pixels of all
        assert {"loss", "segmentation", "representation", "logits"} <= row.keys()
        assert row == pytest.approx(expected[step], rel=1e-5), step
    ours, theirs = (torch.load(folder / "state.pt", weights_only=True)["parts"] for folder in (out / "run", alone))
    for part in ("network", "ema"):
        assert ours[part].keys() == theirs[part].keys()
        apart = torch.cat([((t - theirs[part][n]).abs() / (1 + t.abs())).flatten() for n, t in ours[part].items()])
        # Adam takes a full step even where a gradient is next to nothing, so that rounding decides its sign.
        assert (apart > 1e-4).float().mean() < 5e-4
        assert apart.max() < 2 * STEPS * RECIPE.learning_rate  # such steps, all of them in opposite directions


def test_the_clips_were_worth_splitting(data: Path) -> None:
    """Objects are spread unevenly, so that a mean of means over processes would be another loss."""
    mix = ClipMix.from_folder(data, seed=RECIPE.seed, real_fraction=0.0, size=64)
    objects = [len(mix.draw(number).objects) for number in range(4 * STEPS)]
    assert set(objects) == {1, 2}
    assert any(sum(objects[s : s + 2]) != sum(objects[s + 2 : s + 4]) for s in range(0, 4 * STEPS, 4))


def test_one_process_writes_and_reports(team: Members) -> None:
    out, printed, (first, second) = team
    names = ["ema.safetensors", "log.jsonl", "raw.safetensors", "state.pt"]
    assert sorted(path.name for path in (out / "run").iterdir()) == names
    assert len(lines(out / "run")) == STEPS
    assert json.loads(printed) == {"weights": str(out / "run/ema.safetensors"), "before": None, "after": None}
    assert first["run"][0] == second["run"][0] == 0
    assert f"{STEPS}/{STEPS}" not in second["run"][1]


def test_a_batch_that_cannot_be_split(team: Members) -> None:
    out, _, members = team
    for member in members:
        code, said = member["odd"]
        assert code == 2
        assert said == "mobilevos: 3 clips cannot be split over 2 processes; make it a multiple.\n"
    assert not (out / "odd").exists()


def test_every_process_names_the_clip_whose_loss_is_not_a_number(team: Members) -> None:
    out, _, members = team
    for member in members:
        assert member["culprit"].startswith("The loss is not a number at step 0, in clip 3; ")
    assert list((out / "poisoned").iterdir()) == []


def test_batch_norm_takes_the_whole_batch(team: Members) -> None:
    _, _, members = team
    first, second = (member["normalised"] for member in members)
    network, (x, wanted) = norms(), sample()
    x.requires_grad_(True)
    y = network(x)
    (y * wanted).sum().backward()
    for name, whole in (("y", y), ("gradient of x", x.grad)):
        joined = torch.cat([first[name], second[name]])
        assert len(first[name]) == SPLIT
        torch.testing.assert_close(joined, whole, rtol=1e-3, atol=1e-3, msg=lambda text, name=name: f"{name}: {text}")
    for name, parameter in network.named_parameters():
        torch.testing.assert_close(first[f"gradient of {name}"], parameter.grad / 2, rtol=1e-3, atol=1e-3)
    for name, tensor in network.state_dict().items():
        torch.testing.assert_close(first[name], tensor)
    assert first["0.running_var"].min() > 0.9
    for name in (first.keys() & second.keys()) - {"y", "gradient of x"}:
        assert torch.equal(first[name], second[name]), name


def test_shares_make_up_the_batches() -> None:
    shares = [Team(rank, 3).share(None, 6) for rank in range(3)]  # type: ignore[arg-type]
    assert [share.count for share in shares] == [2, 2, 2]
    numbers = [[share.number(index) for share in shares for index in (2 * step, 2 * step + 1)] for step in range(3)]
    assert numbers == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11], [12, 13, 14, 15, 16, 17]]
    assert [Share(None, 0, 4, 4).number(index) for index in range(9)] == list(range(9))  # type: ignore[arg-type]


def test_one_process_is_a_team_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    team = Team.join()
    assert team == Team(0, 1)
    assert team.leads
    assert team.gather([3, 4]) == [3, 4]
    assert team.average({"loss": 2.5}) == {"loss": 2.5}
