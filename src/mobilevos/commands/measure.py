"""Verbs that measure: evaluate, benchmark."""

from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from mobilevos.commands.app import Json, Model, Runtime, Several, Size, Threads, app
from mobilevos.console import Progress, print_json, print_table
from mobilevos.errors import InputError


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
    memory_every: Annotated[int | None, Parameter(validator=Number(gte=1))] = None,
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
    memory_every
        Keep every so-many-th frame in memory, as the paper's teacher does, and not only the first and previous one.
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
            new_tracker = partial(Tracker, runtime=loaded, size=size, memory_every=memory_every)
            report = run(sequences, new_tracker, progress, out)
    if as_json:
        print_json(report.to_dict())
        return
    scores = [*report.sequences.items(), ("mean", report.overall)]
    rows = ([name, *(f"{value:.1f}" for value in (s.J, s.F, s.JF))] for name, s in scores)
    print_table(("sequence", "J", "F", "J&F"), rows)
    if report.fps is not None:
        print(f"{report.fps:.1f} FPS ({1000 / report.fps:.1f} ms a frame, tracker alone)")


@app.command
def benchmark(
    *,
    frames: int = 100,
    sizes: Annotated[tuple[int, ...], Several] = (384, 480),
    runtimes: Annotated[tuple[str, ...], Several] = ("onnxruntime",),
    model: Model = "lite0",
    threads: Threads = None,
    peer: Annotated[tuple[str, ...], Several] = (),
    peer_frames: int = 5,
    as_json: Json = False,
) -> None:
    """Time frames and watch memory; the contestants take turns frame by frame, so that noise hits all alike.

    Example: mobilevos benchmark
    Example: mobilevos benchmark --sizes 256 384 --runtimes onnxruntime torch
    Example: mobilevos benchmark --peer stcn=clones/STCN --peer xmem=clones/XMem

    Parameters
    ----------
    frames
        Frames for each contestant.
    sizes
        Internal sizes.
    runtimes
        Runtimes.
    peer
        NAME=PATH: another system, from your clone of its authors' code, with random weights; needs the train extra.
    peer_frames
        Frames for each peer, spread over the run.
    """
    from mobilevos.benchmark import describe_machine, measure, parse_peer

    entries = [parse_peer(text) for text in peer]
    with Progress("Measuring", quiet=as_json) as progress:
        rows = measure(model, sizes, runtimes, frames, threads, progress, entries, peer_frames)
    if as_json:
        print_json({"machine": describe_machine(), "rows": [row.to_dict() for row in rows]})
        return
    print_table(
        ("contestant", "input", "ms", "p90", "FPS", "x", "M", "GMAC", "MB"),
        (
            [row.name, row.input]
            + [_short(value) for value in (row.median_ms, row.p90_ms, 1000 / row.median_ms)]
            + [_short(value) for value in (row.median_ms / rows[0].median_ms, row.params_m, row.gmacs, row.peak_mb)]
            for row in rows
        ),
    )
    slowdowns = [row.slowdown for row in rows if row.slowdown is not None]
    print("x: time against the first row; M: million parameters; MB: peak memory of the process")
    print(f"Last third of the frames against the first: {min(slowdowns):.2f} to {max(slowdowns):.2f} of the time")
    print(f"Growth of memory: {_short(rows[0].growth_mb)} MB")
    print(describe_machine())


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}" if abs(value) < 100 else f"{value:.0f}"
