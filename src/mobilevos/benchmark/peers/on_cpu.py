"""Code written for one GPU and pretrained weights, run on the CPU with random ones, without a change to it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Any
from unittest.mock import patch

import torch
from torch.overrides import TorchFunctionMode


class CudaIsCpu(TorchFunctionMode):
    """While active, every tensor that is asked to live on a GPU lives on the CPU."""

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Run ``function`` with "cuda" replaced by "cpu" in its arguments; ``Tensor.cuda`` does nothing."""
        if function is torch.Tensor.cuda:
            return args[0]
        changed = {name: _to_cpu(value) for name, value in (kwargs or {}).items()}
        return function(*map(_to_cpu, args), **changed)


@contextmanager
def random_weights() -> Iterator[None]:
    """While active, nothing downloads or loads weights: networks keep those that their constructors made."""

    def nothing(*_: Any, **__: Any) -> dict[str, Any]:
        return {}

    names = [
        "torch.hub.load_state_dict_from_url",
        "torch.utils.model_zoo.load_url",
        "torchvision.models._api.load_state_dict_from_url",
        "timm.models._builder.load_pretrained",
        "torch.nn.Module.load_state_dict",
    ]
    with ExitStack() as stack:
        for name in names:
            stack.enter_context(patch(name, nothing))
        yield


@contextmanager
def stand_ins(*modules: str) -> Iterator[None]:
    """While active, the named modules can be imported, installed or not.

    For what the authors' code imports and inference never needs: plotting, configuration, logging. Each name in such
    a module can be called, has every attribute and, as a decorator, changes nothing.
    """
    names = {".".join(module.split(".")[:end]) for module in modules for end in range(1, module.count(".") + 2)}
    before = {name: sys.modules[name] for name in names if name in sys.modules}
    sys.modules.update({name: _StandIn(name) for name in names})
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]
        sys.modules.update(before)


class _Anything(type):
    def __getattr__(cls, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return cls


class _Thing(metaclass=_Anything):
    def __init__(self, *_: Any, **__: Any) -> None: ...

    def __call__(self, value: Any = None) -> Any:
        return value

    def __getattr__(self, name: str) -> type:
        return getattr(_Thing, name)


class _StandIn(ModuleType):
    __path__: list[str] = []  # noqa: RUF012 (makes it a package)

    def __getattr__(self, name: str) -> type:
        return getattr(_Thing, name)


def _to_cpu(value: Any) -> Any:
    if isinstance(value, str) and value.split(":")[0] == "cuda":
        return "cpu"
    if isinstance(value, torch.device) and value.type == "cuda":
        return torch.device("cpu")
    return value
