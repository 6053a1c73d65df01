"""The command line: every verb is a few lines over the library."""

import os
import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn

from cyclopts import App, CycloptsError, Parameter
from cyclopts.validators import Number

from mobilevos import __version__
from mobilevos.console import Progress, missing_module, print_json, print_table, usage_mistake
from mobilevos.errors import InputError, MobileVOSError, TruncatedVideo
from mobilevos.training.recipe import Recipe


def _default(value: object) -> str | None:
    """A default as it would be typed; none for what is off or absent unless asked for."""
    if value is None or value is False:
        return None
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


app = App(
    name="mobilevos",
    help="""Real-time video object segmentation: a video and the mask of its first frame in, masks of every frame out.

Example: mobilevos demo""",
    help_format="plaintext",  # keeps examples as they are typed
    version=__version__,
    default_parameter=Parameter(show_default=_default),
    suppress_keyboard_interrupt=False,  # `main` has something to say about it
)
Model = Annotated[str, Parameter(help="Name from `mobilevos models`, or the folder of an exported model.")]
Runtime = Annotated[str, Parameter(help="auto, onnxruntime or torch.")]
Threads = Annotated[int | None, Parameter(validator=Number(gte=1), help="CPU threads; all cores if not given.")]
Size = Annotated[int, Parameter(help="The network sees about SIZE x SIZE pixels of a frame; larger is finer, slower.")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print one JSON object, for machines.")]
Out = Annotated[Path, Parameter(name=["--out", "-o"])]
Several = Parameter(consume_multiple=1, negative="")
Output = Literal["masks", "overlay", "rle", "rgba"]


@app.command
def segment(
    video: str,
    /,
    *,
    mask: Annotated[Path, Parameter(name=["--mask", "-m"])],
    out: Out = Path("out"),
    outputs: Annotated[tuple[Output, ...], Several] = ("masks", "overlay"),
    snap: Annotated[bool, Parameter(negative="")] = False,
    model: Model = "lite0",
    runtime: Runtime = "auto",
    threads: Threads = None,
    size: Size = 384,
    as_json: Json = False,
) -> None:
    """Follow the objects of a first-frame mask through a video.

    Example: mobilevos segment clip.mp4 --mask first.png -o out/
    Example: mobilevos segment "frames/*.jpg" -m first.png --outputs rle rgba

    Parameters
    ----------
    video
        Video file, folder of frames, or quoted glob pattern ("frames/*.jpg").
    mask
        Image of the objects in the first frame: palette PNG (its ids are kept), binary, RGBA or flat colours.
    out
        Output folder.
    outputs
        What to write: masks (palette PNG per frame), overlay (MP4), rle (COCO JSON), rgba (cut-out PNG per frame).
    snap
        Snap the soft edges of an anti-aliased mask to its dominant colours.
    """
    from mobilevos.segment import segment as run
    from mobilevos.tracker import Tracker

    tracker = Tracker(model, runtime, threads, size)
    with Progress("Segmenting", quiet=as_json) as progress:
        try:
            summary = run(video, mask, out, tracker=tracker, outputs=outputs, snap=snap, progress=progress)
        except TruncatedVideo as error:
            raise InputError(f"{str(error).rstrip('.')}; their results are in {out}.") from error
    if as_json:
        states = {i: state.state for i, state in tracker.objects.items()}
        print_json({**summary.to_dict(), "states": states})
    else:
        objects = f"{len(summary.objects)} object" + "s" * (len(summary.objects) != 1)
        print(f"{summary.frames} frames, {objects}, {summary.fps:.1f} FPS with decoding and writing")
        for name, path in summary.outputs.items():
            print(f"  {name}: {path}")


@app.command
def demo(*, out: Out = Path("mobilevos-demo"), as_json: Json = False) -> None:
    """Run the main job on the sample inside the package and score it against the sample's true masks.

    Example: mobilevos demo -o demo/

    Parameters
    ----------
    out
        Output folder.
    """
    from mobilevos.sample.demo import run_demo

    with Progress("Segmenting the sample", quiet=as_json) as progress:
        summary, score = run_demo(out, progress)
    if as_json:
        print_json({**summary.to_dict(), "J": score.J, "F": score.F, "JF": score.JF})
    else:
        print(f"{summary.frames} frames, two fish, {summary.fps:.1f} FPS with decoding and writing")
        print(f"J&F against the sample's true masks: {score.JF:.1f}")
        print(f"Look at {summary.outputs['overlay']}")


@app.command
def evaluate(
    root: Path,
    /,
    *,
    predictions: Path | None = None,
    split: str | None = None,
    out: Annotated[Path | None, Parameter(name=["--out", "-o"])] = None,
    model: Model = "lite0",
    runtime: Runtime = "auto",
    threads: Threads = None,
    size: Size = 384,
    as_json: Json = False,
) -> None:
    """Measure J, F and J&F on a data set in the DAVIS layout, or of two folders of masks.

    Example: mobilevos evaluate DAVIS --model lite0 --json
    Example: mobilevos evaluate truth/ --predictions masks/

    Parameters
    ----------
    root
        Folder with JPEGImages/480p/CLIP and Annotations/480p/CLIP; with --predictions, the folder of true masks.
    predictions
        Score these stored masks instead of running a model.
    split
        List in ImageSets to use; "val" if not given.
    out
        Write the predicted masks here.
    """
    from mobilevos.evaluation import evaluate as run
    from mobilevos.evaluation import evaluate_folders, find_sequences
    from mobilevos.runtimes import load_runtime
    from mobilevos.tracker import Tracker

    if predictions is not None:
        if out or split:
            raise InputError("--out and --split go with a model, not with --predictions; leave them out.")
        report = evaluate_folders(predictions, root)
    else:
        sequences = find_sequences(root, split)
        loaded = load_runtime(model, runtime, threads)
        with Progress("Evaluating", quiet=as_json) as progress:
            report = run(sequences, lambda: Tracker(runtime=loaded, size=size), progress, out)
    if as_json:
        print_json(report.to_dict())
        return
    scores = [*report.sequences.items(), ("mean", report.overall)]
    rows = ([name, *(f"{value:.1f}" for value in (s.J, s.F, s.JF))] for name, s in scores)
    print_table(("sequence", "J", "F", "J&F"), rows)
    if report.fps is not None:
        print(f"{report.fps:.1f} FPS ({1000 / report.fps:.1f} ms a frame, tracker alone)")


@app.command
def train(
    *,
    data: Path,
    out: Out = Path("runs/train"),
    dev: Path | None = None,
    init: Path | None = None,
    workers: Annotated[int, Parameter(validator=Number(gte=0))] = 1,
    threads: Threads = None,
    recipe: Annotated[Recipe, Parameter(name="*")] = Recipe(),  # noqa: B008 (frozen)
    as_json: Json = False,
) -> None:
    """Train a network, or go on with a run that was stopped. Needs the train extra.

    Example: mobilevos train --data data/train --dev data/dev -o runs/lite0

    Parameters
    ----------
    data
        Folder with sets of stills (images/, masks/) and clips (JPEGImages/, Annotations/), at most two levels below.
    out
        Folder of the run; give the same one again to resume.
    dev
        DAVIS-layout folder to evaluate on at intervals.
    init
        Weights to start from (.safetensors) instead of ImageNet ones.
    workers
        Processes that make clips; 0 makes them in the training process.
    """
    import torch

    from mobilevos.training.loop import train as run

    if threads is not None:
        torch.set_num_threads(threads)
    with Progress("Training", quiet=as_json, unit="steps") as progress:
        weights = run(recipe, data, out, dev=dev, init=init, workers=workers, progress=progress.figures(recipe.steps))
    if as_json:
        print_json({"weights": str(weights)})
    else:
        print(f"Weights: {weights}")


@app.command
def preview(
    *,
    data: Path,
    out: Out = Path("clips.png"),
    frames: Annotated[int, Parameter(validator=Number(gte=1, lte=8))] = 3,
    as_json: Json = False,
) -> None:
    """Draw a contact sheet of training clips. Needs the train extra.

    Example: mobilevos preview --data data/train -o clips.png --frames 6

    Parameters
    ----------
    data
        Folder as for `mobilevos train`.
    out
        Image to write.
    frames
        Frames in a clip.
    """
    from mobilevos.data.contact_sheet import contact_sheet
    from mobilevos.data.mix import ClipMix

    contact_sheet(ClipMix.from_folder(data, frames=frames), out)
    if as_json:
        print_json({"image": str(out)})
    else:
        print(out)


@app.command
def export(weights: str = "lite0", /, *, out: Out, as_json: Json = False) -> None:
    """Export a network to ONNX. Needs the train extra.

    Example: mobilevos export runs/lite0/best.safetensors -o my-model/

    Parameters
    ----------
    weights
        A .safetensors file of a training run, or the name of a model: random weights if it is not a shipped one.
    out
        Folder to write; give it as --model to the other commands.
    """
    import onnx  # noqa: F401 (PyTorch needs it, and notices only after the work)

    from mobilevos.export import export_onnx
    from mobilevos.models import load_weights

    export_onnx(load_weights(weights), out)
    if as_json:
        print_json({"model": str(out)})
    else:
        print(out)


@app.command
def benchmark(
    *,
    frames: int = 100,
    sizes: Annotated[tuple[int, ...], Several] = (384, 480),
    runtimes: Annotated[tuple[str, ...], Several] = ("onnxruntime",),
    model: Model = "lite0",
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Time frames and watch memory; the contestants take turns frame by frame, so that noise hits all alike.

    Example: mobilevos benchmark
    Example: mobilevos benchmark --sizes 256 384 --runtimes onnxruntime torch

    Parameters
    ----------
    frames
        Frames for each contestant.
    sizes
        Internal sizes.
    runtimes
        Runtimes.
    """
    from mobilevos.benchmark import describe_machine, measure

    with Progress("Measuring", quiet=as_json) as progress:
        rows = measure(model, sizes, runtimes, frames, threads, progress)
    if as_json:
        print_json({"machine": describe_machine(), "rows": [row.to_dict() for row in rows]})
        return
    print_table(
        ("contestant", "median ms", "p90 ms", "FPS", "slowdown", "peak MB", "growth MB"),
        (
            [row.name, *(f"{n:.1f}" for n in (row.median_ms, row.p90_ms, 1000 / row.median_ms)), f"{row.slowdown:.3f}"]
            + ["-" if n is None else f"{n:.1f}" for n in (row.peak_mb, row.growth_mb)]
            for row in rows
        ),
    )
    print(describe_machine())


@app.command
def models(*, as_json: Json = False) -> None:
    """List the models inside the package with their cards.

    Example: mobilevos models --json
    """
    from mobilevos.runtimes.registry import model_card, shipped_models

    cards = [model_card(name) for name in shipped_models()]
    if as_json:
        print_json({"models": cards})
        return
    for card in cards:
        scores = "".join(f", J&F {value} on {name}" for name, value in card["scores"].items())
        print(f"{card['name']}: {card['parameters_m']:.2f} M parameters, {card['megabytes']:.1f} MB{scores}")
        print(*(f"  {card[key]}" for key in ("description", "licence") if key in card), sep="\n")


@app.command
def doctor(*, as_json: Json = False) -> None:
    """Check the installation: versions, and a short run of every model. Exit code 1 if something is wrong.

    Example: mobilevos doctor
    """
    from mobilevos.doctor import examine

    findings = examine()
    if as_json:
        print_json(findings.to_dict())
    else:
        print(findings)
    if not findings.healthy:
        sys.exit(1)


def main() -> None:
    """Run the command line; a user's mistake is one sentence on standard error and exit code 2."""
    try:
        app(exit_on_error=False, print_error=False, result_action="return_value")
        sys.stdout.flush()
    except CycloptsError as error:
        _fail(usage_mistake(error))
    except MobileVOSError as error:
        _fail(str(error))
    except ModuleNotFoundError as error:
        _fail(missing_module(error))
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Python flushes once more when it exits
        if isinstance(error, BrokenPipeError):  # the reader had enough, as `head` does
            sys.exit(128 + 13)
        _fail(f"{error.filename or 'The output'} cannot be read or written: {error.strerror or error}.")
    except KeyboardInterrupt:
        print("mobilevos: interrupted; what was finished is kept.", file=sys.stderr)
        sys.exit(130)


def _fail(message: str) -> NoReturn:
    print(f"mobilevos: {message}", file=sys.stderr)
    sys.exit(2)
