"""The command line: every verb is a few lines over the library."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, CycloptsError, Parameter
from rich.console import Console
from rich.table import Table

from mobilevos import __version__
from mobilevos.console import Progress, needs_train_extra
from mobilevos.errors import MobileVOSError
from mobilevos.training.recipe import Recipe

app = App(
    name="mobilevos",
    help="Real-time video object segmentation: a video and the mask of its first frame in, masks of every frame out.",
    version=__version__,
    help_on_error=False,
)
Model = Annotated[str, Parameter(help="Name from `mobilevos models`, or the folder of an exported model.")]
Runtime = Annotated[str, Parameter(help="auto, onnxruntime or torch.")]
Threads = Annotated[int | None, Parameter(help="CPU threads; all cores if not given.")]
Size = Annotated[int, Parameter(help="The network sees about SIZE x SIZE pixels of a frame; larger is finer, slower.")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print one JSON object, for machines.")]
Out = Annotated[Path, Parameter(name=["--out", "-o"])]
Output = Literal["masks", "overlay", "rle", "rgba"]


@app.command
def segment(
    video: str,
    /,
    *,
    mask: Annotated[Path, Parameter(name=["--mask", "-m"])],
    out: Out = Path("out"),
    outputs: Annotated[tuple[Output, ...], Parameter(consume_multiple=True, negative="")] = ("masks", "overlay"),
    snap: Annotated[bool, Parameter(negative="")] = False,
    model: Model = "lite0",
    runtime: Runtime = "auto",
    threads: Threads = None,
    size: Size = 384,
    as_json: Json = False,
) -> None:
    """Follow the objects of a first-frame mask through a video.

    Example: mobilevos segment clip.mp4 --mask first.png -o out/ --outputs masks overlay rle

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
        summary = run(video, mask, out, tracker=tracker, outputs=outputs, snap=snap, progress=progress)
    if as_json:
        _print_json({**summary.to_dict(), "states": _states(tracker)})
    else:
        objects = f"{len(summary.objects)} object" + "s" * (len(summary.objects) != 1)
        print(f"{summary.frames} frames, {objects}, {summary.fps:.1f} FPS with decoding and writing")
        for name, path in summary.outputs.items():
            print(f"  {name}: {path}")


@app.command
def demo(
    *, out: Annotated[Path, Parameter(name=["--out", "-o"])] = Path("mobilevos-demo"), as_json: Json = False
) -> None:
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
        _print_json({**summary.to_dict(), "J": score.J, "F": score.F, "JF": score.JF})
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
        report = evaluate_folders(predictions, root)
    else:
        sequences = find_sequences(root, split)
        loaded = load_runtime(model, runtime, threads)
        with Progress("Evaluating", quiet=as_json) as progress:
            report = run(sequences, lambda: Tracker(runtime=loaded, size=size), progress, out)
    if as_json:
        _print_json(report.to_dict())
        return
    table = Table("sequence", "J", "F", "J&F")
    for name, score in [*report.sequences.items(), ("mean", report.overall)]:
        table.add_row(name, *(f"{value:.1f}" for value in (score.J, score.F, score.JF)))
    Console().print(table)
    if report.fps is not None:
        print(f"{report.fps:.1f} FPS ({1000 / report.fps:.1f} ms a frame, tracker alone)")


@app.command
def train(
    *,
    data: Path,
    out: Out = Path("runs/train"),
    dev: Path | None = None,
    init: Path | None = None,
    workers: int = 1,
    threads: Threads = None,
    recipe: Annotated[Recipe, Parameter(name="*")] = Recipe(),  # noqa: B008 (frozen)
    as_json: Json = False,
) -> None:
    """Train a network, or go on with a run that was stopped. Needs the train extra.

    Example: mobilevos train --data data/train --dev data/dev --out runs/lite0 --steps 20000 --frames 4

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
        Processes that make clips.
    """
    with needs_train_extra("Training"):
        import torch

        from mobilevos.training.loop import train as run
    if threads is not None:
        torch.set_num_threads(threads)
    with Progress("Training", quiet=as_json, unit="steps") as progress:
        weights = run(recipe, data, out, dev=dev, init=init, workers=workers, progress=progress.figures(recipe.steps))
    if as_json:
        _print_json({"weights": str(weights)})
    else:
        print(f"Weights: {weights}")


@app.command
def preview(
    *, data: Path, out: Annotated[Path, Parameter(name=["--out", "-o"])] = Path("clips.png"), frames: int = 3
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
    with needs_train_extra("Making training clips"):
        from mobilevos.data.contact_sheet import contact_sheet
        from mobilevos.data.mix import ClipMix
    contact_sheet(ClipMix.from_folder(data, frames=frames), out)
    print(out)


@app.command
def export(weights: str = "lite0", /, *, out: Out) -> None:
    """Export a network to ONNX. Needs the train extra.

    Example: mobilevos export runs/lite0/best.safetensors -o my-model/

    Parameters
    ----------
    weights
        A .safetensors file of a training run, or the name of a model: random weights if it is not a shipped one.
    out
        Folder to write; give it as --model to the other commands.
    """
    with needs_train_extra("Export"):
        from mobilevos.export import export_onnx
        from mobilevos.models import load_weights
    export_onnx(load_weights(weights), out)
    print(out)


@app.command
def benchmark(
    *,
    frames: int = 100,
    sizes: Annotated[tuple[int, ...], Parameter(consume_multiple=True, negative="")] = (384, 480),
    runtimes: Annotated[tuple[str, ...], Parameter(consume_multiple=True, negative="")] = ("onnxruntime", "torch"),
    model: Model = "lite0",
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Time frames and watch memory; the contestants take turns frame by frame, so that noise hits all alike.

    Example: mobilevos benchmark --frames 3000 --sizes 384 --runtimes onnxruntime

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
        _print_json({"machine": describe_machine(), "rows": [row.to_dict() for row in rows]})
        return
    table = Table("contestant", "median ms", "p90 ms", "FPS", "last third / first third", "memory MB", "growth MB")
    for row in rows:
        numbers = (row.median_ms, row.p90_ms, 1000 / row.median_ms)
        table.add_row(
            row.name,
            *(f"{n:.1f}" for n in numbers),
            f"{row.slowdown:.3f}",
            f"{row.peak_mb:.0f}",
            f"{row.growth_mb:.1f}",
        )
    Console().print(table)
    print(describe_machine())


@app.command
def models(*, as_json: Json = False) -> None:
    """List the models inside the package with their cards.

    Example: mobilevos models --json
    """
    from mobilevos.runtimes.registry import model_card, shipped_models

    cards = [model_card(name) for name in shipped_models()]
    if as_json:
        _print_json({"models": cards})
        return
    table = Table("model", "parameters", "files", "J&F dev split", "J&F DAVIS-2016 val", "licence")
    for card in cards:
        scores = (card["scores"].get(name, "-") for name in ("dev", "davis2016_val"))
        row = (card["name"], f"{card['parameters_m']:.2f} M", f"{card['megabytes']:.1f} MB", *map(str, scores))
        table.add_row(*row, card["licence"])
    Console().print(table)


@app.command
def doctor(*, as_json: Json = False) -> None:
    """Check the installation: versions, runtimes, models, and a short run.

    Example: mobilevos doctor
    """
    from mobilevos.doctor import examine

    findings = examine()
    if as_json:
        _print_json(findings)
        return
    for name, value in findings.items():
        print(f"{name:12} {value}")


def _states(tracker: Any) -> dict[int, str]:
    return {i: state.state for i, state in tracker.objects.items()}


def _print_json(value: object) -> None:
    print(json.dumps(value, indent=2))


def main() -> None:
    """Run the command line; a user's mistake is one sentence on standard error and exit code 2."""
    try:
        app(exit_on_error=False, print_error=False)
    except CycloptsError as error:
        _fail(" ".join(str(error).split()))
    except MobileVOSError as error:
        _fail(str(error))
    except KeyboardInterrupt:
        print("Interrupted; what was finished is kept.", file=sys.stderr)
        sys.exit(130)


def _fail(message: str) -> None:
    print(f"mobilevos: {message}", file=sys.stderr)
    sys.exit(2)
