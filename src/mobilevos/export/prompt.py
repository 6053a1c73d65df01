"""Export of a prompt head: one more graph of a model, for any size of frame."""

from pathlib import Path

import torch
from torch import Tensor, nn

from mobilevos.engine.prompt_maps import CHANNELS
from mobilevos.export.half import halve
from mobilevos.export.in_one_go import in_one_go
from mobilevos.export.onnx import write_graph
from mobilevos.models.prompt_file import load_head
from mobilevos.models.prompt_head import PromptHead
from mobilevos.weights.store import PROMPT, shipped_folder


def export_prompt(head: PromptHead, folder: Path) -> None:
    """Write ``prompt.onnx``, which takes what ``query.onnx`` gives of a frame; the file is complete or as it was.

    - prompt: features, prompts (1, 4, H/4, W/4) as `mobilevos.engine.prompt_maps` draws them
      -> logit (1, 3, H/4, W/4) of three candidates, iou (1, 3) that they estimate of themselves, 0..1

    Raises:
        OutputError: the folder cannot be written.
    """
    height, width = 64, 96  # any sizes will do: they stay free in the graph
    inputs = {
        name: torch.randn(1, channels, height // _STRIDES[name], width // _STRIDES[name])
        for name, channels in head.channels.items()
    }
    inputs["prompts"] = torch.rand(1, CHANNELS, height // 4, width // 4)
    free = {name: {2: f"{name}_height", 3: f"{name}_width"} for name in inputs}
    with in_one_go(folder) as part:
        write_graph(_Alone(head), inputs, ["logit", "iou"], part / PROMPT, free)
        halve(part / PROMPT)


def export_head(model: str, folder: Path) -> None:
    """Write the head of a shipped model beside its exported network; nothing if it has none.

    Raises:
        OutputError: the folder cannot be written.
    """
    if (shipped_folder(model) / PROMPT).is_file():
        export_prompt(load_head(model), folder)


_STRIDES = {"key": 16, "value16": 16, "value8": 8, "decoder8": 8, "decoder4": 4}


class _Alone(nn.Module):
    """A head whose inputs are tensors by position."""

    def __init__(self, head: PromptHead) -> None:
        super().__init__()
        self.network = head
        self.eval()

    def forward(self, *inputs: Tensor) -> tuple[Tensor, Tensor]:
        features = dict(zip(self.network.channels, inputs, strict=False))
        logits, quality = self.network(self.network.prepare(features), inputs[-1])
        return logits, quality.sigmoid()
