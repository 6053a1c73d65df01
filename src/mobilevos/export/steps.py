"""The network's three steps with everything fixed: what runtimes that want known shapes are given.

Inputs and outputs are float32 in the layout that all of them share, channels before rows before columns. h and w are
H/16 and W/16, N is h * w, and memory is the first and the previous frame, each an input of its own: a host passes back
the arrays it was given and never joins any. In the second frame, the first stands for both; a softmax over a memory
that is there twice is the same.

- query: frame (1, 3, H, W) RGB in 0..255 -> ``key`` (1, key_dim, h, w) and the frame's other features
- read: features, first_key, first_value, previous_key, previous_value, prior (K, H/4, W/4), classifier (K, D + 1)
  -> probability (K, H/4, W/4)
- memorise: features, masks (K, H/4, W/4) -> value (K, value_dim, N)

The classifier is made of the first frame's ``descriptor`` (1, D, H/8, W/8), see `mobilevos.engine.target_model`; a
network without a target model has neither.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from mobilevos.models.network import Network, beside_others, upsample
from mobilevos.runtimes.fixed.manifest import View


@dataclass(frozen=True)
class Step:
    """One step, ready to be traced.

    Attributes:
        name: query, read or memorise.
        module: takes the inputs in order and gives a tensor, or a tuple of them.
        inputs: an example of each input, by name.
        outputs: names.
    """

    name: str
    module: nn.Module
    inputs: dict[str, Tensor]
    outputs: tuple[str, ...]


class StepModule(nn.Module):
    """One step as a module whose positional inputs are tensors, which is what exporters take."""

    def __init__(self, network: Network, run: Callable[..., Any]) -> None:
        super().__init__()
        self.network = network
        self.run = run
        self.eval()

    def forward(self, *inputs: Tensor) -> Tensor | tuple[Tensor, ...]:
        return self.run(*inputs)


def fixed_steps(network: Network, view: View) -> list[Step]:
    """The three steps of a student for one size of frame and one number of objects."""
    read_names, value_names = network.read_features, network.value_encoder.features
    frame = torch.randint(0, 256, (1, 3, view.height, view.width)).float()
    masks = torch.rand(view.objects, view.height // 4, view.width // 4) / view.objects

    def query(frame: Tensor) -> tuple[Tensor, ...]:
        return tuple(network.query(frame).values())

    def read(*inputs: Tensor) -> Tensor:
        features = dict(zip(read_names, inputs, strict=False))
        first_key, first_value, previous_key, previous_value, prior, *known = inputs[len(features) :]
        classifier = known[0] if known else None
        key = torch.cat([first_key.flatten(2), previous_key.flatten(2)], 2)
        value = torch.cat([first_value, previous_value], 2)
        if view.objects > 1:
            return network.read(features, key, value, prior, classifier)
        # Nobody contests one object's pixels: aggregation is this, in operations that every runtime has.
        scores = network.scores(features, classifier)
        return torch.sigmoid(2 * network.decode(features, key, value, beside_others(prior), scores)[:, 0])

    def memorise(*inputs: Tensor) -> Tensor:
        features = dict(zip(value_names, inputs, strict=False))
        if view.objects > 1:
            return network.memorise(features, inputs[-1])
        own = inputs[-1][:, None]
        return network.encode_value(features, upsample(torch.cat([own, torch.zeros_like(own)], 1)))

    with torch.no_grad():
        features = network.query(frame)
        value_inputs = {**{name: features[name] for name in value_names}, "masks": masks}
        value = memorise(*value_inputs.values())
    read_inputs = {name: features[name] for name in read_names}
    for when in ("first", "previous"):  # tensors of their own: tracers would take one that comes twice for one input
        read_inputs |= {f"{when}_key": features["key"].clone(), f"{when}_value": value.clone()}
    read_inputs["prior"] = masks.clone()
    if network.target:
        read_inputs["classifier"] = torch.randn(view.objects, network.spec.descriptor_dim + 1)
    return [
        Step("query", StepModule(network, query), {"frame": frame}, tuple(features)),
        Step("read", StepModule(network, read), read_inputs, ("probability",)),
        Step("memorise", StepModule(network, memorise), value_inputs, ("value",)),
    ]
