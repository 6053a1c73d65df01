"""A list of jobs to results: the whole work of ``mobilevos batch``."""

import json
import os
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from threading import get_ident
from typing import Literal

from mobilevos.batch.engine import Engine
from mobilevos.batch.history import History
from mobilevos.batch.job_list import JobList
from mobilevos.batch.local import LocalEngine
from mobilevos.batch.manifest import Manifest
from mobilevos.batch.names import owned, sweep
from mobilevos.batch.on_ray import RayEngine
from mobilevos.batch.options import MakeTracker, Options, check_same, load_tracker
from mobilevos.batch.remote import RemoteStore
from mobilevos.batch.report import Report
from mobilevos.batch.run import Counts, Limits, Run
from mobilevos.batch.shards import Shard
from mobilevos.batch.stopping import Stopping
from mobilevos.batch.store import LocalStore, Store
from mobilevos.batch.work import Setup
from mobilevos.errors import InputError
from mobilevos.formats.registry import check_outputs
from mobilevos.json_text import parse_json
from mobilevos.machine.cores import usable_cores
from mobilevos.machine.memory import memory_limit
from mobilevos.video.address import is_elsewhere, local_path
from mobilevos.video.files import make_folder

_SHARE_OF_MEMORY = 0.8
_SCRATCH = "mobilevos-batch"


@dataclass(frozen=True)
class Resources:
    """What a run may use.

    Attributes:
        workers: how many; None for as many as there are cores for.
        memory: bytes for each; None for an equal share of what a container has, if it has a limit.
        scratch: folder for copies of inputs from elsewhere; None for the system's.
    """

    workers: int | None = None
    memory: int | None = None
    scratch: Path | None = None

    def count(self, threads: int) -> int:
        """Of workers of so many threads each."""
        return self.workers or max(1, allotted_cores() // threads)

    def memory_each(self, workers: int) -> int | None:
        """Bytes for one of so many workers."""
        limit = memory_limit()
        return self.memory or (None if limit is None else int(limit * _SHARE_OF_MEMORY / workers))


@dataclass(frozen=True)
class How:
    """How a run goes about it; another run into the same folder may go about it otherwise."""

    shard: Shard = field(default_factory=Shard)
    limits: Limits = field(default_factory=Limits)
    resources: Resources = field(default_factory=Resources)
    retry_failed: bool = False
    verify: bool = False
    engine: Literal["local", "ray"] = "local"

    def workers(self, threads: int) -> int:
        """How many at most, of so many threads each; a cluster knows by itself how many it has room for."""
        if self.engine == "ray":
            return self.resources.workers or sys.maxsize
        return self.resources.count(threads)


def run_batch(
    jobs: Path,
    out: str,
    options: Options,
    how: How,
    report: Report,
    *,
    stopping: Stopping | None = None,
    make_tracker: MakeTracker = load_tracker,
) -> Counts:
    """Do what is left of a list of jobs.

    Results of a job are in ``OUT/jobs/ab/ID`` once ``summary.json`` is there; ``OUT/manifest`` tells how each attempt
    ended. Whatever ends a run, the next one goes on from there.

    Args:
        jobs: file of JSON lines, see `mobilevos.batch.jobs.Job`.
        out: folder.
        stopping: entered, if signals are to end the run in order.
        make_tracker: makes the tracker of each worker, in the worker's process; a function of a module.

    Raises:
        InputError: a mistake in the list or in the options, or other options than those of the results that are there.
        ModelNotFound, RuntimeUnavailable: workers cannot start.
        OutputError: the results cannot be written, from the beginning.
        FetchError: the results are elsewhere, and cannot be reached now.
    """
    check_outputs(options.outputs)
    stopping = stopping or Stopping()
    about = options.to_dict()
    job_list = JobList(jobs, how.shard)
    store = open_store(out, how.resources.scratch)
    known = store.options()
    check_same(known, about, store.name)
    if known is None:
        store.keep_options(json.dumps({**about, "jobs": str(jobs.absolute())}, indent=2) + "\n")
    store.sweep()
    history = History(store.manifests())
    if how.retry_failed:
        history.forgive()
    run = Run(
        job_list,
        history,
        store,
        Manifest(store, how.shard),
        report,
        stopping,
        how.limits,
        verify=how.verify,
        retry=how.retry_failed,
    )
    workers = how.workers(options.threads)
    report.event(
        "start", shard=str(how.shard), workers=None if workers == sys.maxsize else workers, **run.counts.to_dict()
    )
    if not run.left:
        return run.counts
    scratch = _scratch(how.resources.scratch)
    try:
        engine = _engine(how, Setup(options, store, scratch, make_tracker), workers)
        stopping.take_over()  # Ray has a handler of its own
        try:
            return run.through(engine, workers)
        finally:
            engine.close()
    finally:
        rmtree(scratch, ignore_errors=True)
        store.sweep()


def _engine(how: How, setup: Setup, workers: int) -> Engine:
    if how.engine == "ray":
        return RayEngine(setup, how.resources.memory)
    return LocalEngine(setup, how.resources.memory_each(workers))


def allotted_cores() -> int:
    """Cores to use: those of this process, or fewer if a scheduler gave it fewer."""
    told = os.environ.get("SLURM_CPUS_PER_TASK", "")
    return min(usable_cores(), int(told)) if told.isdecimal() and int(told) else usable_cores()


def open_store(out: str, scratch: Path | None = None) -> Store:
    """Where results are kept: a folder, or a URL that fsspec knows."""
    if is_elsewhere(out):
        return RemoteStore(out, _base(scratch))
    return LocalStore(local_path(out))


def open_results(out: str, jobs: Path | None) -> tuple[Store, Path | None]:
    """The results of earlier runs, and the list of their jobs, if it is still there.

    Args:
        jobs: the list; None for the one that the results tell of.

    Raises:
        InputError: there are no such results.
    """
    store = open_store(out)
    known = store.options()
    if known is None:
        raise InputError(f"{store.name} holds no results of a batch; give the folder that batch wrote to.")
    try:
        told = Path(parse_json(known)["jobs"])
    except (ValueError, LookupError, TypeError):
        return store, jobs
    return store, jobs or (told if told.is_file() else None)


def _base(scratch: Path | None) -> Path:
    return make_folder(scratch) if scratch else Path(tempfile.gettempdir())


def _scratch(base: Path | None) -> Path:
    """A folder of this run, for copies of its workers; those of processes that are gone are removed."""
    base = _base(base)
    sweep(path for path in base.glob(f"{_SCRATCH}.*") if path.is_dir())
    return make_folder(base / owned(f"{_SCRATCH}.{get_ident()}"))
