"""What the steps are given while real clips are followed: the samples that int8 takes its ranges from."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch

from mobilevos.engine.runtime import Float
from mobilevos.evaluation import find_sequences
from mobilevos.export.clip import Clip
from mobilevos.export.steps import Step
from mobilevos.export.stream import stream
from mobilevos.export.targets.base import Samples
from mobilevos.runtimes.fixed.files import Graph
from mobilevos.runtimes.fixed.fixed_runtime import FixedRuntime
from mobilevos.runtimes.fixed.manifest import Manifest

CLIPS, FRAMES, EVERY = 8, 8, 5
"""At most so many clips, of each so many frames, so far apart: beyond a few dozen samples ranges change little."""


def record(steps: Sequence[Step], manifest: Manifest, folder: Path | None = None) -> dict[str, Samples]:
    """Run the steps in PyTorch over clips and keep what they are given.

    Args:
        steps: with fixed shapes.
        manifest: that describes them.
        folder: clips in a DAVIS layout (``JPEGImages/CLIP``, ``Annotations/CLIP``); None takes the package's sample.

    Returns:
        Inputs of each step, by its name.

    Raises:
        InputError: the folder has no clips that can be read.
    """
    kept: dict[str, list[Sequence[Float]]] = {step.name: [] for step in steps}

    def run(step: Step, inputs: Sequence[Float]) -> Sequence[Float]:
        kept[step.name].append(inputs)
        with torch.no_grad():
            outputs = step.module(*map(torch.from_numpy, inputs))
        return [output.numpy() for output in (outputs if isinstance(outputs, tuple) else (outputs,))]

    graphs: dict[str, Graph] = {step.name: partial(run, step) for step in steps}
    runtime, view = FixedRuntime(manifest, graphs), manifest.view
    for clip in _clips(folder):
        for _ in stream(runtime, clip.frames(), clip.masks(view.objects), view):
            pass
    return dict(kept)


def _clips(folder: Path | None) -> list[Clip]:
    if folder is None:
        return [Clip.load(None, None, FRAMES, EVERY)]
    return [
        Clip.load(sequence.frames[0].parent, sequence.annotations[0], FRAMES, EVERY)
        for sequence in find_sequences(folder)[:CLIPS]
        if sequence.annotations[0]
    ]
