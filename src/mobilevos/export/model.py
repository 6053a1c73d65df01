"""From a network to a folder of graphs with fixed shapes, for one runtime."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from mobilevos.errors import InputError, MobileVOSError, OutputError, RuntimeUnavailable
from mobilevos.export.in_one_go import in_one_go
from mobilevos.export.targets import TARGETS
from mobilevos.export.targets.base import Samples
from mobilevos.runtimes.fixed.manifest import Manifest, Signature, View
from mobilevos.runtimes.fixed.silence import silence
from mobilevos.weights.store import DESCRIPTION

if TYPE_CHECKING:
    from mobilevos.export.steps import Step
    from mobilevos.models.network import Network


def export_fixed(
    network: "Network",
    folder: Path,
    *,
    target: str,
    view: View,
    precision: str = "fp32",
    name: str = "model",
    calibrate: Path | None = None,
) -> Manifest:
    """Write a graph for each of the network's steps, all shapes fixed, ``model.json`` and ``network.json``.

    Args:
        network: a student.
        folder: is made if need be; files in it are replaced when all are complete.
        target: one of `mobilevos.export.targets.TARGETS`.
        view: size of a frame, and number of objects.
        precision: fp32, fp16 or int8.
        name: of the network, for ``model.json``.
        calibrate: clips for int8, see `mobilevos.export.calibration.record`.

    Raises:
        InputError: the network is a teacher, or the target cannot do that.
        RuntimeUnavailable: the converter is not installed.
        OutputError: the conversion failed, or the folder cannot be written.
    """
    from mobilevos.export.calibration import record
    from mobilevos.export.steps import fixed_steps
    from mobilevos.models.checkpoint import describe as in_words

    chosen = TARGETS[target]
    check_precision(target, precision, chosen.precisions)
    if chosen.most_objects is not None and view.objects > chosen.most_objects:
        raise InputError(f"A graph for {target} holds {chosen.most_objects} object; run it once for each, or drop one.")
    if network.spec.family == "stcn":
        raise InputError("STCN is a teacher and runs in PyTorch alone; export one of its students.")
    missing = [package for module, package in chosen.converter.items() if not find_spec(module)]
    if missing:
        raise RuntimeUnavailable(
            f"Exporting to {target} needs {' and '.join(missing)}; add it with pip install {_extra(target)}."
        )
    steps = fixed_steps(network, view)
    manifest = describe(steps, name, target, precision, view)
    samples = record(steps, manifest, calibrate) if precision == "int8" else {step.name: () for step in steps}
    with in_one_go(folder) as part:
        for step in steps:
            _convert(target, step, part / f"{step.name}{chosen.suffix}", precision, samples[step.name])
        manifest.save(part)
        (part / DESCRIPTION).write_text(in_words(network))
    return manifest


def check_precision(target: str, precision: str, possible: Sequence[str]) -> None:
    """Refuse what a target cannot do.

    Raises:
        InputError: ``precision`` is not ``possible``.
    """
    if precision not in possible:
        raise InputError(f"{target} is exported as {' or '.join(possible)}, not {precision}; choose one of those.")


def _convert(target: str, step: "Step", path: Path, precision: str, samples: Samples) -> None:
    try:
        with silence():
            TARGETS[target].convert(step, path, precision, samples)
    except (MobileVOSError, OSError):
        raise
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0].replace("_", "-")
        raise RuntimeUnavailable(
            f"Exporting to {target} as {precision} needs {package}; add it with pip install {_extra(target)}."
        ) from error
    except Exception as error:  # converters fail in ways of their own
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise OutputError(
            f"The converter of {target} failed at {step.name} ({type(error).__name__}): {reason}"
        ) from error


def _extra(target: str) -> str:
    """What pip installs for a target."""
    return f"'mobilevos[export-{target}]'"


def _signature(step: "Step") -> Signature:
    import torch

    with torch.no_grad():
        outputs = step.module(*step.inputs.values())
    shapes = outputs if isinstance(outputs, tuple) else (outputs,)
    return Signature(
        {name: list(x.shape) for name, x in step.inputs.items()},
        {name: list(x.shape) for name, x in zip(step.outputs, shapes, strict=True)},
    )


def describe(steps: Sequence["Step"], name: str, target: str, precision: str, view: View) -> Manifest:
    """The manifest of fixed-shape steps."""
    return Manifest(name, target, precision, view, {step.name: _signature(step) for step in steps})
