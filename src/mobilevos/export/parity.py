"""Does an export give PyTorch's masks? One loop over a real clip for both, their overlap, time and size."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilevos.engine.region import Region
from mobilevos.engine.runtime import Runtime
from mobilevos.evaluation import jaccard
from mobilevos.export.clip import Clip
from mobilevos.export.stream import stream
from mobilevos.runtimes.fixed.manifest import View


@dataclass(frozen=True)
class Parity:
    """What came of comparing a runtime with PyTorch.

    Attributes:
        clip: name of the video.
        frames: that were compared; the first, whose masks are given, is not.
        iou: mean overlap of the two masks over frames and objects, 0..1.
        worst_iou: of all frames and objects.
        median_ms: of a frame: resizing it, and all three steps.
        torch_ms: the same in PyTorch, here and now.
    """

    clip: str
    frames: int
    iou: float
    worst_iou: float
    median_ms: float
    torch_ms: float


def compare(runtime: Runtime, reference: Runtime, clip: Clip, view: View) -> Parity:
    """Follow a clip's objects with both runtimes, in the same simple way, and compare the masks.

    Args:
        runtime: to judge.
        reference: the network in PyTorch.
        clip: a real one.
        view: what the export fixed.
    """
    ids = clip.ids(view.objects)
    expected, torch_ms = _follow(reference, clip, view)
    actual, median_ms = _follow(runtime, clip, view)
    overlaps = [jaccard(a == i, b == i) for a, b in zip(actual, expected, strict=True) for i in ids]
    return Parity(
        clip=clip.source.name,
        frames=len(actual),
        iou=float(np.mean(overlaps)),
        worst_iou=float(min(overlaps)),
        median_ms=median_ms,
        torch_ms=torch_ms,
    )


def _follow(runtime: Runtime, clip: Clip, view: View) -> tuple[list[NDArray[np.uint8]], float]:
    """Label maps of all frames but the first, in source pixels, and the median milliseconds of a frame."""
    begun = perf_counter()
    times, labels = [], []

    def watched() -> Iterator[NDArray[np.uint8]]:
        nonlocal begun
        for frame in clip.frames():
            begun = perf_counter()
            yield frame

    height, width = clip.labels.shape
    region = Region(0, 0, width, height, view.height, view.width)
    for masks in stream(runtime, watched(), clip.masks(view.objects), view):
        times.append(1000 * (perf_counter() - begun))
        ids = clip.ids(view.objects)
        labels.append(region.paint(masks[: len(ids)], ids))
    return labels[1:], float(np.median(times[1:]))


@dataclass(frozen=True)
class Report:
    """An export, and how it fares; ``report.json``.

    Attributes:
        model: name of the network.
        target: runtime.
        precision: fp32, fp16 or int8.
        view: what the export fixed, or for ONNX, at which size it was compared.
        megabytes: of the graphs.
        parity: None if it cannot be run here.
        note: why not.
        machine: where the figures were taken.
    """

    model: str
    target: str
    precision: str
    view: View
    megabytes: float
    parity: Parity | None
    note: str | None
    machine: str

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        """For people."""
        view, size = self.view, f"{self.megabytes:.1f} MB"
        what = f"{self.model} for {self.target}, {self.precision}, {view.height}x{view.width}, {size}"
        if self.parity is None:
            return f"{what}: {self.note}"
        p = self.parity
        return (
            f"{what}: mean IoU with PyTorch {p.iou:.4f} (worst {p.worst_iou:.4f}) over {p.frames} frames of {p.clip}, "
            f"{p.median_ms:.1f} ms a frame (PyTorch {p.torch_ms:.1f} ms)"
        )
