"""Verbs for many videos."""

import os
import sys
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter
from cyclopts.validators import Number

from mobilevos.commands.app import File, Json, Mode, Model, Runtime, Several, Size, Strict, Target, app
from mobilevos.console import Progress, print_json, print_warning
from mobilevos.errors import InputError

if TYPE_CHECKING:
    from mobilevos.batch.status import Standing

_verb = App(name="batch")
app.command(_verb)
_Positive = Number(gt=0)


@_verb.default
def batch(
    jobs: File,
    /,
    *,
    out: Annotated[str, Parameter(name=["--out", "-o"])],
    outputs: Annotated[tuple[str, ...], Several] = ("rle",),
    loose: Annotated[bool, Parameter(negative="")] = False,
    strict: Strict = False,
    model: Model = "lite0",
    runtime: Runtime = "auto",
    mode: Mode = "best",
    size: Size = None,
    threads: Annotated[int, Parameter(validator=Number(gte=1))] = 1,
    workers: Annotated[int | None, Parameter(name="--jobs", validator=Number(gte=1))] = None,
    shard: str = "auto",
    engine: Literal["local", "ray"] = "local",
    tries: Annotated[int, Parameter(validator=Number(gte=1))] = 3,
    retry_failed: Annotated[bool, Parameter(negative="")] = False,
    verify: Annotated[bool, Parameter(negative="")] = False,
    timeout: Annotated[float | None, Parameter(validator=_Positive)] = None,
    memory: Annotated[int | None, Parameter(validator=_Positive)] = None,
    scratch: Target | None = None,
    allow_failures: Annotated[int, Parameter(validator=Number(gte=0))] = 0,
    grace: Annotated[float, Parameter(validator=Number(gte=0))] = 25,
    events: Target | None = None,
    as_json: Json = False,
) -> None:
    """Follow objects through many videos, and go on where an earlier run stopped.

    Exit code 0: every job of the shard is done. 3: through, but some failed or broke off. 130, 143: stopped by a
    signal; run it again.

    Example: mobilevos batch jobs.jsonl -o out/
    Example: mobilevos batch jobs.jsonl -o out/ --jobs 8 --outputs rle masks
    Example: mobilevos batch jobs.jsonl -o out/ --shard 3/100

    Parameters
    ----------
    jobs
        JSON lines, such as {"id": "a1", "video": "a1.mp4", "mask": "a1.png"}; see docs/batch.md.
    out
        Folder of the results.
    outputs
        What to write of each video, see `mobilevos segment`; folders of one file a frame become archives.
    loose
        Leave such folders as they are.
    threads
        CPU threads of each worker.
    workers
        Worker processes; as many as there are cores for if not given.
    shard
        I/N for one of N parts of the list; auto takes it from SLURM or Kubernetes; auto/N where only I is known.
    engine
        local for processes on this machine; ray for a Ray cluster, or a local one where there is none.
    tries
        Attempts at a video whose worker dies.
    retry_failed
        Try those again that failed or broke off.
    verify
        Look for the results of each video that is said to be done.
    timeout
        Seconds for a video.
    memory
        MB for each worker; an equal share of a container's limit if not given.
    scratch
        Folder for copies of videos from elsewhere.
    allow_failures
        Exit with 0 if no more than so many failed.
    grace
        Seconds for videos that are nearly done when the run is asked to stop.
    events
        File that gets a line of JSON for each event.
    """
    from mobilevos.batch.batch import How, Resources, run_batch
    from mobilevos.batch.fetch import FetchError
    from mobilevos.batch.options import Options
    from mobilevos.batch.report import Report
    from mobilevos.batch.run import Counts, Limits
    from mobilevos.batch.shards import shard_of
    from mobilevos.batch.stopping import Stopping

    how = How(
        shard_of(shard, os.environ),
        Limits(tries, timeout=timeout, grace=grace),
        Resources(workers, None if memory is None else memory << 20, scratch),
        retry_failed,
        verify,
        engine,
    )
    options = Options(outputs, model, runtime, threads, mode, size, strict, loose)
    with Stopping() as stopping, Report(events, quiet=as_json) as report:
        try:
            counts = run_batch(jobs, out, options, how, report, stopping=stopping)
        except FetchError as error:  # no mistake: later, it may be reached
            counts = Counts(stopped=str(error))
    print_warning(counts.stopped and f"{counts.stopped.rstrip('.')}; run it again to go on.")
    if as_json:
        print_json(counts.to_dict())
    else:
        print(
            f"{counts.done} of {counts.total} done, {counts.failed} failed, {counts.truncated} cut short; "
            f"{counts.frames} frames, {counts.to_dict()['fps']:.1f} FPS with all workers"
        )
        if counts.failed + counts.truncated:
            print(f"  why: mobilevos batch status {out}")
    sys.exit(stopping.status or counts.exit_code(allow_failures))


@_verb.command
def status(
    out: str,
    /,
    *,
    jobs_file: File | None = None,
    failed: Annotated[bool, Parameter(negative="")] = False,
    as_json: Json = False,
) -> None:
    """Tell how a batch stands, also while it runs.

    Example: mobilevos batch status out/
    Example: mobilevos batch status out/ --failed > again.jsonl

    Parameters
    ----------
    out
        Folder of the results.
    jobs_file
        The list of jobs; if not given, the one that the first run into the folder was given.
    failed
        Print the lines of the jobs that failed or were cut short, as a list for another run.
    """
    from mobilevos.batch.batch import open_results
    from mobilevos.batch.job_list import JobList
    from mobilevos.batch.status import failed_jobs, standing

    store, path = open_results(out, jobs_file)
    jobs = None if path is None else JobList(path)
    found = standing(store, jobs)
    if failed:
        if jobs is None:
            raise InputError("The list of jobs is not where it was; give it with --jobs-file.")
        for job in failed_jobs(found, jobs):
            print(job.to_line())
    elif as_json:
        print_json(found.to_dict())
    else:
        _print_standing(found)


@_verb.command
def merge(results: str, /, *, out: Annotated[Target, Parameter(name=["--out", "-o"])], as_json: Json = False) -> None:
    """Put the last state of every job, or all masks, into one file.

    Example: mobilevos batch merge out/ -o states.jsonl.gz
    Example: mobilevos batch merge out/ -o masks.zip

    Parameters
    ----------
    results
        Folder of the results.
    out
        .jsonl or .jsonl.gz for the states, .zip for the masks (1 GB a file) too.
    """
    from mobilevos.batch.batch import open_results
    from mobilevos.batch.merge import merge as run_merge
    from mobilevos.video.protection import protect

    store, jobs = open_results(results, None)
    protect((jobs,), files=[out])
    with Progress("Merging", quiet=as_json, unit="videos/s") as progress:
        made = run_merge(store, out, progress)
    if as_json:
        print_json({"files": list(map(str, made))})
    else:
        print(*made, sep="\n")


def _print_standing(found: "Standing") -> None:
    of = "" if found.total is None else f" of {found.total}"
    number = found.counts.get
    print(f"{number('done', 0)}{of} done, {number('failed', 0)} failed, {number('truncated', 0)} cut short")
    print(f"{found.frames} frames; {found.fps:.1f} FPS, {found.videos_per_hour:.0f} videos an hour")
    if found.waiting:
        left = "" if found.hours_left is None else f", about {found.hours_left:.1f} hours"
        longest = "" if found.longest is None else f"; the longest: {found.longest[0]}, {found.longest[1]:.0f} frames"
        print(f"{found.waiting} to go{left}{longest}")
    for kind, count in sorted(found.kinds.items()):
        print(f"  {kind}: {count}")
    for reason, count in found.reasons:
        print(f"  {count} x {reason}")
