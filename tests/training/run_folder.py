"""What tests read from the folder of a training run."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from mobilevos.errors import MobileVOSError
from mobilevos.models.checkpoint import load_network


def lines(out: Path) -> list[dict[str, Any]]:
    """Everything logged."""
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


def figures(out: Path) -> dict[int, dict[str, float]]:
    """What was logged of each step, less the time it took."""
    steps = [line for line in lines(out) if "loss" in line]
    assert len({line["step"] for line in steps}) == len(steps), "a step was logged twice"
    return {line["step"]: {k: v for k, v in line.items() if k != "seconds_per_step"} for line in steps}


def weights(path: Path) -> dict[str, torch.Tensor]:
    """Tensors of a .safetensors file."""
    return load_network(path).state_dict()


def assert_same_weights(one: Path, two: Path, **tolerance: float) -> None:
    """Tensor by tensor."""
    expected = weights(two)
    for name, tensor in weights(one).items():
        torch.testing.assert_close(tensor, expected[name], msg=lambda text, name=name: f"{name}: {text}", **tolerance)


def fails(words: str, call: Callable[..., object], *args: Any, **options: Any) -> None:
    """A call ends in one of our errors, on one line, with these words."""
    with pytest.raises(MobileVOSError, match=words) as caught:
        call(*args, **options)
    assert "\n" not in str(caught.value)
