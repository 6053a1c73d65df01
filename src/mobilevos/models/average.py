"""The mean of networks that came of one another's training: often better, and steadier, than each of them."""

from collections.abc import Sequence

import torch

from mobilevos.errors import InputError
from mobilevos.models.network import Network


def average(networks: Sequence[Network], weights: Sequence[float] | None = None) -> Network:
    """A network whose weights and statistics of batch norm are the mean of those of others.

    Args:
        networks: at least two of the same spec.
        weights: how much each counts, above 0; all alike if not given.

    Raises:
        InputError: too few networks, networks of different specs, or weights that are too few or not above 0.
    """
    shares = list(weights or [1.0] * len(networks))
    if len(networks) < 2:
        raise InputError("A mean is of at least two networks.")
    if len(shares) != len(networks) or not all(0 < share < float("inf") for share in shares):
        raise InputError(f"{len(networks)} networks need as many weights above 0, not {shares}.")
    if any(network.spec != networks[0].spec for network in networks):
        raise InputError("The networks differ in their sizes or parts; only those of one model have a mean.")
    mean = Network(networks[0].spec)
    states = [network.state_dict() for network in networks]
    for name, tensor in mean.state_dict().items():
        if tensor.is_floating_point():
            parts = [share * state[name].double() for share, state in zip(shares, states, strict=True)]
            tensor.copy_(torch.stack(parts).sum(0) / sum(shares))
        else:
            tensor.copy_(states[0][name])
    return mean.eval()
