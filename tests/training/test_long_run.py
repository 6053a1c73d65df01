"""A run without a planned end: its rate is held, branches of it decay, and nothing about it changes unnoticed."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from run_folder import assert_same_weights, fails, figures, lines, weights  # noqa: E402

from mobilevos.models import backbones  # noqa: E402
from mobilevos.models.checkpoint import save_network  # noqa: E402
from mobilevos.training import loop  # noqa: E402
from mobilevos.training.loop import Trained  # noqa: E402
from mobilevos.training.recipe import Recipe  # noqa: E402

Run = Callable[..., Trained]


def rates(out: Path) -> list[float]:
    return [row["lr"] for row in figures(out).values()]


def test_a_held_rate_and_a_branch_that_decays(run: Run, recipe: Recipe, tmp_path: Path) -> None:
    trunk, branch = tmp_path / "trunk", tmp_path / "branch"
    held = replace(recipe, schedule="hold", warmup=1 / 3)
    run(trunk, held)
    assert rates(trunk) == pytest.approx([0.5e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3])
    state = (trunk / "state.pt").read_bytes()
    decaying = replace(recipe, schedule="decay", steps=4, seed=6)
    run(branch, decaying, init=None, branch=trunk)
    assert rates(branch) == pytest.approx([1e-3, 0.75e-3, 0.5e-3, 0.25e-3])
    assert (trunk / "state.pt").read_bytes() == state
    assert any(
        not torch.equal(t, weights(trunk / "raw.safetensors")[n])
        for n, t in weights(branch / "raw.safetensors").items()
    )
    # the moments of the optimiser came along, too
    moments = [
        torch.load(out / "state.pt", weights_only=True)["parts"]["optimiser"]["state"] for out in (trunk, branch)
    ]
    assert [float(moment[max(moment)]["step"]) for moment in moments] == [6, 10]


def test_a_branch_starts_with_the_weights_of_its_trunk(run: Run, dev: Path, recipe: Recipe, tmp_path: Path) -> None:
    trunk, branch = tmp_path / "trunk", tmp_path / "branch"
    run(trunk, replace(recipe, steps=1), dev=dev)
    done = run(branch, replace(recipe, steps=1, schedule="decay"), dev=dev, init=None, branch=trunk)
    assert done.before == lines(trunk)[-1]["dev"]["JF"]


def test_what_goes_on_fetches_no_weights_to_start_from(
    run: Run, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a backbone whose ImageNet weights are not in a package."""
    create = backbones.timm.create_model

    def created(*names: str, pretrained: bool, **options: object) -> object:
        return pytest.fail("fetched") if pretrained else create(*names, pretrained=False, **options)

    monkeypatch.setattr(backbones.timm, "create_model", created)
    trunk, recipe = tmp_path / "trunk", replace(recipe, model="mobilenetv2", steps=1, schedule="hold")
    run(trunk, recipe, init="mobilenetv2")
    run(tmp_path / "branch", replace(recipe, schedule="decay"), init=None, branch=trunk)
    run(tmp_path / "branch", replace(recipe, schedule="decay"), init=None, branch=trunk)


def test_what_cannot_be_branched_off_from(run: Run, recipe: Recipe, tmp_path: Path) -> None:
    nothing, trunk = tmp_path / "nothing", tmp_path / "trunk"
    fails("holds no run to branch off from", run, tmp_path / "a", init=None, branch=nothing)
    run(trunk, replace(recipe, steps=1))
    fails("not from both", run, tmp_path / "b", branch=trunk)
    other = replace(recipe, model="mobilenetv2")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "new_student", random_student)
        fails("a run of another network", run, tmp_path / "c", other, init=None, branch=trunk)
    (trunk / "state.pt").write_bytes(b"no state")
    fails("is damaged; it cannot be branched off from", run, tmp_path / "d", init=None, branch=trunk)


def random_student(recipe: Recipe, init: str | None, teacher: Any, goes_on: bool = False) -> Any:
    from mobilevos.models import build

    return build(recipe.model)


@pytest.mark.parametrize("source", ["data", "dev", "init"])
def test_a_resumed_run_with_another_source(
    run: Run, data: Path, dev: Path, init: Path, recipe: Recipe, tmp_path: Path, source: str
) -> None:
    out = tmp_path / "run"
    run(out, replace(recipe, steps=1), dev=dev)
    before = (out / "state.pt").read_bytes()
    if source == "init":
        other = tmp_path / "other.safetensors"
        save_network(random_student(recipe, None, None), other)
        options: dict[str, Any] = {"init": str(other), "dev": dev}
    else:
        other = tmp_path / "other"
        shutil.copytree(data if source == "data" else dev, other)
        options = {"dev": other if source == "dev" else dev}
    if source == "data":
        call = lambda: loop.train(replace(recipe, steps=1), other, out, init=str(init), dev=dev)  # noqa: E731
    else:
        call = lambda: run(out, replace(recipe, steps=1), **options)  # noqa: E731
    fails(f"holds a run with another {source}; resume with the same options", call)
    assert (out / "state.pt").read_bytes() == before


def test_the_same_source_by_another_path(
    run: Run, dev: Path, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path, replace(recipe, steps=1), dev=dev)
    monkeypatch.chdir(dev)
    run(tmp_path, replace(recipe, steps=1), dev=Path("../" + dev.name))


def test_a_run_killed_while_it_is_judged_is_judged_when_resumed(
    run: Run, dev: Path, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = loop.evaluate

    def killed(sequences: Any, *_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(loop, "evaluate", killed)
    one = replace(recipe, steps=2)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, one, dev=dev, init=None)
    assert not (tmp_path / "best.safetensors").exists()
    monkeypatch.setattr(loop, "evaluate", true)
    done = run(tmp_path, one, dev=dev, init=None)
    assert done.after is not None
    assert_same_weights(tmp_path / "best.safetensors", tmp_path / "ema.safetensors")
    assert [line["step"] for line in lines(tmp_path) if "dev" in line] == [2]


def test_bfloat16_trains_to_nearly_the_same(run: Run, recipe: Recipe, tmp_path: Path) -> None:
    exact, mixed = tmp_path / "exact", tmp_path / "mixed"
    for out, precision in ((exact, "float32"), (mixed, "bfloat16")):
        run(out, replace(recipe, steps=4, precision=precision))
    for step, row in figures(exact).items():
        assert figures(mixed)[step]["loss"] == pytest.approx(row["loss"], rel=0.1), step
    assert {t.dtype for t in weights(mixed / "raw.safetensors").values() if t.is_floating_point()} == {torch.float32}
