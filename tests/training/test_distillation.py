"""What a student learns from a teacher, how much each term weighs, and where a student starts."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from run_folder import fails  # noqa: E402

from mobilevos.losses import logit_distillation_loss, representation_loss, sample_boundary  # noqa: E402
from mobilevos.models import Network  # noqa: E402
from mobilevos.training.objectives import SAMPLES, Clips, clip_objective, feature_objective  # noqa: E402
from mobilevos.training.recipe import Distillation, Recipe  # noqa: E402
from mobilevos.training.rollout import object_slots, rollout  # noqa: E402

Draw = Callable[..., Clips]


@pytest.fixture(scope="module")
def lively(lively_network: Callable[[str], Any]) -> Network:
    return lively_network("lite0")


@pytest.fixture(scope="module")
def teachers(lively: Network) -> list[Network]:
    """Two that disagree with the student and with each other."""
    made = [copy.deepcopy(lively) for _ in range(2)]
    for seed, network in enumerate(made):
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in network.decoder.parameters():
                parameter.add_(
                    0.2 * parameter.square().mean().sqrt() * torch.randn(parameter.shape, generator=generator)
                )
    return made


def calm(recipe: Recipe, **options: Any) -> Recipe:
    """Nothing goes wrong on purpose."""
    return replace(recipe, mistakes=0.0, prior_drop=0.0, distillation=Distillation("-", **options))


def objective(network: Network, teacher: Network | None, clips: Clips, recipe: Recipe) -> dict[str, float]:
    with torch.no_grad():
        loss, named = clip_objective(network, teacher, clips, recipe, 0)
    assert named["loss"] == loss.item()
    return named


def test_a_network_agrees_with_itself_as_long_as_their_memories_are_the_same(
    lively: Network, draw: Draw, recipe: Recipe
) -> None:
    taught = objective(lively, lively, draw(0, 1), calm(recipe))
    alone = objective(lively, None, draw(0, 1), replace(calm(recipe), distillation=None))
    assert taught["logits"] == pytest.approx(0, abs=1e-9)
    assert taught["segmentation"] == alone["loss"] > 0.1
    assert alone.keys() == {"loss", "iou"}
    assert objective(lively, lively, draw(0, 1, frames=4), calm(recipe))["logits"] > 1e-5


def test_nothing_goes_wrong_for_the_teacher(lively: Network, draw: Draw, recipe: Recipe) -> None:
    spoilt = replace(calm(recipe), mistakes=1.0, prior_drop=1.0)
    assert objective(lively, lively, draw(0, 1), spoilt)["logits"] > 1e-3


@pytest.mark.parametrize("representation", [0.0, 0.1, 2.0])
@pytest.mark.parametrize("logits", [0.0, 0.3])
def test_the_loss_is_the_weighted_sum_of_its_terms(
    lively: Network, teachers: list[Network], draw: Draw, recipe: Recipe, representation: float, logits: float
) -> None:
    whole = objective(lively, teachers[0], draw(0, 1), calm(recipe, representation=1.0, logits=1.0))
    assert min(whole["segmentation"], whole["representation"], whole["logits"]) > 0.05
    weighed = objective(lively, teachers[0], draw(0, 1), calm(recipe, representation=representation, logits=logits))
    given = {"segmentation": 1.0, "representation": representation, "logits": logits}
    terms = {name for name, weight in given.items() if weight}
    assert weighed.keys() == {"loss", "iou"} | terms
    assert all(weighed[name] == whole[name] for name in terms)
    assert weighed["loss"] == pytest.approx(sum(given[name] * whole[name] for name in given), rel=1e-5)


def test_terms_by_hand(lively: Network, teachers: list[Network], draw: Draw, recipe: Recipe) -> None:
    """At this size every pixel near a boundary is sampled, so chance decides nothing."""
    clips = draw(0, 1, 2, 3, frames=4)
    assert (recipe.size // 4) ** 2 <= SAMPLES
    clips.labels[0, 2, :20] = 255
    first = clips.labels[:, 0]
    present = object_slots(first)
    assert present.sum(1).unique().tolist() == [1, 2]
    with torch.no_grad():
        own = list(rollout(lively, clips.frames, first, present))
        lessons = list(rollout(teachers[0], clips.frames, first, present, infinite=True))
    logits, representation = [], []
    for t in range(1, 4):
        labels = clips.labels[:, t]
        logits.append(logit_distillation_loss(own[t - 1].logits, lessons[t - 1].logits, 0.1, labels != 255))
        each: dict[int, list[Any]] = {}
        for row, (clip, slot) in enumerate(present.nonzero().tolist()):
            small = labels[clip, 2::4, 2::4]
            mask = torch.where(small == 255, 255, (small == slot + 1).int())
            pixels = sample_boundary(mask, SAMPLES, 3, torch.Generator().manual_seed(0))
            features = [side[t - 1].embedding[row].flatten(1).T[pixels] for side in (own, lessons)]
            sides = torch.stack([mask.flatten()[pixels] == side for side in (0, 1)], 1)
            each.setdefault(clip, []).append(representation_loss(*features, sides, 0.7))
        representation.append(torch.stack([torch.stack(objects).mean() for objects in each.values()]).mean())
    found = objective(lively, teachers[0], clips, calm(recipe, omega=0.7, boundary=3))
    assert found["logits"] == pytest.approx(torch.stack(logits).mean().item(), rel=1e-4)
    assert found["representation"] == pytest.approx(torch.stack(representation).mean().item(), rel=1e-4)


def test_a_batch_is_the_mean_of_its_clips(lively: Network, teachers: list[Network], draw: Draw, recipe: Recipe) -> None:
    """What goes wrong in a clip depends on its number alone, so processes can share a batch."""
    wild = replace(recipe, mistakes=0.6, prior_drop=0.5, distillation=Distillation("-", representation=1.0, logits=1.0))
    clips = draw(0, 1, 2, 3)
    whole = objective(lively, teachers[0], clips, wild)
    alone = [objective(lively, teachers[0], clips.only(row), wild) for row in range(4)]
    for name in ("loss", "segmentation", "representation", "logits"):
        assert whole[name] == pytest.approx(sum(figures[name] for figures in alone) / 4, rel=1e-3), name
    renumbered = objective(lively, teachers[0], clips._replace(numbers=[4, 5, 6, 7]), wild)
    reseeded = objective(lively, teachers[0], clips, replace(wild, seed=6))
    assert len({whole["loss"], renumbered["loss"], reseeded["loss"]}) == 3


def test_the_teacher_stays_as_it_is(lively: Network, teachers: list[Network], draw: Draw, recipe: Recipe) -> None:
    student, teacher = copy.deepcopy(lively).train(), teachers[0]
    assert all(parameter.requires_grad for parameter in teacher.parameters())
    before = copy.deepcopy(teacher.state_dict())
    loss, _ = clip_objective(student, teacher, draw(0, 1), calm(recipe, representation=1.0, logits=1.0), 0)
    loss.backward()
    feature_objective(student, teacher, draw(0, 1))[0].backward()
    assert all(parameter.grad is None for parameter in teacher.parameters())
    assert all(torch.equal(tensor, before[name]) for name, tensor in teacher.state_dict().items())
    assert all(parameter.grad is not None for parameter in student.decoder.parameters())
    assert not torch.equal(student.decoder.body4.body[0][1].running_mean, lively.decoder.body4.body[0][1].running_mean)


def test_what_each_term_teaches(lively: Network, teachers: list[Network], draw: Draw, recipe: Recipe) -> None:
    """The representation loss ends before the last convolution, which logit distillation reaches."""
    gradients = []
    for options in ({}, {"representation": 1.0}, {"logits": 1.0}):
        student = copy.deepcopy(lively)
        chosen = calm(recipe, **{"representation": 0.0, "logits": 0.0, **options})
        clip_objective(student, teachers[0], draw(0, 1, frames=2), chosen, 0)[0].backward()
        gradients.append([student.decoder.logits.weight.grad, student.decoder.body4.shortcut.weight.grad])
    (last, before), (last_r, before_r), (last_l, before_l) = gradients
    torch.testing.assert_close(last_r, last)
    assert (before_r - before).norm() > 1e-3 * before.norm()
    assert (last_l - last).norm() > 1e-3 * last.norm()
    assert (before_l - before).norm() > 1e-3 * before.norm()


def test_omega_0_asks_nothing_of_the_teacher(
    lively: Network, teachers: list[Network], draw: Draw, recipe: Recipe
) -> None:
    for omega, same in ((0.0, True), (0.5, False), (1.0, False)):
        chosen = calm(recipe, omega=omega, logits=0.0, representation=1.0)
        one, two = (objective(lively, teacher, draw(0, 1), chosen)["loss"] for teacher in teachers)
        assert (one == two) == same, omega


def test_objects_without_a_boundary_teach_no_representation(
    lively: Network, teachers: list[Network], draw: Draw, recipe: Recipe
) -> None:
    clips = draw(0, 1)
    clips.labels[:, 1:] = 0  # everything left
    student = copy.deepcopy(lively)
    loss, found = clip_objective(student, teachers[0], clips, calm(recipe), 0)
    loss.backward()
    assert found["representation"] == 0
    assert found["logits"] > 0
    assert all(p.grad.isfinite().all() for p in student.parameters() if p.grad is not None)


def test_features_of_the_same_network_do_not_differ(lively: Network, draw: Draw) -> None:
    loss, found = feature_objective(lively, copy.deepcopy(lively), draw(0, frames=1))
    assert loss == 0
    assert found.keys() == {"loss", "key", "decoder16", "decoder8", "decoder4", "value8", "value16"}
    assert not any(found.values())


def test_features_are_compared_in_units_of_their_variance(lively: Network, draw: Draw) -> None:
    """A student that answers with the mean of each feature has a loss of about 1, whatever their scale."""

    class Dull(Network):
        def query(self, frame: torch.Tensor) -> dict[str, torch.Tensor]:
            return {
                name: tensor.mean((0, 2, 3), keepdim=True).expand_as(tensor)
                for name, tensor in super().query(frame).items()
            }

    loud, dull = copy.deepcopy(lively), copy.deepcopy(lively)
    with torch.no_grad():
        for part in ("skip16", "skip8", "skip4"):
            getattr(loud.decoder, part).weight.mul_(30)
    dull.load_state_dict(loud.state_dict())
    dull.__class__ = Dull
    for name, value in feature_objective(dull, loud, draw(0, 1))[1].items():
        assert value == pytest.approx(1, abs=0.05), name


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"teacher": "ema", "what": "features"}, "Features are learnt from a trained teacher, not from the student"),
        ({"omega": -0.1}, r"omega is -0\.1; it must lie between 0 \(labels\) and 1 \(teacher\)"),
        ({"omega": 2.0}, r"omega is 2\.0; it must lie between"),
        ({"omega": float("nan")}, "omega is nan; it must lie between"),
        ({"boundary": 0}, "The boundary's reach is 0; it must be at least 1 pixel"),
        ({"representation": -1.0}, "The weights of the distillation terms must not be negative"),
        ({"representation": float("nan")}, "The weights of the distillation terms must not be negative"),
        ({"logits": -0.01}, "The weights of the distillation terms must not be negative"),
    ],
)
def test_senseless_distillation(options: dict[str, Any], words: str) -> None:
    fails(words, Distillation, **{"teacher": "lite0", **options})


def test_single_frames_are_enough_for_features_alone() -> None:
    assert Recipe(frames=1, distillation=Distillation("lite0", "features")).frames == 1
    fails("frames must be 2 to 8", Recipe, frames=1, distillation=Distillation("lite0"))
    fails("frames must be 1 to 8", Recipe, frames=0, distillation=Distillation("lite0", "features"))
