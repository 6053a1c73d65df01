"""A loss that is not a number stops the run, names the clip to look at, and leaves the last good state."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from poison import overflow, poisoned  # noqa: E402
from run_folder import assert_same_weights, figures, weights  # noqa: E402

from mobilevos.training import objectives  # noqa: E402
from mobilevos.training.loop import NotFinite, Trained  # noqa: E402
from mobilevos.training.objectives import Clips  # noqa: E402
from mobilevos.training.recipe import Recipe  # noqa: E402

Run = Callable[..., Trained]


def test_the_clip_is_named_and_the_run_can_go_on(
    run: Run, draw: Callable[..., Clips], taught: Recipe, straight: Path, tmp_path: Path
) -> None:
    """Batch norm spreads the poison over the whole batch, so every prediction of the step is not a number."""
    words = rf"at step 4, in clip 9; {tmp_path} keeps the last good state\.$"
    with poisoned(draw(9).frames[0, 1], overflow), pytest.raises(NotFinite, match=words):
        run(tmp_path, taught)
    assert sorted(figures(tmp_path)) == [1, 2, 3, 4]
    for name in ("ema.safetensors", "raw.safetensors"):
        assert all(tensor.isfinite().all() for tensor in weights(tmp_path / name).values())
    assert torch.load(tmp_path / "state.pt", weights_only=True)["step"] == 3
    run(tmp_path, taught)
    assert sorted(figures(tmp_path)) == sorted(figures(straight))
    assert_same_weights(tmp_path / "ema.safetensors", straight / "ema.safetensors")


def test_a_gradient_that_is_not_a_number(run: Run, draw: Callable[..., Clips], tmp_path: Path) -> None:
    """The loss is a number, so no clip is the culprit; the weights do not take the step."""
    root = poisoned(draw(3).frames[0, 1], lambda key: key + (key - key).sqrt())
    with root, pytest.raises(NotFinite, match="at step 1, in clips 2, 3; "):
        run(tmp_path, save_every=1)
    assert torch.load(tmp_path / "state.pt", weights_only=True)["step"] == 1
    assert sorted(figures(tmp_path)) == [1]


def test_a_loss_that_breaks_for_all(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = objectives.segmentation_loss, iter(range(1000))

    def breaks(*args: Any) -> Any:
        return real(*args) * (float("nan") if next(calls) >= 4 else 1)  # two frames a step: the third step

    monkeypatch.setattr(objectives, "segmentation_loss", breaks)
    with pytest.raises(NotFinite, match=r"not a number at step 2, in clips 4, 5; .* keeps the last good state"):
        run(tmp_path)
    assert sorted(figures(tmp_path)) == [1, 2]


def test_exploding_weights(run: Run, tmp_path: Path, recipe: Recipe) -> None:
    with pytest.raises(NotFinite, match="The loss is not a number at step 1, in clips 2, 3; "):
        run(tmp_path, replace(recipe, learning_rate=1e30, warmup=0.0))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log.jsonl"]
