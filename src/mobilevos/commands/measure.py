"""Verbs that measure: evaluate, benchmark."""

import shlex
import sys
from functools import partial
from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from mobilevos.commands.app import File, Json, Mask, Mode, Model, Out, Runtime, Several, Size, Target, Threads, app
from mobilevos.console import Progress, print_json, print_table, print_warning
from mobilevos.engine.modes import LIVE
from mobilevos.errors import InputError
from mobilevos.video.files import atomic


@app.command
def evaluate(
    root: File,
    /,
    *,
    predictions: File | None = None,
    split: str | None = None,
    out: Out | None = None,
    model: Model = "lite0",
    runtime: Runtime = "auto",
    threads: Threads = None,
    mode: Mode = "best",
    size: Size = None,
    memory_every: Annotated[int | None, Parameter(validator=Number(gte=1))] = None,
    as_json: Json = False,
) -> None:
    """Measure J, F and J&F on a data set in the DAVIS layout, or of two folders of masks.

    Each object is given where it is first annotated, and scored in the frames after that.

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
        Write the predicted masks here; those of an earlier run are removed.
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
            new_tracker = partial(Tracker, runtime=loaded, size=size, memory_every=memory_every, mode=mode)
            report = run(sequences, new_tracker, progress, out)
    for note in report.notes:
        print_warning(note)
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
    sizes: Annotated[tuple[str, ...], Several] = tuple(LIVE),
    runtimes: Annotated[tuple[str, ...], Several] = ("onnxruntime",),
    model: Annotated[tuple[str, ...], Several] = ("lite0",),
    memory: Annotated[tuple[Literal["finite", "infinite"], ...], Several] = ("finite",),
    objects: Annotated[tuple[int, ...], Several] = (1,),
    threads: Annotated[tuple[int, ...], Several] = (),
    video: Annotated[tuple[str, ...], Several] = ("sample",),
    mask: Mask | None = None,
    memory_limit: Annotated[float, Parameter(validator=Number(gt=0))] = 4096,
    time_limit: Annotated[float | None, Parameter(validator=Number(gt=0))] = None,
    peer: Annotated[tuple[str, ...], Several] = (),
    peer_frames: int = 5,
    report: Target | None = None,
    as_json: Json = False,
) -> None:
    """Time frames and watch memory of every combination; they take turns frame by frame, so that noise hits all alike.

    Example: mobilevos benchmark
    Example: mobilevos benchmark --model all --report page.html
    Example: mobilevos benchmark --objects 1 2 4 8 --threads 1 2
    Example: mobilevos benchmark --memory finite infinite --video random-500
    Example: mobilevos benchmark --video clip.mp4 --mask first.png
    Example: mobilevos benchmark --peer stcn=clones/STCN --peer xmem=clones/XMem

    Parameters
    ----------
    frames
        Frames of each video, if it has as many.
    sizes
        Modes (fast, balanced, best, finest) or internal sizes in pixels.
    runtimes
        Runtimes; "all" for those that are installed.
    model
        Names from `mobilevos models`, or folders of exported models; "all" for the shipped ones.
    memory
        finite, or infinite: keep every fifth frame.
    objects
        Numbers of objects; several are compared on the whole frame, with the same view for all.
    threads
        Numbers of CPU threads; all cores if not given.
    video
        sample (the embedded one at 480p), random-N for N frames of noise, or a file.
    mask
        Image of the objects in the file's first frame.
    memory_limit
        MB of memory at which a contestant has to leave, with an X.
    time_limit
        Seconds for one video at which a contestant has to leave, with an X.
    peer
        NAME=PATH: another system, from your clone of its authors' code, with random weights; needs the train extra.
    peer_frames
        Frames for each peer, spread over the run.
    report
        Write a page with the table and plots here.
    """
    from mobilevos.benchmark import Limits, Report, contestants, describe_machine, measure, parse_peer
    from mobilevos.benchmark.report import HEADERS
    from mobilevos.video.protection import protect

    if report:
        protect((*video, mask), files=[report])
    entries = [parse_peer(text) for text in peer]
    grid = contestants(model, sizes, runtimes, memory, objects, threads, video, beside_peers=bool(entries))
    limits = Limits(memory_limit, time_limit)
    with Progress("Measuring", quiet=as_json) as progress:
        rows = measure(grid, frames, mask, limits, entries, peer_frames, progress)
    result = Report(describe_machine(threads), rows)
    if report:
        from mobilevos.benchmark.page import page

        with atomic(report) as part:
            content = page(result, shlex.join(["mobilevos", *sys.argv[1:]]))
            part.write_text(content, encoding="utf-8", errors="backslashreplace")
    if as_json:
        print_json(result.to_dict())
        return
    print_table(HEADERS, result.table())
    print(*result.notes(), sep="\n")
    if report:
        print(f"Look at {report}")
