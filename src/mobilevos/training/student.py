"""Where a run starts: given weights, ImageNet ones, or all that can be taken over from the teacher."""

from dataclasses import replace
from typing import Any

import torch

from mobilevos.errors import InputError
from mobilevos.models import Network, build, load_weights
from mobilevos.models.backbones import BACKBONES
from mobilevos.models.zoo import SPECS
from mobilevos.training.recipe import Recipe


def new_student(recipe: Recipe, init: str | None, teacher: Network | None, goes_on: bool = False) -> Network:
    """The network that a run trains.

    When features are distilled, a backbone whose ImageNet weights are in no registry starts from random weights and
    learns all its layers; what the teacher has of the same name and shape is taken over.

    Args:
        recipe: of the run.
        init: shipped model or ``.safetensors`` file to start from.
        teacher: whose features it shall learn, if it shall.
        goes_on: a saved state will give it its weights, so none are fetched to start from.

    Raises:
        InputError: ``init`` is of another model, or the teacher's features are of other widths.
        RuntimeUnavailable: the ImageNet weights are not at hand.
    """
    spec = SPECS.get(recipe.model)
    imagenet = not (recipe.learns_features and spec and BACKBONES[spec.backbone].package is None)
    if init:
        network = load_weights(init)
        if spec and network.spec == replace(spec, **_NEWER):
            network = _grown(network, recipe.model)
        if network.spec != spec:
            raise InputError(f"{init} holds another model than {recipe.model}; name its model in the recipe.")
    else:
        network = build(recipe.model, pretrained=imagenet and not goes_on)
    if recipe.learns_features:
        assert teacher is not None
        fitted = replace(teacher.spec, backbone=network.spec.backbone, aspp=network.spec.aspp, **_NEWER)
        if fitted != replace(network.spec, **_NEWER):
            raise InputError(
                "The teacher's features have other widths than the student's; choose one of our own networks."
            )
        if not init:
            _inherit(network, teacher, backbone=not imagenet)
    network.backbone.learn_statistics = not imagenet
    if imagenet:
        network.backbone.freeze_first_stages()
    if not recipe.backbone_learning_rate:
        network.backbone.requires_grad_(False)  # which saves its backward pass
    return network.to(memory_format=torch.channels_last)


_NEWER: dict[str, Any] = {"descriptor_dim": 0, "deeper": (0, 0)}
"""Parts of our networks that weights trained before them lack."""


def _grown(network: Network, model: str) -> Network:
    """A named network that goes on from one without the newer parts; they start by changing next to nothing."""
    grown = build(model)
    grown.load_state_dict(network.state_dict(), strict=False)
    return grown


def _inherit(network: Network, teacher: Network, backbone: bool) -> None:
    """Copy the teacher's tensors of the same name and shape, those of the backbone only if asked to."""
    theirs = teacher.state_dict()
    for name, tensor in network.state_dict().items():
        same = name in theirs and theirs[name].shape == tensor.shape
        if same and (backbone or not name.startswith("backbone.")):
            tensor.copy_(theirs[name])
