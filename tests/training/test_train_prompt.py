"""Prompt heads: what they are taught, and that a run can be killed at any moment."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mobilevos.data.layouts import find  # noqa: E402
from mobilevos.data.views import Views, target_of  # noqa: E402
from mobilevos.engine.prompt_maps import prompt_maps  # noqa: E402
from mobilevos.errors import InputError, ModelNotFound  # noqa: E402
from mobilevos.export.prompt import export_prompt  # noqa: E402
from mobilevos.models import load_weights  # noqa: E402
from mobilevos.models.prompt_file import load_head, save_head  # noqa: E402
from mobilevos.models.prompt_head import PromptHead, feature_channels  # noqa: E402
from mobilevos.runtimes import load_prompter  # noqa: E402
from mobilevos.training import prompt_loop  # noqa: E402
from mobilevos.training.prompt_loop import train_prompt  # noqa: E402
from mobilevos.training.prompt_recipe import PromptRecipe  # noqa: E402
from mobilevos.training.prompting import Session, overlap, prompt_loss  # noqa: E402
from mobilevos.training.state import save_state  # noqa: E402

RECIPE = PromptRecipe(steps=4, batch=2, rounds=2, smallest=64, largest=64, warmup=1, seed=3)


def log_of(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


class Killed(Exception):
    """As a kill in the middle of a run."""


def test_a_run_goes_on_exactly_where_it_was_killed(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = train_prompt(RECIPE, data, tmp_path / "whole", workers=0)

    def save_and_die(*given: Any) -> None:
        save_state(*given)
        raise Killed

    monkeypatch.setattr(prompt_loop, "save_state", save_and_die)
    with pytest.raises(Killed):
        train_prompt(RECIPE, data, tmp_path / "killed", workers=0, save_every=2)
    monkeypatch.undo()
    resumed = train_prompt(RECIPE, data, tmp_path / "killed", workers=0, save_every=2)
    for (name, ours), theirs in zip(whole.state_dict().items(), resumed.state_dict().values(), strict=True):
        assert torch.allclose(ours.float(), theirs.float(), atol=1e-6), name
    assert log_of(tmp_path / "whole")[-1]["loss"] == pytest.approx(log_of(tmp_path / "killed")[-1]["loss"], rel=1e-4)


def test_another_recipe_or_network_does_not_resume(data: Path, tmp_path: Path) -> None:
    train_prompt(replace(RECIPE, steps=1), data, tmp_path, workers=0)
    with pytest.raises(InputError, match="holds a run with another batch"):
        train_prompt(replace(RECIPE, steps=1, batch=1), data, tmp_path, workers=0)
    with pytest.raises(InputError, match="holds a run with another model"):
        train_prompt(replace(RECIPE, steps=1), data, tmp_path, model="mobilenetv2", workers=0)


def test_a_head_learns(data: Path, tmp_path: Path) -> None:
    recipe = replace(RECIPE, steps=30, batch=4, learning_rate=3e-3, warmup=5)
    train_prompt(recipe, data, tmp_path, workers=0)
    first, last = log_of(tmp_path)[0], log_of(tmp_path)[-1]
    assert last["loss"] < first["loss"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"steps": 0}, "Steps, batch, objects and rounds must be at least 1."),
        ({"smallest": 100}, "Views of 100 to 288 px cannot be had; give multiples of 32, at least 64."),
        ({"video": 2.0}, r"The share of video must lie in 0\.\.1"),
        ({"seed": -1}, "The seed is -1; it must not be negative."),
    ],
)
def test_senseless_recipes(change: dict[str, float], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        PromptRecipe(**change)  # type: ignore[arg-type]


def test_the_graph_gives_what_pytorch_gives(tmp_path: Path, sample_frames: list[np.ndarray]) -> None:
    """Of any size of frame; weights are read back from it as they are from a file."""
    import shutil

    from mobilevos.weights.store import shipped_folder

    network, head = load_weights("lite0").eval(), load_head("lite0")
    folder = shutil.copytree(shipped_folder("lite0"), tmp_path / "model")
    (folder / "prompt.onnx").unlink()
    save_head(head, tmp_path / "head.safetensors")
    again = load_head(tmp_path / "head.safetensors")
    export_prompt(again, folder)
    prompter = load_prompter(folder, threads=1)
    for height, width in ((96, 160), (160, 64)):
        frame = np.ascontiguousarray(sample_frames[0][:height, :width])
        maps = prompt_maps((height // 4, width // 4), [(9.5, 11.5, True), (3, 2, False)], (2.5, 3, 14, 15))
        with torch.no_grad():
            features = network.query(torch.from_numpy(frame).permute(2, 0, 1)[None])
            logits, quality = head(head.prepare(features), torch.from_numpy(maps)[None])
        ours = prompter.prompt(prompter.query(frame), maps)
        np.testing.assert_allclose(ours[0], logits[0].numpy(), atol=0.05)
        np.testing.assert_allclose(ours[1], quality[0].sigmoid().numpy(), atol=0.01)
    for name, tensor in load_head(folder).state_dict().items():
        if not name.endswith("num_batches_tracked"):
            torch.testing.assert_close(tensor, again.state_dict()[name], atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("what", ["none.safetensors", "text.safetensors", "mobilenetv2"])
def test_no_head_is_one_sentence(tmp_path: Path, what: str) -> None:
    (tmp_path / "text.safetensors").write_text("no weights")
    source = str(tmp_path / what) if what.endswith(".safetensors") else what
    with pytest.raises(ModelNotFound, match=r"There is no prompt head|is damaged or of another program"):
        load_head(source)


def test_the_best_candidate_is_taught_and_all_learn_their_worth() -> None:
    truth = torch.zeros(1, 8, 8)
    truth[:, 2:6, 2:6] = 1
    good, bad = 12 * (truth - 0.5), -12 * (truth - 0.5)
    logits = torch.stack([bad, good, bad], 1)
    known, sure = torch.ones_like(truth), torch.tensor([[-9.0, 9.0, -9.0]])
    iou = overlap(logits, truth, known)
    assert iou.tolist() == [[0.0, 1.0, 0.0]]
    doubtful = prompt_loss(logits, sure, truth, known, torch.tensor([True]))
    plain = prompt_loss(logits, sure, truth, known, torch.tensor([False]))
    wrong = prompt_loss(logits, -sure, truth, known, torch.tensor([True]))
    assert doubtful < plain
    assert wrong > doubtful + 1


def test_sessions_begin_in_every_way() -> None:
    truth = np.zeros((16, 16), np.float32)
    truth[3:12, 4:13] = 1
    seen = set()
    for seed in range(80):
        session = Session(truth, np.ones_like(truth), np.random.default_rng(seed))
        session.begin()
        maps = session.maps()
        assert maps.shape == (4, 16, 16)
        assert np.isfinite(maps).all()
        assert (maps.min(), maps.max()) >= (0, 0)
        seen.add((bool(session.clicks), session.box is not None, session.mask is not None, session.ambiguous))
        session.correct(np.zeros_like(truth))
        assert session.clicks[-1][2]
    assert {(True, False, False, True), (False, True, False, False), (True, False, True, False)} <= seen


def test_views_hold_their_object_and_are_the_same_again(data: Path) -> None:
    views, again = (Views(find(data), size=(64, 96), batch=2, seed=1) for _ in range(2))
    sides = set()
    for index in range(12):
        view = views.draw(index)
        np.testing.assert_array_equal(view.frame, again.draw(index).frame)
        assert view.frame.shape == (*view.labels.shape, 3)
        truth, known = target_of(view.labels, view.ids[0])
        assert truth.max() > 0.5
        assert known.max() == 1
        sides.add(view.frame.shape[0])
    assert sides == {64, 96}


def test_features_are_those_of_every_student() -> None:
    """A head can be trained for any of them."""
    from mobilevos.models import build

    for name in ("lite0", "resnet18", "mobilenetv2"):
        channels = feature_channels(build(name).eval())
        head = PromptHead(channels).eval()
        features = build(name).eval().query(torch.zeros(1, 3, 64, 64, dtype=torch.uint8))
        logits, quality = head(head.prepare(features), torch.zeros(2, 4, 16, 16))
        assert (logits.shape, quality.shape) == ((2, 3, 16, 16), (2, 3))
