"""The networks (needs the ``train`` extra): ``build(name)`` gives one of the named students."""

from mobilevos.models.network import Features, Network
from mobilevos.models.spec import Spec
from mobilevos.models.zoo import SPECS, build, load_weights

__all__ = ["SPECS", "Features", "Network", "Spec", "build", "load_weights"]
