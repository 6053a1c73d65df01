"""The networks (needs the ``train`` extra): ``build(name)`` gives a named one, ``load_stcn`` the published teacher."""

from mobilevos.models.network import Features, Network
from mobilevos.models.spec import Spec
from mobilevos.models.stcn import load_stcn
from mobilevos.models.zoo import SPECS, build, load_weights

__all__ = ["SPECS", "Features", "Network", "Spec", "build", "load_stcn", "load_weights"]
