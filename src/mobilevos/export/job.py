"""The whole job of ``mobilevos export``: check everything, convert, compare with PyTorch, report."""

import json
from dataclasses import dataclass
from pathlib import Path

from mobilevos.benchmark.machine import describe_machine
from mobilevos.errors import InputError, RuntimeUnavailable
from mobilevos.export.clip import Clip
from mobilevos.export.manifest import View, parse_size
from mobilevos.export.model import check_precision, export_fixed
from mobilevos.export.onnx import export_onnx
from mobilevos.export.parity import Parity, Report, compare
from mobilevos.export.prompt import export_head
from mobilevos.models import load_weights
from mobilevos.runtimes import load_runtime
from mobilevos.runtimes.torch_runtime import TorchRuntime
from mobilevos.video.files import atomic
from mobilevos.video.protection import protect
from mobilevos.weights.store import megabytes, shipped_models

FRAMES = 51
"""Of the clip that is followed: the given one and fifty to compare."""


@dataclass(frozen=True)
class Job:
    """What to export, and what to compare it on; see the command's options.

    Raises, when run:
        InputError: something that does not fit.
        ModelNotFound: no such weights.
        RuntimeUnavailable: the converter is not installed.
        OutputError: the conversion failed, or its result cannot be written.
    """

    weights: str
    out: Path
    to: str
    precision: str
    size: str
    objects: int
    clip: str | None
    mask: Path | None
    calibrate: Path | None

    def run(self) -> Report | None:
        """Write the model, then ``report.json``; None for ONNX in float, which is compared only on a clip of yours."""
        if self.calibrate is not None and self.precision != "int8":
            raise InputError("--calibrate is for --precision int8; leave it out.")
        protect((self.weights, self.clip, self.mask, self.calibrate), folders=[(self.out, lambda name: False)])
        clip = Clip.load(self.clip, self.mask, FRAMES)
        view = View(*parse_size(self.size, clip.source.size), self.objects)
        network, name = load_weights(self.weights), Path(self.weights).stem
        if self.to == "onnx":
            check_precision("onnx", self.precision, ("fp32", "int8"))
            if self.precision == "int8":
                from mobilevos.export.onnx_int8 import export_onnx_int8

                export_onnx_int8(network, self.out, view, self.calibrate)
            else:
                export_onnx(network, self.out)
                if self.weights in shipped_models():
                    export_head(self.weights, self.out)
                if self.clip is None:
                    return None
        else:
            export_fixed(
                network,
                self.out,
                target=self.to,
                view=view,
                precision=self.precision,
                name=name,
                calibrate=self.calibrate,
            )
        parity: Parity | None = None
        note: str | None = None
        try:
            parity = compare(load_runtime(self.out), TorchRuntime(network), clip, view)
        except RuntimeUnavailable as error:
            note = str(error)
        report = Report(name, self.to, self.precision, view, megabytes(self.out), parity, note, describe_machine())
        with atomic(self.out / "report.json") as part:
            part.write_text(json.dumps(report.to_dict(), indent=2) + "\n")
        return report
