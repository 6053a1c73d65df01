"""The verb export: networks for other runtimes. It needs the train extra, and what the target needs."""

from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from mobilevos.commands.app import File, Json, Mask, Out, app
from mobilevos.console import print_json
from mobilevos.engine.modes import DEFAULT_MODE

To = Literal["onnx", "openvino", "executorch", "litert", "mnn", "ncnn", "coreml"]
Precision = Literal["fp32", "fp16", "int8"]


@app.command
def export(
    weights: str = "lite0",
    /,
    *,
    out: Out,
    to: To = "onnx",
    precision: Precision | None = None,
    size: str | None = None,
    objects: Annotated[int, Parameter(validator=Number(gte=1))] = 1,
    clip: str | None = None,
    mask: Mask | None = None,
    calibrate: File | None = None,
    as_json: Json = False,
) -> None:
    """Export a network to ONNX or to another runtime, and compare it with PyTorch. Needs the train extra.

    Give the folder as --model to the other commands. ONNX graphs take any size and number of objects; those for other
    runtimes have fixed shapes, and docs/exports.md shows how to run them in programs of your own.

    Example: mobilevos export runs/lite0/best.safetensors -o my-model/
    Example: mobilevos export lite0 --to executorch --size 384x672 -o phone/

    Parameters
    ----------
    weights
        A .safetensors file of a training run, or the name of a shipped model.
    out
        Folder to write.
    to
        Runtime.
    precision
        fp32, fp16 or int8, if the runtime has it; fp32 if not given.
    size
        HEIGHTxWIDTH at which the network sees every frame, multiples of 16; or a side, or a mode's name, for about
        side x side pixels in the shape of the clip's frames.
    objects
        Objects in one run.
    clip
        Video to compare on, 50 frames of it; the sample inside the package if not given.
    mask
        Image of the objects in its first frame.
    calibrate
        For int8: folder of clips like yours, with JPEGImages/CLIP and Annotations/CLIP; the sample if not given.
    """
    import onnx  # noqa: F401 (PyTorch needs it, and notices only after the work)

    from mobilevos.export.job import Job

    job = Job(weights, out, to, precision or "fp32", size or DEFAULT_MODE, objects, clip, mask, calibrate)
    report = job.run()
    if as_json:
        print_json({**(report.to_dict() if report else {}), "model": str(out)})
    else:
        print(*([report] if report else []), out, sep="\n")
