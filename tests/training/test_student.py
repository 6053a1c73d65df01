"""Where a student starts: with given weights, ImageNet's, or all that fits of its teacher."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from run_folder import fails, figures, weights  # noqa: E402

from mobilevos.models import SPECS, Network, build, load_weights  # noqa: E402
from mobilevos.models.checkpoint import save_network  # noqa: E402
from mobilevos.models.target_model import solve  # noqa: E402
from mobilevos.training.loop import Trained  # noqa: E402
from mobilevos.training.objectives import Clips, clip_objective, feature_objective  # noqa: E402
from mobilevos.training.recipe import Distillation, Recipe  # noqa: E402
from mobilevos.training.student import new_student  # noqa: E402


@pytest.fixture(scope="module")
def lively(lively_network: Callable[[str], Any]) -> Network:
    return lively_network("lite0")


FEATURES = Recipe("mobilenetv2", frames=1, size=64, distillation=Distillation("-", "features"))


def test_a_fresh_student_learns_the_features_of_its_teacher(lively: Network, draw: Callable[..., Clips]) -> None:
    torch.manual_seed(0)
    student = new_student(FEATURES, None, lively).train()
    optimiser = torch.optim.Adam([p for p in student.parameters() if p.requires_grad], 3e-3)
    clips, losses = draw(0, 1, frames=1), []
    for _ in range(30):
        loss, _ = feature_objective(student, lively, clips)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[0] > 0.5
    assert losses[-1] < 0.4 * losses[0]


def test_a_run_goes_on_from_weights_without_the_newer_parts() -> None:
    given, network = load_weights("lite0"), new_student(Recipe("lite0-2"), "lite0", None).eval()
    assert given.target is None
    assert network.spec == SPECS["lite0-2"]
    frame, masks = torch.randint(0, 256, (1, 3, 64, 96)), torch.zeros(2, 16, 24)
    masks[0, 2:8, 2:8] = masks[1, 9:15, 9:20] = 1
    found = []
    with torch.inference_mode():
        for each in (given, network):
            features = each.query(frame)
            known = solve(each.evidence(features, masks)) if each.target else None
            value = each.memorise(features, masks)
            found.append(each.read(features, features["key"].flatten(2), value, masks, known))
    torch.testing.assert_close(*found, atol=0.02, rtol=0)


@pytest.mark.parametrize("model", ["mobilenetv2", "mobilenetv2-aspp", "resnet18", "lite0"])
def test_a_student_of_features_takes_over_what_follows_the_backbone(model: str, lively: Network) -> None:
    torch.manual_seed(1)
    student = new_student(replace(FEATURES, model=model), None, lively)
    torch.manual_seed(1)
    own, theirs = build(model, pretrained=model == "lite0").state_dict(), lively.state_dict()
    taken = {name for name, tensor in student.state_dict().items() if not name.startswith("backbone.")}
    fits = {name for name in taken if name in theirs and theirs[name].shape == own[name].shape}
    assert all(torch.equal(student.state_dict()[name], theirs[name]) for name in fits)
    rest = student.state_dict().keys() - fits
    if model != "lite0":  # a random backbone takes over whatever happens to fit
        rest = {n for n in rest if n not in theirs or theirs[n].shape != own[n].shape}
    assert all(torch.equal(student.state_dict()[name], own[name]) for name in rest)
    for part in ("value_encoder.mask", "value_encoder.body", "decoder.up", "decoder.body", "decoder.logits"):
        assert {name for name in taken if name.startswith(part)} <= fits, part
    assert ("decoder.aspp.fuse.weight" in rest) == model.endswith("aspp")

    learns_all = model != "lite0"
    assert student.backbone.learn_statistics == learns_all
    assert all(p.requires_grad for p in student.backbone.parameters()) == learns_all
    student.train()
    assert student.backbone.body.training == learns_all


def test_an_aspp_student_takes_over_everything_else_of_the_same_network(lively_network: Callable[[str], Any]) -> None:
    teacher = lively_network("mobilenetv2")
    student = new_student(replace(FEATURES, model="mobilenetv2-aspp"), None, teacher)
    state, theirs = student.state_dict(), teacher.state_dict()
    assert state.keys() - theirs.keys() == {name for name in state if name.startswith("decoder.aspp.")}
    assert theirs.keys() < state.keys()
    assert all(torch.equal(state[name], tensor) for name, tensor in theirs.items())


def test_given_weights_come_before_the_teachers(lively: Network, tmp_path: Path) -> None:
    given = build("mobilenetv2")
    save_network(given, tmp_path / "given.safetensors")
    student = new_student(FEATURES, str(tmp_path / "given.safetensors"), lively)
    for name, tensor in weights(tmp_path / "given.safetensors").items():
        assert torch.equal(student.state_dict()[name], tensor), name
    assert student.backbone.learn_statistics


def test_without_features_nothing_is_taken_over(lively: Network, init: Path) -> None:
    masks = Recipe("lite0", distillation=Distillation("-"))
    student = new_student(masks, str(init), lively)
    assert torch.equal(student.state_dict()["decoder.up8.weight"], weights(init)["decoder.up8.weight"])
    assert not student.backbone.learn_statistics
    assert not student.backbone.body.conv_stem.weight.requires_grad


def test_teachers_with_other_features_are_refused(lively: Network, tmp_path: Path) -> None:
    words = "The teacher's features have other widths than the student's; choose one of our own networks"
    narrow = Network(replace(lively.spec, key_dim=32))
    fails(words, new_student, FEATURES, None, narrow)
    save_network(build("mobilenetv2"), tmp_path / "given.safetensors")
    fails(words, new_student, FEATURES, str(tmp_path / "given.safetensors"), narrow)
    with torch.device("meta"):  # it is large
        stcn = build("stcn")
    fails(words, new_student, FEATURES, None, stcn)


def test_what_is_learnt_of_features_can_be_trained_on(
    run: Callable[..., Trained], teacher: Path, recipe: Recipe, tmp_path: Path
) -> None:
    """The two steps by which a student without ImageNet weights comes to be, through ``train``."""
    learning = replace(
        recipe, model="mobilenetv2", steps=2, frames=1, distillation=Distillation(str(teacher), "features")
    )
    first = run(tmp_path / "features", learning, init=None).weights
    assert {"key", "value16", "decoder4"} <= figures(tmp_path / "features")[2].keys()
    masks = replace(learning, frames=2, distillation=Distillation(str(teacher)))
    second = run(tmp_path / "masks", masks, init=str(first)).weights
    assert {"segmentation", "representation", "logits"} <= figures(tmp_path / "masks")[2].keys()
    one, two = weights(first), weights(second)
    norm = "backbone.body.blocks.4.0.bn1.running_mean"
    assert torch.equal(one[norm], two[norm])
    assert not torch.equal(one[norm], build("mobilenetv2").state_dict()[norm])
    assert not torch.equal(one["key.weight"], two["key.weight"])


def test_a_backbone_without_a_learning_rate_is_left_alone(init: Path, draw: Callable[..., Clips]) -> None:
    network = new_student(Recipe(backbone_learning_rate=0), str(init), None).train()
    loss, _ = clip_objective(network, None, draw(0), Recipe(), 0)
    loss.backward()
    assert all(p.grad is None for p in network.backbone.parameters())
    assert all(p.grad is not None for p in network.key.parameters())
